import { describe, expect, it } from 'vitest';
import { type Bucket, take } from './rate-limit.ts';

describe('a token bucket', () => {
  it('allows a burst, then the rate, and says how long to wait', () => {
    let bucket: Bucket | undefined;
    const request = (now: number) => {
      const taken = take(bucket, now, 2, 1 / 100);
      bucket = taken.bucket;
      return taken.waitMs;
    };
    expect([request(0), request(0), request(0)]).toEqual([0, 0, 100]);
    expect(request(50)).toBe(50);
    expect(request(100)).toBe(0);
    expect(request(100)).toBe(100);
  });

  it('drains nothing on a denial, and survives a clock that goes back', () => {
    const empty: Bucket = { tokens: 0.5, at: 1000 };
    expect(take(empty, 1000, 2, 0.01).bucket.tokens).toBe(0.5);
    expect(take(empty, 0, 2, 0.01)).toEqual({ bucket: { tokens: 0.5, at: 0 }, waitMs: 50 });
  });
});
