import type { SetTimer } from '../timers.ts';

/** A clock that a test moves, with the timers that run on it. */
export interface ManualClock {
  now(): number;
  readonly setTimer: SetTimer;
  /** Moves on, running timers in order of time; lets promises settle between them. */
  advance(ms: number): Promise<void>;
  /** Moves on as a machine that slept does: timers that are due run late, and once. */
  jump(ms: number): Promise<void>;
}

export function createManualClock(startsAt = 0): ManualClock {
  let now = startsAt;
  let serial = 0;
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  const clock: ManualClock = {
    now: () => now,
    setTimer(run, ms) {
      const id = (serial += 1);
      timers.set(id, { at: now + ms, run });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (;;) {
        const [next] = [...timers].toSorted(([a, one], [b, other]) => one.at - other.at || a - b);
        if (!next || next[1].at > end) break;
        now = Math.max(now, next[1].at);
        timers.delete(next[0]);
        next[1].run();
        await settled();
      }
      now = end;
      await settled();
    },
    async jump(ms) {
      now += ms;
      await clock.advance(0);
    },
  };
  return clock;
}

/** A macrotask later every promise that can settle has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
