import { describe, expect, it } from 'vitest';
import { ASKING, type CacheBreaker, beginLookup, endLookup, isResting } from './cache-breaker.ts';

/** The state after lookups of 5 ms one after the other, of which `answers` says whether they had an answer. */
function after(answers: readonly boolean[], from: CacheBreaker = ASKING): CacheBreaker {
  return answers.reduce((breaker, answered, i) => endLookup(breaker, answered, i * 5, i * 5 + 5), from);
}

const fourFailures = [false, false, false, false];

describe('the shared cache', () => {
  it('rests after five failures in a row, not after more with an answer between', () => {
    expect(isResting(after(fourFailures), 20)).toBe(false);
    expect(isResting(after([...fourFailures, false]), 25)).toBe(true);
    expect(isResting(after([...fourFailures, true, ...fourFailures]), 45)).toBe(false);
  });

  it('does not rest because many lookups were late together', () => {
    let breaker = ASKING;
    for (let i = 0; i < 50; i++) breaker = endLookup(breaker, false, i / 50, 30 + i / 50);
    expect(breaker).toEqual({ kind: 'asking', failures: 1, failedAt: 30 });
  });

  it('is tried by one lookup after a second, and by all again when that had an answer', () => {
    const resting: CacheBreaker = { kind: 'resting', since: 100 };
    expect(beginLookup(resting, 1099)).toBeUndefined();
    const trying = beginLookup(resting, 1100)!;
    expect(beginLookup(trying, 1101)).toBeUndefined();
    expect(isResting(trying, 1101)).toBe(true);
    const back = endLookup(trying, true, 1100, 1102);
    expect(beginLookup(back, 1102)).toBe(back);
    expect(isResting(back, 1102)).toBe(false);
  });

  it('rests for another second when that failed, whatever came late from before', () => {
    const again = endLookup({ kind: 'trying' }, false, 1100, 1105);
    expect(again).toEqual({ kind: 'resting', since: 1105 });
    expect(endLookup(again, false, 1099, 1110)).toBe(again);
  });
});
