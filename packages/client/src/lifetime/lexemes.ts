/** The words and signs of a text, with where each begins and ends. */
export interface Lexemes {
  readonly words: readonly string[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Identifiers and numbers whole, every other sign by itself; blanks and line breaks are layout, which is not counted. */
const LEXEME = /[\p{L}\p{M}\p{N}_$]+|\S/gu;
const WORD_CHAR = /[\p{L}\p{M}\p{N}_$]/u;
/** Longer than any identifier: beyond, a "word" is data, and where it begins does not matter. */
const LONGEST_WORD = 200;

/** The lexemes of `text.slice(start, end)`; their places are those in `text`. */
export function lexemesOf(text: string, start = 0, end = text.length): Lexemes {
  const words: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const match of text.slice(start, end).matchAll(LEXEME)) {
    words.push(match[0]);
    starts.push(start + match.index);
    ends.push(start + match.index + match[0].length);
  }
  return { words, starts, ends };
}

/** The end of `text` that is the beginning of a word, when the word goes on with `next`. */
export function wordBefore(text: string, next: string): string {
  if (!isWordAt(next, 0)) return '';
  let start = text.length;
  while (start > 0 && isWordAt(text, start - 1)) start -= 1;
  return text.slice(start);
}

/** The range with the words whole that it cuts at its edges; an empty range cuts none. */
export function wholeWords(text: string, { start, end }: { start: number; end: number }) {
  if (start >= end) return { start, end };
  const [first, last] = [start - LONGEST_WORD, end + LONGEST_WORD];
  while (start > Math.max(0, first) && isWordAt(text, start) && isWordAt(text, start - 1)) start -= 1;
  while (end < Math.min(text.length, last) && isWordAt(text, end - 1) && isWordAt(text, end)) end += 1;
  return { start, end };
}

function isWordAt(text: string, at: number): boolean {
  return at < text.length && WORD_CHAR.test(text[at]!);
}
