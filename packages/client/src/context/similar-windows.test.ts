import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { similarWindows, withoutOverlap } from './similar-windows.ts';

function number(lines: readonly (readonly number[])[]) {
  const starts = new Int32Array(lines.length + 1);
  for (const [index, line] of lines.entries()) starts[index + 1] = starts[index]! + line.length;
  return { words: Int32Array.from(lines.flat()), starts };
}

describe('similar windows', () => {
  it('score what a count of each window by itself gives', () => {
    const random = randomFrom(5);
    let scored = 0;
    for (let run = 0; run < 300; run++) {
      const lines = Array.from({ length: random(40) }, () => Array.from({ length: random(5) }, () => random(12)));
      const reference = [...new Set(Array.from({ length: random(6) }, () => random(12)))];
      const has = new Uint8Array(12);
      for (const word of reference) has[word] = 1;
      const counts = new Int32Array(12);
      const size = 1 + random(12);
      const shape = { size, step: 1 + random(size) };
      for (const { start, end, score } of similarWindows(
        number(lines),
        { has, size: reference.length },
        shape,
        counts,
      )) {
        const words = new Set(lines.slice(start, end).flat());
        const shared = reference.filter((word) => words.has(word)).length;
        expect(start % shape.step).toBe(0);
        expect(end).toBe(Math.min(start + shape.size, lines.length));
        expect(score).toBeCloseTo(shared / (words.size + reference.length - shared), 12);
        scored += 1;
      }
      expect(counts.every((count) => count === 0)).toBe(true);
    }
    expect(scored).toBeGreaterThan(300);
  });

  it('of one file are chosen without overlap, best first', () => {
    const windows = [0, 10, 20, 30].map((start) => ({ start, end: start + 15, score: start === 20 ? 0.9 : 0.1 }));
    expect(withoutOverlap(windows, 2).map(({ start }) => start)).toEqual([20, 0]);
  });
});
