import { describe, expect, it } from 'vitest';
import { latencyOf, roughly } from './latency.ts';
import { answerFrom, keystroke } from './testing/keystroke.ts';

const answered = (totalMs: number, region = 'eu-west') =>
  keystroke({ outcome: 'suggested', decidedBy: 'network', totalMs, answer: answerFrom(region) });

describe('how fast the server is', () => {
  it('is unknown before its first answer', () => {
    expect(latencyOf([])).toBeUndefined();
    expect(latencyOf([keystroke()])).toBeUndefined();
  });

  it('is the median of its answers, in the region of the latest', () => {
    const keystrokes = [answered(120, 'us-east'), answered(4000), answered(100)];
    expect(latencyOf(keystrokes)).toEqual({ region: 'us-east', typicalMs: 120 });
  });

  it('counts what an earlier request brought, as that is waited for as well', () => {
    const joined = keystroke({ outcome: 'suggested', totalMs: 80, answer: answerFrom('eu-west', 'inflight') });
    expect(latencyOf([joined])).toEqual({ region: 'eu-west', typicalMs: 80 });
  });

  it('does not count what came from a cache, the local model or not at all', () => {
    const others = [
      keystroke({ outcome: 'suggested', totalMs: 1, answer: answerFrom('eu-west', 'cache') }),
      keystroke({ outcome: 'suggested', totalMs: 2, answer: answerFrom('local', 'local') }),
      keystroke({ outcome: 'cancelled', totalMs: 3, answer: answerFrom('eu-west') }),
    ];
    expect(latencyOf([...others, answered(250)])).toEqual({ region: 'eu-west', typicalMs: 250 });
  });

  it('forgets what is long ago', () => {
    const slowOnce = [
      ...Array.from({ length: 20 }, () => answered(100)),
      ...Array.from({ length: 80 }, () => answered(9000)),
    ];
    expect(latencyOf(slowOnce)?.typicalMs).toBe(100);
  });

  it('is said roughly, so that it does not move with every answer', () => {
    expect(roughly(3)).toBe('10 ms');
    expect(roughly(117)).toBe('120 ms');
    expect(roughly(431)).toBe('450 ms');
    expect(roughly(974)).toBe('950 ms');
    expect(roughly(999)).toBe('1.0 s');
    expect(roughly(2345)).toBe('2.3 s');
  });
});
