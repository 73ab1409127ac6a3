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
/** Empty between two calls: of most texts a few characters only have to be taken out again. */
const counts = new Uint32Array(ASCII);
const distinct = new Uint8Array(ASCII);

/** Shannon entropy in bits a character. Ten different characters have 3.3; `changeme123` has 3.3, `aaaa1111bb` 1.5. */
function entropy(value: string): number {
  let kinds = 0;
  let others = false;
  for (let at = 0; at < value.length && !others; at++) {
    const code = value.charCodeAt(at);
    if (code >= ASCII) others = true;
    else if ((counts[code]! += 1) === 1) distinct[kinds++] = code;
  }
  let bits = 0;
  for (let at = 0; at < kinds; at++) {
    const code = distinct[at]!;
    bits += bitsOf(counts[code]!, value.length);
    counts[code] = 0;
  }
  return others ? entropyOfAny(value) : bits;
}

function entropyOfAny(value: string): number {
  const byCharacter = new Map<string, number>();
  for (const char of value) byCharacter.set(char, (byCharacter.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of byCharacter.values()) bits += bitsOf(count, value.length);
  return bits;
}

/** What one character that stands `count` times among `length` adds. */
function bitsOf(count: number, length: number): number {
  return -(count / length) * Math.log2(count / length);
}
