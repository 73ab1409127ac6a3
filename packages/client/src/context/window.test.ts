import { LIMITS, utf8Length } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { windowAround } from './window.ts';

const KI = 1024;
const line = (i: number) => `line number ${i} of the file\n`;
const long = Array.from({ length: 5000 }, (_, i) => line(i)).join('');

describe('the text before the cursor', () => {
  it('is all of it in a file of ordinary size', () => {
    expect(windowAround({ text: 'abc', cursor: 2 })).toEqual({ prefix: 'ab', suffix: 'c' });
  });

  it('begins with a line, and is 16 to 24 Ki long in a large file', () => {
    for (let cursor = 30 * KI; cursor < 60 * KI; cursor += 997) {
      const { prefix } = windowAround({ text: long, cursor });
      expect(prefix).toMatch(/^line number/);
      expect(prefix.length).toBeGreaterThan(15 * KI);
      expect(prefix.length).toBeLessThanOrEqual(24 * KI);
    }
  });

  it('keeps its left edge while 8 Ki are typed, so that the server’s cache of it holds', () => {
    const edges = new Set<number>();
    for (let cursor = 40 * KI; cursor < 48 * KI; cursor++) {
      edges.add(cursor - windowAround({ text: long, cursor }).prefix.length);
    }
    expect(edges.size).toBeLessThanOrEqual(2);
  });

  it('fits the protocol in any script, with room for what redaction adds', () => {
    for (const text of ['語'.repeat(100 * KI), '🙂'.repeat(50 * KI), 'é\n'.repeat(50 * KI)]) {
      const cursor = 60 * KI;
      const { prefix, suffix } = windowAround({ text, cursor });
      expect(utf8Length(prefix)).toBeLessThanOrEqual((LIMITS.prefixBytes * 3) / 4);
      expect(utf8Length(suffix)).toBeLessThanOrEqual((LIMITS.suffixBytes * 3) / 4);
      expect(prefix.length).toBeGreaterThan(8 * KI);
      expect(suffix.length).toBeGreaterThan(2 * KI);
    }
  });
});

describe('the text after the cursor', () => {
  it('ends with a line', () => {
    const { suffix } = windowAround({ text: long, cursor: 100 });
    expect(suffix.endsWith('\n')).toBe(true);
    expect(suffix.length).toBeLessThanOrEqual(4 * KI);
    expect(suffix.length).toBeGreaterThan(3.5 * KI);
  });
});

describe('a line without an end', () => {
  it('is cut anywhere but inside a character', () => {
    for (const shift of ['', 'x']) {
      const text = shift + '🙂'.repeat(100 * KI);
      const { prefix, suffix } = windowAround({ text, cursor: 60 * KI + shift.length });
      for (const part of [prefix, suffix]) expect(part.isWellFormed()).toBe(true);
      expect(prefix.length).toBeGreaterThan(8 * KI);
    }
  });
});
