import type { Snippet } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { type BudgetedText, measure } from '../tokens/token-budget.ts';
import { createContextCompression } from './context-compression.ts';

const line = (name: string) => (i: number) => `  const ${name}${i} = compute(${name}, ${i});\n`;
const code = (name: string, count: number) => Array.from({ length: count }, (_, i) => line(name)(i)).join('');
const LICENCE = '/*\n * Copyright 2026 Somebody\n * Licensed under the MIT License\n */\n';
const snippet = (path: string, text: string, score?: number): Snippet => ({
  path,
  text,
  source: 'open_file',
  ...(score !== undefined && { score }),
});

function compress(text: Partial<BudgetedText>, compression = createContextCompression()) {
  const whole = { prefix: '', suffix: '', snippets: [], ...text };
  return compression.compress(whole, measure(whole), 'typescript');
}
const paths = ({ text }: ReturnType<typeof compress>) => text.snippets.map(({ path }) => path);

describe('a context that is too long', () => {
  it('loses snippets that stand in the file already, near the cursor or far from it', () => {
    const prefix = code('a', 200);
    const suffix = code('z', 100);
    const kept = compress({
      prefix,
      suffix,
      snippets: [
        snippet('far.ts', code('a', 20)),
        snippet('after.ts', code('z', 20)),
        snippet('edited.ts', code('a', 20).replace('compute(a, 3)', 'compute(a, 4)')),
        snippet('other.ts', code('b', 20)),
      ],
    });
    expect(paths(kept)).toEqual(['other.ts']);
    expect(kept.savedChars.duplicates).toBeGreaterThan(3 * code('a', 20).length - 100);
  });

  it('keeps of two snippets that say the same the better one, and the order of the others', () => {
    const snippets = [
      snippet('low.ts', code('b', 20), 0.1),
      snippet('c.ts', code('c', 20), 0.2),
      snippet('high.ts', code('b', 25), 0.9),
      snippet('braces.ts', '{\n}\n{\n}\n', 0.1),
    ];
    expect(paths(compress({ snippets }))).toEqual(['c.ts', 'high.ts', 'braces.ts']);
  });

  it('loses licences and blank lines of the file and of snippets, each in the words of its language', () => {
    const python = `# Copyright 2026\n# All rights reserved.\n${code('p', 30)}`;
    const { text, savedChars } = compress({
      prefix: `${LICENCE}${code('a', 100)}\n\n\n\n${code('b', 100)}`,
      snippets: [snippet('s.py', python), snippet('t.ts', python)],
    });
    expect(text.prefix).not.toContain('Copyright');
    expect(text.prefix).not.toContain('\n\n\n');
    expect(text.snippets[0]!.text).toBe(code('p', 30));
    expect(savedChars.licences).toBeGreaterThan(LICENCE.length);
    expect(savedChars.blanks).toBeGreaterThan(0);
  });

  it('keeps every character near the cursor', () => {
    const near = `\n\n\n\n/*\n${' * long\n'.repeat(30)}*/\n${'x'.repeat(200)}\n\n\n\n`;
    const { text } = compress({ prefix: code('a', 200) + near, suffix: near + code('z', 200) });
    expect(text.prefix.endsWith(near)).toBe(true);
    expect(text.suffix.startsWith(near)).toBe(true);
    const small = compress({ prefix: near, suffix: near }).text;
    expect(small).toMatchObject({ prefix: near, suffix: near });
  });

  it('is the same for the same text, whoever asked before', () => {
    const text = {
      prefix: LICENCE + code('a', 300),
      suffix: code('z', 100),
      snippets: [snippet('b.ts', code('b', 30))],
    };
    const used = createContextCompression();
    for (let i = 0; i < 50; i++) compress({ prefix: code(`q${i}`, 100), suffix: code('z', 100) }, used);
    expect(compress(text, used)).toEqual(compress(text));
  });

  it('does not move while somebody types: what is left out stays so for a kilobyte', () => {
    const compression = createContextCompression();
    const base = `${LICENCE}${code('a', 60)}\n\n\n${code('b', 100)}`;
    const heads = new Set<string>();
    let last: string | undefined;
    let broken = 0;
    for (let typed = 0; typed < 2000; typed++) {
      const { prefix } = compress(
        { prefix: base + 'const typed = 1;\n'.repeat(130).slice(0, typed) },
        compression,
      ).text;
      if (last !== undefined && !prefix.startsWith(last)) broken += 1;
      last = prefix;
      heads.add(prefix.slice(0, 1000));
    }
    expect(heads.size).toBe(1);
    // The far part grows over text that has nothing to leave out, and over one run of blank lines before.
    expect(broken).toBeLessThanOrEqual(1);
  });

  it('keeps no more than its bounds of what clients send', () => {
    const compression = createContextCompression();
    for (let i = 0; i < 300; i++) {
      const whole = { prefix: code(`v${i}x`, 100), suffix: '', snippets: [] };
      expect(compression.compress(whole, measure(whole), `invented-${i}`).text.prefix).toBe(whole.prefix);
    }
  });
});
