import { containsPlaceholder } from './placeholder.ts';

/** Names and paths made of words and numbers: `refresh_token_v2`, `/oauth2/v2.0/token`, `secret-2-levels`. */
const WORDS = /^[_.:/@-]*[A-Za-z]+\d{0,5}(?:[_.:/@-]+(?:[A-Za-z]+\d{0,5}|\d{1,5}))*$/;
/** What stands for a value that is put in later, in any language. */
const STANDS_FOR_ANOTHER = /:\/\/|\$\{|\$\(|\{\{|%[sd(]|#\{|<[A-Za-z]/;

/** Letters with digits among them, no name, path, URL or interpolation, and more than a few different characters. */
export function looksRandom(value: string, minBits = 2.8): boolean {
  if (!hasLetterAndDigit(value) || entropy(value) < minBits) return false;
  return !STANDS_FOR_ANOTHER.test(value) && !containsPlaceholder(value) && !WORDS.test(value);
}

function hasLetterAndDigit(value: string): boolean {
  let letter = false;
  let digit = false;
  for (let at = 0; at < value.length && !(letter && digit); at++) {
    const code = value.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) digit = true;
    else if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) letter = true;
  }
  return letter && digit;
}

const ASCII = 128;
const counts = new Uint32Array(ASCII);

/** Shannon entropy in bits a character. Ten different characters have 3.3; `changeme123` has 3.3, `aaaa1111bb` 1.5. */
function entropy(value: string): number {
  counts.fill(0);
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code >= ASCII) return entropyOfAny(value);
    counts[code]! += 1;
  }
  return bitsOf(counts, value.length);
}

function entropyOfAny(value: string): number {
  const byCharacter = new Map<string, number>();
  for (const char of value) byCharacter.set(char, (byCharacter.get(char) ?? 0) + 1);
  return bitsOf(byCharacter.values(), value.length);
}

function bitsOf(frequencies: Iterable<number>, length: number): number {
  let bits = 0;
  for (const count of frequencies) if (count > 0) bits -= (count / length) * Math.log2(count / length);
  return bits;
}
