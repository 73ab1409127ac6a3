import { afterEach, describe, expect, it } from 'vitest';
import { type ReplayClock, createVirtualClock } from './clock.ts';

let clock: ReplayClock;
afterEach(() => clock.dispose());

describe('virtual time', () => {
  it('passes from timer to timer, and everything that one leads to comes before the next', async () => {
    clock = createVirtualClock(0);
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const log: string[] = [];
    const say = (what: string) => log.push(`${clock.now()} ${what}`);
    clock.setTimer(() => say('third'), 20);
    clock.setTimer(() => {
      say('first');
      void (async () => {
        for (let i = 0; i < 50; i++) await Promise.resolve();
        say('after many promises');
        clock.setTimer(() => say('second'), 5);
      })();
    }, 10);
    clock.setTimer(() => finish(), 60_000);
    await clock.run(finished);
    expect(log).toEqual(['10 first', '10 after many promises', '15 second', '20 third']);
    expect(clock.now()).toBe(60_000);
  });

  it('keeps the order of timers that are due together, and forgets cancelled ones', async () => {
    clock = createVirtualClock(0);
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const order: number[] = [];
    const cancels = Array.from({ length: 50 }, (_, i) => clock.setTimer(() => order.push(i), 7));
    for (let i = 0; i < 50; i += 3) cancels[i]!();
    clock.setTimer(() => finish(), 8);
    await clock.run(finished);
    expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 3 !== 0));
  });

  it('says so when nothing is left that could happen', async () => {
    clock = createVirtualClock();
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow('nothing is left that could happen');
  });

  it('ends with what it was run for', async () => {
    clock = createVirtualClock();
    await expect(clock.run(Promise.reject(new Error('over')))).rejects.toThrow('over');
  });
});
