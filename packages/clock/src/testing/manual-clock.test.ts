import { describe, expect, it } from 'vitest';
import { createManualClock } from './manual-clock.ts';

describe('a manual clock', () => {
  it('runs timers when their time comes, in order, and at it', async () => {
    const clock = createManualClock(1_000);
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name} at ${clock.now()}`);
    clock.setTimer(note('late'), 30);
    clock.setTimer(note('early'), 10);
    clock.setTimer(note('early, too'), 10);
    clock.setTimer(note('never'), 20)();
    expect(clock.waiting).toEqual([10, 10, 30]);
    await clock.advance(29);
    expect(ran).toEqual(['early at 1010', 'early, too at 1010']);
    expect([clock.now(), clock.waiting]).toEqual([1_029, [1]]);
    await clock.advance(1);
    expect(ran.at(-1)).toBe('late at 1030');
  });

  it('lets what a timer leads to happen before the next one', async () => {
    const clock = createManualClock();
    const ran: number[] = [];
    const again = async () => {
      await Promise.resolve();
      ran.push(clock.now());
      clock.setTimer(() => void again(), 10);
    };
    void again();
    await clock.advance(35);
    expect(ran).toEqual([0, 10, 20, 30]);
  });

  it('can pass as for a machine that slept', async () => {
    const clock = createManualClock();
    const ran: number[] = [];
    const every = () => {
      ran.push(clock.now());
      clock.setTimer(every, 10);
    };
    clock.setTimer(every, 10);
    await clock.jump(1_000);
    expect(ran).toEqual([1_000]);
    expect(clock.waiting).toEqual([10]);
  });
});
