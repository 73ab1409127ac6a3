import type { SetTimer } from '../index.ts';

/** Time that passes only when a test says so, and the timers that run in it. */
export interface ManualClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** Lets the time pass and runs what falls due, in order of time; promises settle before, between and after. */
  advance(ms: number): Promise<void>;
  /** Passes as for a machine that slept: timers that are due run late, and once. */
  jump(ms: number): Promise<void>;
  /** Milliseconds until each waiting timer, the next one first. */
  readonly waiting: readonly number[];
}

export function createManualClock(startsAt = 0): ManualClock {
  let now = startsAt;
  /** By time; those of the same time in the order in which they were set. */
  let timers: { readonly at: number; readonly run: () => void }[] = [];

  async function advance(ms: number): Promise<void> {
    const until = now + ms;
    await settled();
    for (let next = timers[0]; next && next.at <= until; next = timers[0]) {
      timers = timers.slice(1);
      now = Math.max(now, next.at);
      next.run();
      await settled();
    }
    now = until;
  }

  return {
    now: () => now,
    setTimer(run, ms) {
      const timer = { at: now + ms, run };
      timers = [...timers, timer].toSorted((a, b) => a.at - b.at);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance,
    async jump(ms) {
      now += ms;
      await advance(0);
    },
    get waiting() {
      return timers.map(({ at }) => at - now);
    },
  };
}

/** A turn of the event loop: every promise that can settle has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
