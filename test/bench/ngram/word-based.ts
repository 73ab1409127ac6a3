import type { Position } from './positions.ts';
import type { Proposal } from './score.ts';

/** VS Code's default word pattern (DEFAULT_WORD_REGEXP in its wordHelper.ts). */
const WORD = /(-?\d*\.\d\w*)|([^`~!@#%^&*()\-=+[{\]}\\|;:'",.<>/?\s]+)/g;

/**
 * What a user has without any assistant: VS Code's word-based suggestions, its first entry accepted. It comes up while a word
 * is typed, offers the words of the file and of open files in the same language that begin like it (upper and lower case
 * alike), and sorts those that match equally well by name.
 */
export function wordBased({ prefix, suffix, snippets }: Position): Proposal | undefined {
  const typed = /[^`~!@#%^&*()\-=+[{\]}\\|;:'",.<>/?\s]+$/.exec(prefix)?.[0];
  if (typed === undefined || /^\d/.test(typed)) return undefined;
  const lower = typed.toLowerCase();
  let best: string | undefined;
  for (const text of [prefix.slice(0, prefix.length - typed.length), suffix, ...snippets]) {
    for (const [word] of text.matchAll(WORD)) {
      if (word.length <= typed.length || !word.toLowerCase().startsWith(lower)) continue;
      if (best === undefined || isBetter(word, best, typed)) best = word;
    }
  }
  return best === undefined ? undefined : { text: best.slice(typed.length) };
}

/** Words that begin exactly as typed come first, then the alphabet decides. */
function isBetter(word: string, best: string, typed: string): boolean {
  const exact = word.startsWith(typed);
  if (exact !== best.startsWith(typed)) return exact;
  return word.toLowerCase() < best.toLowerCase();
}
