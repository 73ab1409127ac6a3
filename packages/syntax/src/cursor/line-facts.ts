import type { Language } from '../languages.ts';
import { indentOf } from '../layout.ts';
import { type Lexed, commentMarkerAt, indentAt, lex } from './lex.ts';
import { holdsItems, openedBefore } from './openings.ts';
import { type Text, type TextAround, firstFilledFrom, isBlankBetween, lineEndAt, lineStartAt } from './text.ts';
import type { CursorFacts, EnclosingBlock, FactsToDecide } from './types.ts';

/**
 * How much is lexed before and after the cursor. Lexing takes about 25 ns a character: 0.4 ms for what stands before it,
 * which is more than a function and less than a file, and starts at a line that is hardly within a string.
 */
const CHARS_BEFORE = 16_384;
const CHARS_AFTER = 4_096;

/** The facts as lines, brackets and quotes tell them. Offsets count in the whole text. */
export function lineFacts(around: TextAround, language: Language): CursorFacts {
  const { text, before } = around;
  const lexed = lexBefore(before, language);
  const ahead = lookAhead(around, lexed, language, lexed.open.length > 0);
  return { ...factsOf(before, lexed, ahead, language), block: blockAt(text, before.length, lexed, ahead, language) };
}

/** Those that `decide` asks for: not the block, whose end may be thousands of characters away. */
export function factsToDecide(around: TextAround, language: Language): FactsToDecide {
  const lexed = lexBefore(around.before, language);
  return factsOf(around.before, lexed, lookAhead(around, lexed, language, false), language);
}

function lexBefore(before: string, language: Language): Lexed {
  return lex(before, startOfLexing(before, before.length), before.length, language);
}

function factsOf(before: string, lexed: Lexed, { nextCode }: Ahead, language: Language): FactsToDecide {
  const { scope, codeEnd, comments, open } = lexed;
  const opened = scope === 'string' ? undefined : openedBefore(before, lexed, language);
  return { scope, codeEnd, comments, nextCode, opened, inList: holdsItems(before, open.at(-1), language) };
}

/** A line at the margin, where a file's outermost code begins, rather than any: it is seldom within anything. */
export function startOfLexing(text: string, cursor: number): number {
  if (cursor <= CHARS_BEFORE) return 0;
  const earliest = text.indexOf('\n', cursor - CHARS_BEFORE) + 1;
  if (earliest === 0 || earliest > cursor) return lineStartAt(text, cursor);
  const atMargin = text.slice(earliest, cursor - CHARS_BEFORE / 2).search(/^[A-Za-z@]/m);
  return atMargin < 0 ? earliest : earliest + atMargin;
}

interface Ahead {
  readonly nextCode: number;
  /** Where the innermost bracket that is open at the cursor is closed. */
  readonly closedAt: number | undefined;
}

/** To the next code, and to where the innermost bracket is closed if that is asked for. */
function lookAhead(
  { before, after }: TextAround,
  { scanner, open }: Lexed,
  language: Language,
  toTheCloser: boolean,
): Ahead {
  const cursor = before.length;
  const end = Math.min(after.length, CHARS_AFTER);
  const depth = open.length;
  let nextCode: number | undefined;
  let closedAt: number | undefined;
  let waitsForCloser = toTheCloser;
  /** After the marker of a comment. */
  let codeFrom = 0;
  for (let at = 0; at < end && (nextCode === undefined || waitsForCloser); at++) {
    const char = after[at]!;
    if (nextCode === undefined && at >= codeFrom && scanner.scope() === 'code' && char.trim() !== '') {
      const marker = commentAt(after, at, at === 0 ? before.at(-1) : after[at - 1], language);
      if (marker === 0) nextCode = cursor + at;
      else codeFrom = at + marker;
    }
    scanner.next(char);
    if (waitsForCloser && scanner.depth() < depth) {
      closedAt = cursor + at;
      waitsForCloser = false;
    }
    if (nextCode !== undefined) at = scanner.skip(after, at + 1, end) - 1;
  }
  nextCode ??= cursor + (end < after.length ? firstFilledFrom(after, end) : end);
  return { nextCode, closedAt };
}

/** The length of a comment's marker; one of a single character follows a blank. */
function commentAt(text: Text, at: number, previous: string | undefined, language: Language): number {
  const marker = commentMarkerAt(text, at, language);
  return marker > 1 || previous === undefined || previous.trim() === '' ? marker : 0;
}

/** What encloses the cursor: the innermost open bracket, or, where indentation counts, the lines above. */
function blockAt(
  text: Text,
  cursor: number,
  lexed: Lexed,
  ahead: Ahead,
  language: Language,
): EnclosingBlock | undefined {
  const bracket = lexed.open.at(-1);
  if (bracket !== undefined) {
    const empty = lexed.codeEnd === bracket.offset + 1 && ahead.nextCode === ahead.closedAt;
    return { indent: indentAt(text, bracket.anchor), empty, end: ahead.closedAt };
  }
  return language.indentation || language.blockClosers.length > 0 ? indentedBlockAt(text, cursor) : undefined;
}

/** How many lines are looked at in each direction. */
const MAX_LINES = 200;

/** The lines around the cursor that are indented more than the nearest line above that is indented less than them. */
export function indentedBlockAt(text: Text, cursor: number): EnclosingBlock | undefined {
  const lineStart = lineStartAt(text, cursor);
  const lineEnd = lineEndAt(text, cursor);
  const blank = isBlankBetween(text, lineStart, lineEnd);
  // On a blank line, the cursor's column says which block is meant.
  const column = blank ? indentOf(text.slice(lineStart, cursor)) : indentAt(text, lineStart);
  if (column === 0) return undefined;

  let empty = blank;
  let indent: number | undefined;
  let start = lineStart;
  for (let lines = 0; lines < MAX_LINES && start > 0; lines++) {
    const end = start - 1;
    start = lineStartAt(text, end);
    if (isBlankBetween(text, start, end)) continue;
    const found = indentAt(text, start);
    if (found < column) {
      indent = found;
      break;
    }
    empty = false;
  }
  if (indent === undefined) return undefined;

  let at = lineEnd + 1;
  for (let lines = 0; lines < MAX_LINES && at <= text.length; lines++) {
    const end = lineEndAt(text, at);
    if (!isBlankBetween(text, at, end)) {
      if (indentAt(text, at) <= indent) return { indent, empty, end: at };
      empty = false;
    }
    at = end + 1;
  }
  return { indent, empty, end: at > text.length ? text.length : undefined };
}
