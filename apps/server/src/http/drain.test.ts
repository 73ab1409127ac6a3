import { describe, expect, it } from 'vitest';
import { LONGEST_COMPLETION_MS, createDrain } from './drain.ts';

describe('a gateway that is told to end', () => {
  it('says so, and takes completions as long as their answers would not be cut', () => {
    let now = 0;
    const drain = createDrain(() => now);
    expect([drain.draining, drain.isTooLate()]).toEqual([false, false]);
    drain.announce();
    now += 60_000;
    expect([drain.draining, drain.isTooLate()]).toEqual([true, false]);
    drain.finish(10_000);
    now += 10_000 - LONGEST_COMPLETION_MS;
    expect(drain.isTooLate()).toBe(false);
    now += 1;
    expect([drain.draining, drain.isTooLate()]).toEqual([true, true]);
  });

  it('goes on finishing when the end is announced once more', () => {
    const drain = createDrain(() => 0);
    drain.finish(1_000);
    drain.announce();
    expect(drain.state.kind).toBe('finishing');
  });
});
