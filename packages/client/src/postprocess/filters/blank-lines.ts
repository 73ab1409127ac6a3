import { createCodeWalk } from '../../text/code-walk.ts';
import { indentOf, isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, firstFilled } from '../draft.ts';
import { opensBlock } from '../openers.ts';
import type { Place } from '../place.ts';

/** PEP 8 and gofmt's neighbours: no style guide has more between two parts of a file. */
const MOST_IN_A_ROW = 2;

/**
 * Leaves blank lines where they part something: one before the text where the document has none, none at the beginning of
 * a block or on a line that is blank already, and no more than two in a row further down. Never within a string.
 */
export const blankLines: Filter = {
  name: 'blank lines',
  apply: (draft, place) => withoutRuns(withoutLeading(draft, place), place),
};

function withoutLeading(draft: Draft, place: Place): Draft {
  const { lines } = draft;
  const breaks = firstFilled(lines);
  if (breaks <= 0 || isInString(place.brackets.within)) return draft;
  const kept = Math.min(breaks, leadingBreaks(lines[breaks]!, place));
  if (kept === breaks && (lines[0] === '' || place.isProse)) return draft;
  return { ...draft, lines: [...Array.from({ length: kept }, () => ''), ...lines.slice(breaks)] };
}

/** How many line breaks may stand before the first line with anything on it. */
function leadingBreaks(first: string, { isFresh, isProse, cursorLine, lineAbove, syntax }: Place): number {
  if (isFresh) {
    // Whoever has indented the line wants to write there; so does who has left a blank line above.
    const isParted =
      cursorLine !== '' || lineAbove === undefined || isBlank(lineAbove) || opensBlock(lineAbove, syntax);
    return isParted ? 0 : 1;
  }
  if (!isProse && opensBlock(cursorLine, syntax)) return 1;
  return syntax.indentation && indentOf(first) === 0 ? MOST_IN_A_ROW + 1 : 2;
}

function withoutRuns(draft: Draft, { syntax, brackets, cursorLine }: Place): Draft {
  const { lines } = draft;
  let run = 0;
  let longest = 0;
  for (const line of lines) {
    run = isBlank(line) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  if (longest <= MOST_IN_A_ROW) return draft;
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  const kept: string[] = [];
  run = 0;
  for (const [index, line] of lines.entries()) {
    run = index > 0 && isBlank(line) && !isInString(walk.within()) ? run + 1 : 0;
    if (run <= MOST_IN_A_ROW) kept.push(line);
    walk.feed(line, index === 0 ? cursorLine : '');
    walk.endLine();
  }
  return { ...draft, lines: kept };
}

function isInString(within: string): boolean {
  return /^["'`]/.test(within);
}
