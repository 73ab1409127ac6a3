import { createCodeWalk } from '../../text/code-walk.ts';
import { isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, endBefore, endWithin } from '../draft.ts';
import type { Place } from '../place.ts';

/**
 * Keeps a text within the string or comment the cursor is in: it does not end one that the document ends below, nor go
 * on below a string that ends with its line.
 */
export const enclosingText: Filter = {
  name: 'string or comment',
  apply(draft, place) {
    const { within } = place.brackets;
    if (within === 'code' || within === 'line comment') return draft;
    if (within === 'block comment' || within.length === 3) return beforeEnd(draft, place);
    return place.syntax.multilineQuotes.includes(within) ? draft : onItsLine(draft, place);
  },
};

/** The document closes the comment or string below the cursor: the text may not close it before. */
function beforeEnd(draft: Draft, place: Place): Draft {
  const { brackets, syntax, suffix, below, restOfLine } = place;
  const mark = brackets.within === 'block comment' ? (syntax.blockComment?.[1] ?? '') : brackets.within;
  if (mark === '' || restOfLine.includes(mark) || !isEndedBelow(mark)) return draft;
  const index = draft.lines.findIndex((line) => line.includes(mark));
  if (index < 0) return draft;
  const column = draft.lines[index]!.indexOf(mark);
  // A comment's last line often has nothing but a mark of its own.
  return index > 0 && /^[\s*]*$/.test(draft.lines[index]!.slice(0, column))
    ? endBefore(draft, index)
    : endWithin(draft, index, column);

  function isEndedBelow(mark: string): boolean {
    // Of equal quotes it cannot be told which are the end, unless it is the next thing there.
    if (mark !== syntax.blockComment?.[1]) return below[0]?.trimStart().startsWith(mark) === true;
    const end = suffix.indexOf(mark);
    const open = suffix.indexOf(syntax.blockComment[0]);
    return end >= 0 && (open < 0 || end < open);
  }
}

function onItsLine(draft: Draft, { syntax, brackets, cursorLine }: Place): Draft {
  const { lines, goesOn } = draft;
  // It has been left behind already.
  if (isBlank(lines[0]!)) return draft;
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  walk.feed(lines[0]!, cursorLine);
  if (walk.within() !== brackets.within || (lines.length === 1 && !goesOn)) return draft;
  // A backslash at its end continues a string.
  if (lines[0]!.endsWith('\\')) return draft;
  return endBefore(draft, 1);
}
