import { randomFrom } from '@ghostline/seeded';
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import { describe, expect, it } from 'vitest';
import { redactSecrets } from './index.ts';
import { ownRules } from './own-rules.ts';
import { generatedRules } from './rules.generated.ts';
import { exampleOf } from './testing/example-of.ts';

const AROUND = [
  ['', ''],
  ['const x = "', '";\n'],
  ['curl -H "Authorization: Bearer ', '" https://example.com/\n'],
  ['KEY=', '\nNEXT=1\n'],
  ['log("a\\n', '\\n");\n'],
  ['  - ', '\r\n  - b\r\n'],
] as const;

describe.each([...generatedRules, ...ownRules].map((rule, at) => [`${rule.family} (${at})`, rule] as const))(
  'the rule for %s',
  (_name, rule) => {
    it('begins with one of its anchors, whatever it matches', () => {
      const random = randomFrom(rule.source.length);
      for (let run = 0; run < 50; run++) {
        const example = exampleOf(rule, random);
        expect(
          rule.anchors.some((anchor) => example.toLowerCase().startsWith(anchor.toLowerCase())),
          example,
        ).toBe(true);
      }
    });

    it('has its examples overwritten wherever they stand', () => {
      const random = randomFrom(rule.source.length + 1);
      let overwritten = 0;
      for (let run = 0; run < 20; run++) {
        const example = exampleOf(rule, random);
        for (const [before, after] of AROUND) {
          const text = before + example + after;
          const redaction = redactSecrets(text);
          expect(redaction.text).toHaveLength(text.length);
          expect(redaction.text.isWellFormed()).toBe(true);
          if (redaction.count > 0) overwritten += 1;
          expect(redactSecrets(redaction.text)).toEqual({ text: redaction.text, count: 0, families: [] });
        }
      }
      expect(overwritten).toBeGreaterThanOrEqual(100);
    });
  },
);

describe('the preset itself', () => {
  it('reports nothing any more in what we have redacted', async () => {
    const random = randomFrom(7);
    const texts = generatedRules.map((rule) => `a = "${exampleOf(rule, random)}"\n`);
    let before = 0;
    for (const text of texts) {
      before += await reportsOf(text);
      expect(await reportsOf(redactSecrets(text).text), text).toBe(0);
    }
    expect(before).toBeGreaterThanOrEqual(generatedRules.length - 6);
  });
});

/** How much the preset's own rules find in `content`, as secretlint runs them. */
async function reportsOf(content: string): Promise<number> {
  let reports = 0;
  const context = { createTranslator: () => () => ({}), report: () => (reports += 1) };
  for (const rule of rules) {
    if (rule.meta.id.endsWith('filter-comments')) continue;
    const scanner = rule.create(context as never, { enableIDScanRule: true } as never) as {
      file?: (source: unknown) => unknown;
    };
    await scanner.file?.({ content, filePath: '', contentType: 'text' });
  }
  return reports;
}
