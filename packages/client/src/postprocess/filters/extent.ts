import { isBlank } from '../../text/lines.ts';
import { type Filter, firstFilled } from '../draft.ts';

/** Where one line is wanted, the first that says something; what follows may be shown after its acceptance. */
export const extent: Filter = {
  name: 'one line',
  apply(draft, { extent }) {
    const { lines, goesOn } = draft;
    const first = firstFilled(lines);
    if (extent === 'block' || first < 0) return draft;
    const spans = goesOn || lines.some((line, index) => index > first && !isBlank(line));
    return { ...draft, lines: lines.slice(0, first + 1), goesOn: false, spans: draft.spans || spans };
  },
};
