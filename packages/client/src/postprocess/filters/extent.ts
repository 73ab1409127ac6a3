import { isBlank } from '../../text/lines.ts';
import { type Filter, firstFilled } from '../draft.ts';

/**
 * Where one line is wanted, the first that says something; what follows may be shown after its acceptance. A list that
 * begins below its bracket, with the closer on the cursor's line, is one whole: its first line would take the closer along.
 */
export const extent: Filter = {
  name: 'one line',
  apply(draft, { extent, cursorLine, closers }) {
    const { lines, goesOn } = draft;
    const first = firstFilled(lines);
    if (extent === 'block' || first < 0) return draft;
    if (first > 0 && closers !== '' && /[([{]\s*$/.test(cursorLine)) return draft;
    const spans = goesOn || lines.some((line, index) => index > first && !isBlank(line));
    return { ...draft, lines: lines.slice(0, first + 1), goesOn: false, spans: draft.spans || spans };
  },
};
