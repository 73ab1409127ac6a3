import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { languageOf } from '../languages.ts';
import { describeCursor, describeLines, wantsBlock } from './describe.ts';
import type { Syntax } from './syntax.ts';
import { loadedSyntax } from './testing/grammars.ts';
import type { CursorSyntax } from './types.ts';

/**
 * Each case: `--- title: answer`, then the document, `█` where the cursor is. The answer is the one of the tree, or of the
 * lines where there is none; where lines alone say something else, `; lines: answer` follows.
 */
interface Case {
  readonly title: string;
  readonly language: string;
  readonly expected: string;
  readonly byLines: string;
  readonly text: string;
  readonly cursor: number;
}

const folder = path.join(import.meta.dirname, 'golden');
const files = readdirSync(folder).map((name) => ({ name, cases: read(path.join(folder, name)) }));
const all = files.flatMap(({ cases }) => cases);

function read(file: string): readonly Case[] {
  let language = '';
  const cases: Case[] = [];
  for (const part of readFileSync(file, 'utf8').split(/^(?=---|language )/m)) {
    if (part.startsWith('language ')) {
      language = part.slice('language '.length).trim();
      continue;
    }
    const lineEnd = part.indexOf('\n');
    const header = /^--- (.*?): ([^:;]*)(?:; lines: (.*))?$/.exec(part.slice(0, lineEnd));
    if (!header) throw new Error(`${file}: ${part.slice(0, lineEnd)}`);
    const drawn = part
      .slice(lineEnd + 1)
      .replace(/\n+$/, '\n')
      .replaceAll('␍\n', '\r\n');
    const [, title = '', expected = '', byLines = expected] = header;
    const cursor = drawn.indexOf('█');
    if (cursor < 0 || drawn.includes('█', cursor + 1)) throw new Error(`${file}: one cursor for ${title}`);
    cases.push({ title, language, expected, byLines, text: drawn.replace('█', ''), cursor });
  }
  return cases;
}

function answer({ scope, afterComment, wantsBlock }: CursorSyntax): string {
  return [scope, ...(afterComment ? ['after-comment'] : []), ...(wantsBlock ? ['block'] : [])].join(' ');
}

describe.each(files)('$name', ({ cases }) => {
  let syntax: Syntax;
  beforeAll(async () => {
    syntax = await loadedSyntax([...new Set(cases.map(({ language }) => language))]);
  });

  it.each(cases)('$title: $expected', ({ title, language, text, cursor, expected, byLines }) => {
    const tree = syntax.at({ uri: title, text, cursor, language });
    const lines = describeLines(text, cursor, language);
    expect(answer(tree ?? lines), tree ? 'by the tree' : 'by lines, as the tree does not tell').toBe(expected);
    expect(answer(lines), 'by lines alone').toBe(byLines);
  });
});

describe('the golden cases', () => {
  it('are many, in every language with a grammar of its own', () => {
    expect(all.length).toBeGreaterThan(200);
    const grammars = new Set(all.map(({ language }) => languageOf(language).grammar));
    expect(grammars.size).toBe(15);
  });

  it('get one answer from lines, wherever the cursor is, in one text or in two', () => {
    for (const { title, language, text } of all) {
      for (let cursor = 0; cursor <= text.length; cursor++) {
        const [prefix, suffix] = [text.slice(0, cursor), text.slice(cursor)];
        const whole = describeLines(text, cursor, language);
        expect(describeCursor(prefix, suffix, language), `${title} at ${cursor}`).toEqual(whole);
        expect(wantsBlock(prefix, suffix, language), `${title} at ${cursor}`).toBe(whole.wantsBlock);
      }
    }
  });

  it('are answered by trees, but for code that does not parse', async () => {
    const parsed = all.filter(({ language }) => languageOf(language).grammar !== undefined);
    const syntax = await loadedSyntax(parsed.map(({ language }) => language));
    const silent = parsed.filter(({ text, cursor, language }) => !syntax.at({ uri: text, text, cursor, language }));
    expect(silent.length / parsed.length).toBeLessThan(0.05);
  });
});
