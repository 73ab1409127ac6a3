import type { DocumentChange } from '../types.ts';
import type { Answer } from './answer.ts';

/**
 * True when the text that `answer` was asked for is gone for sure: what stands before its cursor is another. What is typed
 * at the cursor is judged with the whole document at hand, by the next question.
 */
export function contradicts(
  { uri, offset, deleted, inserted }: DocumentChange,
  { anchor: { prefix, ...anchor } }: Pick<Answer, 'anchor'>,
): boolean {
  if (uri !== anchor.uri || offset >= anchor.cursor) return false;
  const windowStart = anchor.cursor - prefix.length;
  const at = offset - windowStart;
  if (deleted > 0 ? at + deleted <= 0 : at <= 0) return false;
  // An entry of IntelliSense takes the place of the word that was typed of it: the text goes on as it did.
  return at < 0 || !(inserted + prefix.slice(at + deleted)).startsWith(prefix.slice(at));
}
