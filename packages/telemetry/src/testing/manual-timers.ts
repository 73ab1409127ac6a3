import type { Timers } from '../timers.ts';

export interface ManualTimers extends Timers {
  readonly now: () => number;
  /** Lets the time pass, running what falls due in order; promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Milliseconds until each waiting timer. */
  readonly waiting: readonly number[];
}

export function createManualTimers(startAt = 0): ManualTimers {
  let now = startAt;
  let timers: { at: number; run: () => void }[] = [];

  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers = [...timers, timer].toSorted((a, b) => a.at - b.at);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let next = timers[0]; next && next.at <= until; next = timers[0]) {
        timers = timers.slice(1);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = until;
    },
    get waiting() {
      return timers.map(({ at }) => at - now);
    },
  };
}

/** A turn of the event loop: every promise that can settle has. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
