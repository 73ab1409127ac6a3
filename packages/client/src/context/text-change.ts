import { diffLines } from './line-diff.ts';

/** Compared at once, natively; only the piece in which a difference lies is looked at character by character. */
const PIECE_UNITS = 4096;

/** How many code units `a` and `b` have in common at their starts. */
export function commonPrefix(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let at = 0;
  while (
    at < limit &&
    a.slice(at, Math.min(at + PIECE_UNITS, limit)) === b.slice(at, Math.min(at + PIECE_UNITS, limit))
  )
    at += PIECE_UNITS;
  at = Math.min(at, limit);
  while (at < limit && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** How many code units they have in common at their ends, `limit` at most. */
export function commonSuffix(a: string, b: string, limit = Math.min(a.length, b.length)): number {
  let count = 0;
  while (count + PIECE_UNITS <= limit && pieceBefore(a, count) === pieceBefore(b, count)) count += PIECE_UNITS;
  while (count < limit && a.charCodeAt(a.length - 1 - count) === b.charCodeAt(b.length - 1 - count)) count += 1;
  return count;
}

function pieceBefore(text: string, fromEnd: number): string {
  return text.slice(text.length - fromEnd - PIECE_UNITS, text.length - fromEnd);
}

/** Lines `[start, end)` of a text were replaced. */
export interface LineChange {
  readonly start: number;
  readonly end: number;
  /** What is there now. */
  readonly lines: readonly string[];
}

/** What of `before`, whose lines are given, is different in `after`: first to last, with lines between them that are the same. */
export function changedLines(before: string, linesBefore: readonly string[], after: string): readonly LineChange[] {
  const same = commonPrefix(before, after);
  const sameAtEnd = commonSuffix(before, after, Math.min(before.length, after.length) - same);
  const lineStart = same === 0 ? 0 : after.lastIndexOf('\n', same - 1) + 1;
  const start = countBreaks(after, 0, lineStart);
  const endBefore = lineEndFrom(before, before.length - sameAtEnd);
  const endAfter = after.length - (before.length - endBefore);
  const lines = after.slice(lineStart, endAfter).split('\n');
  const end = start + countBreaks(before, lineStart, endBefore) + 1;
  return diffLines(linesBefore.slice(start, end), lines).map((range) => ({
    start: start + range.start,
    end: start + range.end,
    lines: lines.slice(range.newStart, range.newEnd),
  }));
}

function lineEndFrom(text: string, at: number): number {
  const lineBreak = text.indexOf('\n', at);
  return lineBreak < 0 ? text.length : lineBreak;
}

function countBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
