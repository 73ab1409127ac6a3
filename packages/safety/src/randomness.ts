import { containsPlaceholder } from './placeholder.ts';

/** Names and paths made of words and numbers: `refresh_token_v2`, `/oauth2/v2.0/token`, `secret-2-levels`. */
const WORDS = /^[_.:/@-]*[A-Za-z]+\d{0,5}(?:[_.:/@-]+(?:[A-Za-z]+\d{0,5}|\d{1,5}))*$/;
/** What stands for a value that is put in later, in any language. */
const STANDS_FOR_ANOTHER = /:\/\/|\$\{|\$\(|\{\{|%[sd(]|#\{|<[A-Za-z]/;

/** Letters with digits among them, no name, path, URL or interpolation, and more than a few different characters. */
export function looksRandom(value: string, minBits = 2.8): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  if (STANDS_FOR_ANOTHER.test(value) || containsPlaceholder(value)) return false;
  return !WORDS.test(value) && entropy(value) >= minBits;
}

/** Shannon entropy in bits a character. Ten different characters have 3.3; `changeme123` has 3.3, `aaaa1111bb` 1.5. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
