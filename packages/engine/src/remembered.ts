import { LRUCache } from 'lru-cache';

/** Shorter texts are done again sooner than they are found. */
const MIN_CHARS = 512;

/**
 * `change` with its results remembered, for texts that come again with every keystroke: the snippets and the suffix. V8
 * hashes a string of 10 KB in a tenth of the time that scanning it takes. Holds at most `maxChars` characters.
 */
export function remembered(change: (text: string) => string, maxChars?: number): (text: string) => string {
  return rememberedAs(
    change,
    (result, text) => (result === text ? text.length : text.length + result.length),
    maxChars,
  );
}

/** The same for results of any form, whose size `sizeOf` gives in characters, those of the text included. */
export function rememberedAs<Result extends string | object>(
  change: (text: string) => Result,
  sizeOf: (result: Result, text: string) => number,
  maxChars = 4 * 1024 * 1024,
): (text: string) => Result {
  const results = new LRUCache<string, Result>({ maxSize: maxChars, sizeCalculation: sizeOf });
  return (text) => {
    if (text.length < MIN_CHARS) return change(text);
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = change(text);
    results.set(text, result);
    return result;
  };
}
