import { describe, expect, it } from 'vitest';
import { randomFrom, seeded } from './index.ts';

const take = <T>(count: number, next: () => T) => Array.from({ length: count }, next);

describe('seeded numbers', () => {
  it('are those of Mulberry32, as recordings and benchmarks were made with', () => {
    expect(take(3, seeded(1))).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it('are the same for a seed, and others for another', () => {
    expect(take(20, seeded(7))).toEqual(take(20, seeded(7)));
    expect(take(20, seeded(8))).not.toEqual(take(20, seeded(7)));
  });

  it('are spread over all of their range', () => {
    const counts = new Map<number, number>();
    const random = randomFrom(42);
    for (const number of take(10_000, () => random(10))) counts.set(number, (counts.get(number) ?? 0) + 1);
    expect([...counts.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
