const BEYOND_LATIN1 = /[\u0100-\uffff]/;

/**
 * A copy of `text` that holds nothing but its own characters. What a stream has put together keeps every piece of it alive,
 * and what was cut out of a longer text keeps that: in a cache both cost a multiple of what they show.
 */
export function flatCopy(text: string): string {
  const encoding = BEYOND_LATIN1.test(text) ? 'utf16le' : 'latin1';
  return Buffer.from(text, encoding).toString(encoding);
}

/** What the characters of `text` take in memory: V8 keeps one byte for each, or two as soon as one is beyond Latin-1. */
export function heapBytesOf(text: string): number {
  return BEYOND_LATIN1.test(text) ? text.length * 2 : text.length;
}
