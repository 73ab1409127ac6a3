import { hasWord, isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, endBefore, endWithin, firstFilled, holdFrom } from '../draft.ts';
import type { Place } from '../place.ts';

/**
 * The longest block of lines whose repetition is looked for. Copilot looks for periods of up to 30 tokens, some 3 lines;
 * a model that loops over a method repeats more.
 */
const LONGEST_BLOCK = 20;
/** So often a line or short block stands in a row before it is a loop: Continue cuts at three equal lines, Copilot's windows are 3 periods long. */
const COPIES = 3;
/** Of blocks with so many characters two are enough: no table repeats one. Copilot's longest window holds two periods. */
const LONG_BLOCK = 80;
/** A line that says so little is written again for good reasons: `break;`, `pass`, `0, 0,`. */
const DISTINCTIVE = 8;

/**
 * Ends the text where it begins to say the same again: equal lines or blocks of lines in a row, the ones right above the
 * cursor included, and a line that repeats itself to its end. Rows that differ in anything are none, so that tables,
 * imports, enum members and test cases stay. Lines that may be the beginning of a repetition are shown when it is clear
 * that they are not.
 */
export const repetition: Filter = {
  name: 'repetition',
  apply(draft, place) {
    return withoutRepeatedBlocks(withoutRepeatedPieces(withoutCommentAbove(draft, place)), place);
  },
};

/** A comment that asks for code is often said again before the code comes: the code is what was asked for. */
function withoutCommentAbove(draft: Draft, { isFresh, above, cursorLine, syntax }: Place): Draft {
  const comment = (isFresh ? above.at(-1) : cursorLine)?.trim() ?? '';
  const first = firstFilled(draft.lines);
  const saysAgain = first > (isFresh ? -1 : 0) && draft.lines[first]!.trim() === comment;
  const isComment = syntax.lineComment !== undefined && comment.startsWith(syntax.lineComment);
  if (!saysAgain || !isComment || !isDistinctive(comment)) return draft;
  return { ...draft, lines: draft.lines.toSpliced(first, 1) };
}

function withoutRepeatedBlocks(draft: Draft, { isFresh, above, cursorLine }: Place): Draft {
  const { lines, goesOn } = draft;
  const first = firstFilled(lines);
  if (first < 0) return draft;
  // A first line that only continues one is not comparable to whole ones.
  const continues = first === 0 && !isFresh;
  const rows = lines.flatMap((line, index) =>
    isBlank(line) || (continues && index === 0) ? [] : [{ text: line.trimEnd(), index }],
  );
  const before = continues ? [] : [...above, ...(isFresh ? [] : [cursorLine])].map((line) => line.trimEnd());
  const texts = [...before, ...rows.map(({ text }) => text)];
  // Of the first line's white space some may have been typed.
  const loose = first === 0 ? before.length : -1;
  const equal = (a: number, b: number) =>
    a === loose || b === loose ? texts[a]!.trimStart() === texts[b]!.trimStart() : texts[a] === texts[b];

  /** For each period, how many rows up to this one equal the one a period before. */
  const runs = Array.from({ length: LONGEST_BLOCK + 1 }, () => 0);
  let longest = 0;
  for (let row = before.length; row < texts.length; row++) {
    longest = 0;
    for (let period = 1; period <= Math.min(LONGEST_BLOCK, row); period++) {
      const run = equal(row, row - period) ? runs[period]! + 1 : 0;
      runs[period] = run;
      longest = Math.max(longest, run);
      if (run === 0 || run % period !== 0) continue;
      const block = texts.slice(row - period + 1, row + 1);
      if (run / period + 1 >= copiesOf(block)) return endBefore(draft, rows[row - before.length - run + 1]!.index);
    }
  }
  if (longest === 0) return draft;
  if (goesOn) return holdFrom(draft, rows[rows.length - longest]!.index);
  // All of it stands right above already, and adds nothing.
  const repeatsAbove =
    longest === rows.length &&
    rows.length <= before.length &&
    rows.every((_, i) => equal(before.length + i, before.length + i - rows.length)) &&
    rows.some(({ text }) => isDistinctive(text));
  return repeatsAbove ? endBefore(draft, 0) : draft;
}

/** How many copies of a block are too many. */
function copiesOf(block: readonly string[]): number {
  const chars = block.reduce((total, line) => total + line.trim().length, 0);
  // Without a word of its own it closes blocks, or is a row of a table of numbers.
  if (!block.some((line) => /\p{L}/u.test(line))) return Number.POSITIVE_INFINITY;
  return block.length > 1 && chars >= LONG_BLOCK ? 2 : COPIES;
}

function isDistinctive(line: string): boolean {
  return line.trim().length >= DISTINCTIVE && hasWord(line) && !/^\s*<\//.test(line);
}

/** Tabby: at least 3 characters 6 times, or 10 characters 4 times, at the end of a line. */
const PIECES = [
  { length: 10, times: 4 },
  { length: 3, times: 6 },
] as const;
/** Longer pieces than a third of this do not repeat in a line that somebody would read. */
const LINE_END = 600;

function withoutRepeatedPieces(draft: Draft): Draft {
  for (const [index, line] of draft.lines.entries()) {
    const column = repeatedFrom(line.trimEnd());
    if (column === undefined) continue;
    return index === 0 ? endWithin(draft, 0, column) : endBefore(draft, index);
  }
  return draft;
}

/**
 * Where the second copy begins of the piece that `line` repeats to its end. Knuth, Morris and Pratt's failure function of
 * the reversed line gives the shortest period of each of its ends, in linear time.
 */
function repeatedFrom(line: string): number | undefined {
  if (line.length < 18) return undefined;
  const reversed = Array.from(line.slice(-LINE_END)).toReversed();
  const failure: number[] = [0];
  let found: { readonly length: number; readonly period: number } | undefined;
  for (let i = 1, length = 0; i < reversed.length; i++) {
    while (length > 0 && reversed[i] !== reversed[length]) length = failure[length - 1]!;
    if (reversed[i] === reversed[length]) length += 1;
    failure.push(length);
    const period = i + 1 - length;
    const copies = (i + 1) / period;
    if (PIECES.some((piece) => period >= piece.length && copies >= piece.times)) found = { length: i + 1, period };
  }
  // Rules and rows of numbers repeat for good.
  if (!found || !reversed.slice(0, found.period).some((char) => /\p{L}/u.test(char))) return undefined;
  return line.length - reversed.slice(0, found.length - found.period).join('').length;
}
