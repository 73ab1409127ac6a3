import type { DocumentChange } from '../types.ts';
import type { Answer } from './answer.ts';

/**
 * True when the text that `answer` was asked for is gone for sure: something before its cursor was changed. What is typed
 * at the cursor is judged with the whole document at hand, by the next question.
 */
export function contradicts({ uri, offset, deleted }: DocumentChange, { anchor }: Pick<Answer, 'anchor'>): boolean {
  if (uri !== anchor.uri || offset >= anchor.cursor) return false;
  const windowStart = anchor.cursor - anchor.prefix.length;
  return deleted > 0 ? offset + deleted > windowStart : offset > windowStart;
}
