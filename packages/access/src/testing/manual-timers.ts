import type { Timers } from '../timers.ts';

export interface ManualTimers extends Timers {
  readonly now: () => number;
  /** Lets the time pass and runs what falls due, in order. What that starts is for the caller to wait for. */
  advance(ms: number): void;
  /** Milliseconds until each waiting timer. */
  readonly waiting: readonly number[];
}

export function createManualTimers(startAt = Date.UTC(2026, 10, 21)): ManualTimers {
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
    advance(ms) {
      const until = now + ms;
      for (let next = timers[0]; next && next.at <= until; next = timers[0]) {
        timers = timers.slice(1);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
    },
    get waiting() {
      return timers.map(({ at }) => at - now);
    },
  };
}
