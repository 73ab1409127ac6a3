import type { SetTimer } from '../timer.ts';

export interface ManualClock {
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** Moves time on: timers that become due run in order, each with what its promises lead to. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

/** Time that passes only when told to. Starts at `startMs`, milliseconds since 1970. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let time = startMs;
  let order = 0;
  const timers = new Map<number, { at: number; run: () => void }>();

  function nextDue(until: number): [number, { at: number; run: () => void }] | undefined {
    let next: [number, { at: number; run: () => void }] | undefined;
    for (const entry of timers) {
      if (entry[1].at <= until && (!next || entry[1].at < next[1].at)) next = entry;
    }
    return next;
  }

  return {
    now: () => time,
    setTimer(run, ms) {
      const id = order++;
      timers.set(id, { at: time + ms, run });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let due = nextDue(until); due; due = nextDue(until)) {
        timers.delete(due[0]);
        time = Math.max(time, due[1].at);
        due[1].run();
        await settle();
      }
      time = until;
    },
    settle,
  };
}

/** A macrotask comes after every promise that is ready, and after those these make ready. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
