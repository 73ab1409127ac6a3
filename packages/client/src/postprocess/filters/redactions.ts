import { containsPlaceholder } from '@ghostline/safety';
import { type Filter, endBefore } from '../draft.ts';

/** Ends the text before a line that repeats what was redacted before it was sent: a placeholder never enters a document. */
export const redactions: Filter = {
  name: 'redactions',
  apply(draft) {
    const index = draft.lines.findIndex(containsPlaceholder);
    return index < 0 ? draft : endBefore(draft, index);
  },
};
