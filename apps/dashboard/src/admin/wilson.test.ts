import { describe, expect, it } from 'vitest';
import { wilson } from './wilson.ts';

describe('the likely range of a rate', () => {
  it('is that of the textbook', () => {
    // 10 of 100: R's prop.test(10, 100, correct = FALSE) gives 0.0552 to 0.1744.
    const { low, high } = wilson(10, 100)!;
    expect(low).toBeCloseTo(0.0552, 3);
    expect(high).toBeCloseTo(0.1744, 3);
  });
  it('is wide, and within 0 and 1, for a single suggestion', () => {
    const { low, high } = wilson(1, 1)!;
    expect(low).toBeCloseTo(0.2065, 3);
    expect(high).toBe(1);
    expect(wilson(0, 1)!.low).toBe(0);
  });
  it('does not exist when nothing was shown', () => {
    expect(wilson(0, 0)).toBeUndefined();
  });
});
