import { createBracketScanner, scanBrackets } from '@ghostline/syntax';
import { isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, NO_LINES, firstLines } from '../draft.ts';
import type { Place } from '../place.ts';

/**
 * Settles how much of the rest of the cursor's line the text types again and so replaces. It ends with the first of its
 * lines that does so with all of it. Where some is left, one line at most may stand before it, and before code only what
 * leaves that as whole as it was.
 */
export const restOfLine: Filter = {
  name: 'rest of the line',
  apply(draft, place) {
    const { lines } = draft;
    const rest = place.restOfLine.trimEnd();
    if (rest === '') return withoutStanding({ ...draft, covers: 0 }, place);
    const overlap = createOverlap(rest, place.closers);
    for (const [index, line] of lines.entries()) {
      overlap.feed(line);
      if (overlap.covers() !== rest.length || isBlank(line)) continue;
      const shown = lines.slice(0, index + 1);
      return withoutStanding({ ...draft, lines: shown, goesOn: false, covers: rest.length }, place);
    }
    return withoutStanding(beforeRest(draft, place, rest), place);
  },
};

/** What may stand after a whole statement's text: closers, and the sign that ends the line. Anything else is code. */
const ONLY_CLOSES = /^[)>}\]"'`]*\s*[:{;,]?$/;

function beforeRest(draft: Draft, { closers, syntax }: Place, rest: string): Draft {
  const [first = ''] = draft.lines;
  const spans = draft.spans || draft.goesOn || draft.lines.length > 1;
  const overlap = createOverlap(rest, closers);
  overlap.feed(first);
  const covers = overlap.covers();
  const isBeforeCode = !ONLY_CLOSES.test(rest.slice(covers).trim());
  // Where brackets mean nothing they tear nothing apart.
  const tearsApart = spans || (syntax.brackets.length > 0 && endsCode(first, rest.slice(0, covers), closers));
  if (isBeforeCode && tearsApart) return { ...draft, lines: NO_LINES };
  if (!isBeforeCode && covers === 0 && isBlank(first))
    return { ...draft, lines: linesWithin(draft.lines, closers), covers };
  return { ...draft, lines: [first], covers };
}

/**
 * The next lines of a list or call that is closed on the cursor's line: `add(1,|)` goes on below, and its bracket with it.
 * Up to the line that closes more than the text opens.
 */
function linesWithin(lines: readonly string[], closers: string): readonly string[] {
  const scanner = createBracketScanner(closers);
  let within = 0;
  for (const [index, line] of lines.entries()) {
    scanner.feed(index === 0 ? line : `\n${line}`);
    const { closedOuter, unmatched } = scanner.scan();
    if (closedOuter + unmatched > 0) break;
    within = index + 1;
  }
  return firstLines(lines, within);
}

/** True when no code can follow `text` on its line: it ends a statement, or closes more than what it types again. */
function endsCode(text: string, covered: string, closers: string): boolean {
  const endsStatement = /[;{}]$/.test(text.trimEnd()) && (covered === '' || !text.endsWith(covered));
  return endsStatement || scanBrackets(text, closers).unmatched > 0;
}

/** Nothing is left to show of a text that stands after the cursor as it is. */
function withoutStanding(draft: Draft, { suffix, eol }: Place): Draft {
  const text = draft.lines.join(eol);
  return text.trim() === '' || suffix.startsWith(text) ? { ...draft, lines: NO_LINES } : draft;
}

/** Shorter agreements than this between the end of a completion and the text after the cursor are often chance. */
const OVERLAP_MIN = 4;

interface Overlap {
  /** Another line of the text. */
  feed(line: string): void;
  /** How much of `rest` the text up to here types again. */
  covers(): number;
}

/** Compares a text that grows by the line with the rest of the line after the cursor; in all in linear time. */
function createOverlap(rest: string, closers: string): Overlap {
  const failure = failureOf(rest);
  const closed = closedUpTo(rest, closers);
  const scanner = createBracketScanner(closers);
  let text = '';
  /** The longest beginning of `rest` that the text ends with. */
  let matched = 0;
  /** How much of `rest` is left when its characters are looked for in the text in their order. */
  let found = 0;

  return {
    feed(line) {
      const chunk = text === '' ? line : `\n${line}`;
      text += chunk;
      scanner.feed(chunk);
      for (let i = 0; i < chunk.length; i++) {
        const unit = chunk[i]!;
        while (matched > 0 && (matched === rest.length || rest[matched] !== unit)) matched = failure[matched - 1]!;
        if (rest[matched] === unit) matched += 1;
        if (rest[found] === unit) found += 1;
      }
    },
    covers() {
      const { closedOuter, unmatched } = scanner.scan();
      for (let length = matched; length > closedOuter; length = failure[length - 1]!) {
        if (length !== rest.length && length < OVERLAP_MIN) break;
        // `bar()` before `)` ends alike, but its bracket is its own.
        if (closedOuter + unmatched >= closed[length]!) return length;
      }
      // `);` after the cursor and `a, b);` suggested: the bracket is closed again, and what follows it is written again.
      const isWrittenAgain = closedOuter > 0 && found === rest.length && text.endsWith(rest.slice(closedOuter));
      return isWrittenAgain ? rest.length : closedOuter;
    },
  };
}

/** For each length of a beginning of `rest`, how many brackets and quotes that were open before it closes. */
function closedUpTo(rest: string, closers: string): readonly number[] {
  const scanner = createBracketScanner(closers);
  const closed = [0];
  for (let i = 0; i < rest.length; i++) {
    scanner.feed(rest[i]!);
    const { closedOuter, unmatched } = scanner.scan();
    closed.push(closedOuter + unmatched);
  }
  return closed;
}

/** For each beginning of `text` the length of the longest one that it also ends with (Knuth, Morris and Pratt). */
function failureOf(text: string): readonly number[] {
  const failure = [0];
  for (let i = 1, length = 0; i < text.length; i++) {
    while (length > 0 && text[i] !== text[length]) length = failure[length - 1]!;
    if (text[i] === text[length]) length += 1;
    failure.push(length);
  }
  return failure;
}
