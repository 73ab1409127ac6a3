import { createCodeWalk } from '../../text/code-walk.ts';
import type { Filter } from '../draft.ts';

/** Where white space at the end of a line has a meaning. */
const TELLING = new Set(['markdown', 'diff', 'plaintext']);

/** Drops white space at the ends of lines; within a string it stays. */
export const whiteSpace: Filter = {
  name: 'white space',
  apply(draft, place) {
    const { lines } = draft;
    if (TELLING.has(place.language) || !lines.some((line) => /\s$/.test(line))) return draft;
    const walk = createCodeWalk({ language: place.syntax, within: place.brackets.within });
    const trimmed = lines.map((line, index) => {
      walk.feed(line, index === 0 ? place.cursorLine : '');
      // A blank may part the text from what stands after the cursor.
      const isKept = (index === 0 && place.restOfLine.trim() !== '') || isString(walk.within());
      walk.endLine();
      return isKept ? line : line.trimEnd();
    });
    return { ...draft, lines: trimmed };
  },
};

function isString(within: string): boolean {
  return /^["'`]/.test(within);
}
