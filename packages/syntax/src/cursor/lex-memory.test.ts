import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { languageOf } from '../languages.ts';
import { type LexMemory, createLexMemory } from './lex-memory.ts';
import { type Lexed, lexWith } from './lex.ts';

const NOTHING: LexMemory = { find: () => undefined, keep: () => undefined };
const LANGUAGES = ['typescript', 'python', 'ruby', 'html', 'cpp', 'sql'].map(languageOf);
/** What code is made of, with all that goes on over lines. */
const PIECES = [
  ['f(', ')', '{', '}', '[', ']', '`', '${', '"', "'", '/*', '*/', '//', '#', '"""', "'''", '\\', '/', '<p>'],
  ['\n', '\n', '\n', '\n    ', '\n\t', 'return ', 'name', ' = ', ';', ':', 'x'.repeat(60), ' // note', '-- note'],
].flat();

/** Tells after each question whether it was known. */
function counted(): { readonly memory: LexMemory; readonly known: boolean[] } {
  const memory = createLexMemory();
  const known: boolean[] = [];
  const find: LexMemory['find'] = (...asked) => {
    const found = memory.find(...asked);
    known.push(found !== undefined);
    return found;
  };
  return { memory: { ...memory, find }, known };
}

/** All that is told, and how the scanner goes on. */
function told({ scanner, ...facts }: Lexed) {
  const on = [...'*/`"}) x\n'].map((char) => [scanner.next(char), scanner.scope(), scanner.depth(), scanner.inside()]);
  return { ...facts, on };
}

describe('a memory of where lexing stood', () => {
  it('changes nothing about what is found, however a text is written', () => {
    const random = seeded(11);
    const piece = () => PIECES[Math.floor(random() * PIECES.length)]!;
    let resumed = 0;
    for (let round = 0; round < 60; round++) {
      const { memory, known } = counted();
      const language = LANGUAGES[round % LANGUAGES.length]!;
      let text = Array.from({ length: 300 }, piece).join('');
      for (let key = 0; key < 40; key++) {
        // Mostly typed at the end, sometimes somewhere before it.
        const at = random() < 0.9 ? text.length : Math.floor(random() * text.length);
        text = text.slice(0, at) + piece() + text.slice(at);
        const start = random() < 0.2 ? text.indexOf('\n') + 1 : 0;
        const end = random() < 0.8 ? text.length : Math.floor(text.length * (0.8 + 0.2 * random()));
        expect(told(lexWith(memory, text, start, end, language))).toEqual(
          told(lexWith(NOTHING, text, start, end, language)),
        );
      }
      resumed += known.filter(Boolean).length;
    }
    expect(resumed).toBeGreaterThan(1000);
  });

  it('knows the lines above after an Enter, and nothing of another text that ends alike', () => {
    const { memory, known } = counted();
    const lexAll = (text: string) => lexWith(memory, text, 0, text.length, languageOf('typescript'));
    const above = 'const a = 1;\n'.repeat(200);
    lexAll(`${above}let b`);
    lexAll(`${above}let bc`);
    lexAll(`${above}let bc;\n`);
    expect(known).toEqual([false, true, true]);
    expect(lexAll(`/*${above.slice(2)}let bc`).scope).toBe('comment');
    expect(known.at(-1)).toBe(false);
  });

  it('is bounded', () => {
    const memory = createLexMemory();
    const typescript = languageOf('typescript');
    const file = (index: number) => `${`const v${index} = 1;\n`.repeat(100)}let b`;
    for (let index = 0; index < 600; index++) lexWith(memory, file(index), 0, file(index).length, typescript);
    const knows = (index: number) => memory.find(file(index), 0, 0, file(index).length, typescript) !== undefined;
    expect([knows(0), knows(599)]).toEqual([false, true]);
  });
});
