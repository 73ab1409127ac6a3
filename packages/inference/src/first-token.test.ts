import { describe, expect, it } from 'vitest';
import { type Quickness, afterFirstToken, soonestFirstToken } from './first-token.ts';

describe('how soon a first token may come', () => {
  it('is how soon it came when the endpoint was quick', () => {
    let known: Quickness | undefined;
    for (const ms of [300, 120, 500]) known = afterFirstToken(known, ms, 0);
    expect(known?.ms).toBe(120 + (500 - 120) * 0.1);
  });

  it('follows an endpoint that has become slow, after a while', () => {
    let known: Quickness | undefined = { ms: 100, at: 0 };
    for (let times = 0; times < 50; times++) known = afterFirstToken(known, 1_000, times);
    expect(known.ms).toBeGreaterThan(990);
  });

  it('is that of the quickest endpoint, and unknown when one has not been heard of lately', () => {
    const quick = { ms: 50, at: 10_000 };
    const slow = { ms: 500, at: 10_000 };
    expect(soonestFirstToken([slow, quick], 10_000)).toBe(50);
    expect(soonestFirstToken([slow], 15_000)).toBe(500);
    expect(soonestFirstToken([slow], 15_001)).toBe(0);
    expect(soonestFirstToken([slow, undefined], 10_000)).toBe(0);
    expect(soonestFirstToken([], 0)).toBe(0);
  });
});
