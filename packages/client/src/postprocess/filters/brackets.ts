import { createCodeWalk } from '../../text/code-walk.ts';
import { isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, endBefore, endWithin, firstFilled, holdFrom } from '../draft.ts';
import { opensBlock } from '../openers.ts';
import type { Place } from '../place.ts';

/**
 * Keeps the brackets of the document in order. The text ends before it closes what is not open, or what is closed below
 * already. In a document that is balanced it ends, if it can, where it has closed all it opens: what is cut in the middle
 * of a block gives way to the whole statements before it.
 */
export const brackets: Filter = {
  name: 'brackets',
  apply: (draft, place) => (place.isProse ? draft : upToBalance(upToUnopened(draft, place), place)),
};

function upToUnopened(draft: Draft, { syntax, brackets, cursorLine }: Place): Draft {
  const allow = brackets.allowClosing();
  let cut: { readonly at: number; readonly leadsLine: boolean } | undefined;
  const walk = createCodeWalk({
    language: syntax,
    within: brackets.within,
    onUnopened({ closer, at, leadsLine }) {
      if (cut) return undefined;
      const within = allow(closer);
      if (within === false) cut = { at, leadsLine };
      return within || undefined;
    },
  });
  for (const [index, line] of draft.lines.entries()) {
    walk.feed(line, index === 0 ? cursorLine : '');
    // TypeScript does not see that the walk sets it.
    const found = cut as { readonly at: number; readonly leadsLine: boolean } | undefined;
    if (found) {
      // Closers that lead a line close one after the other, and the first of them may be wanted.
      const keepsPart = index === 0 || (found.leadsLine && !isBlank(line.slice(0, found.at)));
      return keepsPart ? endWithin(draft, index, found.at) : endBefore(draft, index);
    }
    walk.endLine();
  }
  return draft;
}

function upToBalance(draft: Draft, place: Place): Draft {
  const { lines, goesOn } = draft;
  const { brackets, restOfLine, syntax, cursorLine } = place;
  if (lines.length === 1 || syntax.brackets.length === 0 || restOfLine.trim() !== '' || !brackets.isBalanced)
    return draft;
  const first = firstFilled(lines);
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  /** How many lines are whole statements together. */
  let balanced = 0;
  let isBalanced = false;
  for (const [index, line] of lines.entries()) {
    walk.feed(line, index === 0 ? cursorLine : '');
    walk.endLine();
    isBalanced = walk.open().length === 0 && walk.within() === 'code';
    const whole = index === 0 ? cursorLine + line : line;
    // What opens a block by words is nothing without it.
    if (isBalanced && index >= first && !isBlank(line) && !opensBlock(whole, syntax)) balanced = index + 1;
  }
  if (isBalanced || balanced === 0) return draft;
  return goesOn ? holdFrom(draft, balanced) : endBefore(draft, balanced);
}
