import { describe, expect, it } from 'vitest';
import { readJson, saidToUsers, stringsIn } from './testing/l10n-strings.ts';

const said = saidToUsers();
const placeholders = (text: string) => (text.match(/\{\d+\}/g) ?? []).toSorted();

function texts(file: string): Record<string, string> {
  const read = readJson(file);
  for (const text of Object.values(read)) expect(typeof text, file).toBe('string');
  return read as Record<string, string>;
}

/** All strings in a manifest, however deep. */
function stringsWithin(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsWithin) : [];
}

describe('what is said to users', () => {
  it('is found, however it is written', () => {
    expect(stringsIn(`x = t('It\\'s {0}', a); vscode.l10n.t(\n  "two",\n); get('no'); a.t('no')`).strings).toEqual([
      "It's {0}",
      'two',
    ]);
    expect(stringsIn('t(`of ${parts}`)').unreadable).toHaveLength(1);
    expect(said.strings).toContain('Ghostline status');
  });

  it('can be translated: no call puts its words together itself', () => {
    expect(said.unreadable).toEqual([]);
  });

  it('is in the bundle, and nothing else is (pnpm l10n writes it)', () => {
    expect(Object.keys(texts('l10n/bundle.l10n.json'))).toEqual(said.strings);
  });

  it('is all said in German, with the same places to fill in', () => {
    const german = texts('l10n/bundle.l10n.de.json');
    expect(Object.keys(german).toSorted()).toEqual(said.strings);
    for (const [english, translated] of Object.entries(german)) {
      expect(translated, english).not.toBe('');
      expect(placeholders(translated), english).toEqual(placeholders(english));
      expect(translated.match(/\$\([\w~-]+\)/g), english).toEqual(english.match(/\$\([\w~-]+\)/g));
    }
  });
});

describe('what the manifest says', () => {
  const manifest = readJson('package.json');
  const english = texts('package.nls.json');

  it('is in package.nls.json, and nothing else is', () => {
    const { contributes, capabilities, description } = manifest;
    const used = stringsWithin({ contributes, capabilities, description }).flatMap(
      (text) => /^%(.+)%$/.exec(text)?.[1] ?? [],
    );
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(english).toSorted());
  });

  it('is never written in it', () => {
    const { contributes } = manifest as {
      contributes: { configuration: unknown; commands: object[]; walkthroughs: unknown };
    };
    const spoken = /^(?:title|description|markdownDescription|patternErrorMessage)$/;
    const literal = (value: unknown): string[] => {
      if (typeof value !== 'object' || value === null) return [];
      return Object.entries(value).flatMap(([key, child]) => {
        if (key === 'enumDescriptions' || (spoken.test(key) && typeof child === 'string')) {
          return stringsWithin(child).filter((text) => !/^%.+%$/.test(text));
        }
        return literal(child);
      });
    };
    expect(literal(contributes)).toEqual([]);
  });

  it('is all said in German, with the same links and settings', () => {
    const german = texts('package.nls.de.json');
    expect(Object.keys(german).toSorted()).toEqual(Object.keys(english).toSorted());
    const fixed = (text: string) =>
      (text.match(/#[\w.]+#|\(command:[^)]+\)|\(https:[^)]+\)|`[^`]+`/g) ?? []).toSorted();
    for (const [key, text] of Object.entries(german)) expect(fixed(text), key).toEqual(fixed(english[key]!));
  });
});
