import { LRUCache } from 'lru-cache';

/** Shorter texts are done again sooner than they are found. */
const MIN_CHARS = 512;

/**
 * `change` with its results remembered, for texts that come again with every keystroke: the snippets and the suffix. Holds
 * at most `maxChars` characters.
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
  const results = new LRUCache<string, { readonly text: string; readonly result: Result }>({
    maxSize: maxChars,
    sizeCalculation: ({ text, result }) => sizeOf(result, text),
  });
  return (text) => {
    if (text.length < MIN_CHARS) return change(text);
    const name = nameOf(text);
    const known = results.get(name);
    if (known?.text === text) return known.result;
    const result = change(text);
    results.set(name, { text, result });
    return result;
  };
}

const SAMPLE_CHARS = 24;

/**
 * Tells most texts apart; the texts themselves tell the others. By the whole text, V8 would hash each string that comes out of
 * a request anew: 30 µs for 16 KB, where comparing it with the one that is known takes 2.
 */
function nameOf(text: string): string {
  const middle = text.length >> 1;
  return `${text.length} ${text.slice(0, SAMPLE_CHARS)}${text.slice(middle, middle + SAMPLE_CHARS)}${text.slice(-SAMPLE_CHARS)}`;
}
