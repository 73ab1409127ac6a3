import type { Language } from '../languages.ts';
import { indentOf } from '../layout.ts';
import { lineEndAt } from './text.ts';

/**
 * The part of a document that is parsed, whatever its size. It takes 4 ms in TypeScript and up to 15 ms in C++, and an
 * open bracket may cost as much at a keystroke; 400 KB of TypeScript would take 100 to 200 ms at first. A function
 * that is longer than what stands before the cursor, 300 lines, is seen from its inside; that is where the cursor is.
 */
const CHARS_BEFORE = 12_288;
const CHARS_AFTER = 4_096;

/** Documents up to here are parsed whole. */
const MAX_CHARS = CHARS_BEFORE + CHARS_AFTER;

/** The window moves when the cursor is nearer to its ends than this: 30 lines, so not with every line that is typed. */
const MARGIN = 1_024;

export interface Window {
  readonly start: number;
  readonly end: number;
}

/** A window around the cursor that begins and ends with lines, and begins with code at the margin if there is some. */
export function windowAt(text: string, cursor: number, language: Language): Window {
  if (text.length <= MAX_CHARS) return { start: 0, end: text.length };
  const from = Math.max(0, Math.min(cursor - CHARS_BEFORE, text.length - MAX_CHARS));
  const to = Math.min(text.length, Math.max(cursor + CHARS_AFTER, MAX_CHARS));
  return { start: startOf(text, from, cursor, language), end: lineBreakAfter(text, to) };
}

/**
 * The window of the text as it is now that `last` has become, if it still serves: text typed in it makes it longer, and
 * text before it that changed moves it to where the characters before its start tell nothing of a line.
 */
export function windowFrom(last: Window, lastLength: number, text: string, cursor: number): Window | undefined {
  const start = last.start;
  const end = last.end + text.length - lastLength;
  if (end < start || end - start > MAX_CHARS + 2 * MARGIN) return undefined;
  if (start > 0 && (text[start - 1] !== '\n' || cursor < start + MARGIN)) return undefined;
  if (end < text.length && cursor > end - MARGIN) return undefined;
  return { start, end };
}

/** Within this many characters the line is looked for that is indented least. */
const LOOK_FOR_MARGIN = 4_096;

/** What does not begin a statement or declaration: closing brackets, and the inside of a comment. */
const NO_BEGINNING = /^\s*(?:$|[)\]}*/#])/;

/** Words that begin a declaration, and hardly a line of prose. */
const DECLARES =
  /^\s*(?:@\w|(?:export|async|public|private|protected|internal|static|abstract|final|pub|def|class|function|func|fun|fn|const|let|var|type|interface|struct|enum|impl|trait|namespace|module|mod)\b)/;

/** What a line is put behind others for that might stand in a string: more than any indentation. */
const MAY_BE_TEXT = 1_000;

/**
 * The first line of those that are indented least: the outermost declarations in sight begin there. Where strings go over
 * lines, which also stand at the margin, one that declares something.
 */
function startOf(text: string, from: number, cursor: number, language: Language): number {
  if (from === 0) return 0;
  const first = text.indexOf('\n', from - 1) + 1;
  if (first === 0 || first > cursor - MARGIN) return Math.max(0, cursor - MARGIN);
  const end = Math.min(first + LOOK_FOR_MARGIN, cursor - MARGIN);
  const textOverLines = language.tripleQuotes || language.multilineQuotes !== '';
  let best = first;
  let least = Number.POSITIVE_INFINITY;
  for (let at = first; at < end && least > 0; at = text.indexOf('\n', at) + 1 || end) {
    const line = text.slice(at, Math.min(lineEndAt(text, at), at + 100));
    if (NO_BEGINNING.test(line)) continue;
    const indent = indentOf(line) + (textOverLines && !DECLARES.test(line) ? MAY_BE_TEXT : 0);
    if (indent < least) {
      least = indent;
      best = at;
    }
  }
  return best;
}

function lineBreakAfter(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 || at - offset > MARGIN ? offset : at + 1;
}

/** Where two texts differ: `[start, oldEnd)` of the one has become `[start, newEnd)` of the other. */
export interface Difference {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** The one difference that turns `before` into `after`; `undefined` when they are equal. */
export function differenceBetween(before: string, after: string): Difference | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++;
  return { start, oldEnd: before.length - same, newEnd: after.length - same };
}

/** The row and column of an offset, as tree-sitter counts them: from 0, columns in UTF-16 code units. */
export function pointAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row += 1;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
