import { describe, expect, it } from 'vitest';
import { heapBytesOf, flatCopy } from './flat-text.ts';

describe('a flat copy', () => {
  it.each(['', 'plain', 'größe', '變數', '\u{1f600}', '\ud83d', 'a\udc00\n'])('is the same text: %j', (text) => {
    expect(flatCopy(text)).toBe(text);
  });
});

describe('bytes', () => {
  it('are one for each character, and two when one of them is beyond Latin-1', () => {
    expect(['', 'abc', 'größe', 'abc變'].map(heapBytesOf)).toEqual([0, 3, 5, 8]);
  });
});
