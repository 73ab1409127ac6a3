import { utf8Length } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { draw } from '../testing/draw.ts';
import type { OpenDocument } from '../types.ts';
import { identifiersOf, similarWindows } from './identifiers.ts';
import { createSnippetFinder } from './snippets.ts';
import { createTextRules } from './text-rules.ts';
import { windowAround } from './window.ts';

const rules = createTextRules().with([]);
const document = draw('const invoice = loadInvoice(customer);\nprint(█');

function open(path: string, text: string, language = 'typescript'): OpenDocument {
  return { uri: `file:///${path}`, path, text, language };
}
function find(documents: readonly OpenDocument[], finder = createSnippetFinder()) {
  return finder.find(document, windowAround(document), documents, rules);
}
const filler = (lines: number) => Array.from({ length: lines }, (_, i) => `unrelated${i}();`);

describe('snippets', () => {
  it('are the files that share words with the lines around the cursor, most alike first', () => {
    const snippets = find([
      open('far.ts', 'const invoice = 1; const other = 2; const more = 3;'),
      open('none.ts', 'nothing();'),
      open('near.ts', 'print(loadInvoice(customer));'),
    ]);
    expect(snippets.map(({ path, source }) => [path, source])).toEqual([
      ['near.ts', 'open_file'],
      ['far.ts', 'open_file'],
    ]);
    expect(snippets[0]!.score).toBeGreaterThan(snippets[1]!.score!);
  });

  it('put files of the same language first', () => {
    const text = 'invoice loadInvoice customer print';
    const snippets = find([open('a.md', text, 'markdown'), open('b.ts', `${text} and much else besides`)]);
    expect(snippets.map(({ path }) => path)).toEqual(['b.ts', 'a.md']);
  });

  it('are whole when the file is small, and its best sixty lines when it is large', () => {
    const small = ['const invoice = 1;', ...filler(50)].join('\n');
    const large = [...filler(200), 'loadInvoice(customer);', ...filler(200)].join('\n');
    const [first, second] = find([open('small.ts', small), open('large.ts', large)]).toSorted((a, b) =>
      a.path < b.path ? 1 : -1,
    );
    expect(first!.text).toBe(small);
    expect(second!.text.split('\n')).toHaveLength(60);
    expect(second!.text).toContain('loadInvoice(customer);');
  });

  it('are never the document itself', () => {
    expect(find([{ ...document }])).toEqual([]);
  });

  it('stay within eight and 24 KiB, also in other scripts', () => {
    const many = Array.from({ length: 20 }, (_, i) => open(`${i}.ts`, 'invoice customer'));
    expect(find(many)).toHaveLength(8);
    const wide = Array.from({ length: 8 }, (_, i) => open(`${i}.ts`, `invoice ${'語'.repeat(2500)}`));
    const snippets = find(wide);
    expect(snippets.length).toBeGreaterThan(1);
    expect(snippets.reduce((sum, { text }) => sum + utf8Length(text), 0)).toBeLessThanOrEqual(24 * 1024);
  });

  it('pass over a file too large to look through, not over those after it', () => {
    const found = find([open('huge.ts', 'invoice '.repeat(50_000)), open('b.ts', 'invoice')]);
    expect(found.map(({ path }) => path)).toEqual(['b.ts']);
  });

  it('follow a document that changes', () => {
    const finder = createSnippetFinder();
    expect(find([open('b.ts', 'nothing')], finder)).toEqual([]);
    expect(find([open('b.ts', 'invoice')], finder)).toHaveLength(1);
  });
});

describe('similar windows', () => {
  it('score what a count of each window by itself gives', () => {
    const lines = ['a1 b1', 'b1 c1', 'c1', 'a1 a1 d1', '', 'e1 b1 a1', 'a1 b1'].map(identifiersOf);
    const reference = new Set(['a1', 'b1', 'x1']);
    const jaccard = (from: number, to: number) => {
      const words = new Set(lines.slice(from, to).flat());
      const shared = [...words].filter((word) => reference.has(word)).length;
      return shared / (words.size + reference.size - shared);
    };
    for (const size of [1, 2, 3, 7, 9]) {
      for (const { start, end, score } of similarWindows(lines, reference, size, 99)) {
        expect(end - start).toBe(Math.min(size, lines.length));
        expect(score).toBeCloseTo(jaccard(start, end), 12);
      }
    }
  });

  it('do not overlap', () => {
    const lines = Array.from({ length: 10 }, () => ['a1']);
    const windows = similarWindows(lines, new Set(['a1']), 4, 3);
    expect(windows).toHaveLength(2);
  });
});
