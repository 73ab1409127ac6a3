import type { SetTimer } from '../../timer.ts';

/** Time that passes only when told to, as in `createManualClock`, with a clock on the wall that somebody sets. */
export interface UnsteadyClock {
  /** What the clock on the wall shows, in ms since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  readonly steady: () => number;
  readonly setTimer: SetTimer;
  /** Sets the clock on the wall on or back; timers do not notice. */
  leap(ms: number): void;
  /** Moves time on: timers that become due run in order, each with what its promises lead to. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
  dispose(): void;
}

export function createUnsteadyClock(startMs = Date.UTC(2026, 0, 1)): UnsteadyClock {
  // A message is a macrotask without the millisecond that a timer waits.
  const { port1, port2 } = new MessageChannel();
  const timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  let time = 0;
  let offset = startMs;
  let order = 0;
  let settled: (() => void) | undefined;
  port1.addEventListener('message', () => settled?.());
  port1.start();

  function settle(): Promise<void> {
    return new Promise((resolve) => {
      settled = resolve;
      port2.postMessage(undefined);
    });
  }
  function nextDue(until: number): number | undefined {
    let next: number | undefined;
    for (const [id, { at }] of timers) if (at <= until && (next === undefined || at < timers.get(next)!.at)) next = id;
    return next;
  }

  return {
    now: () => time + offset,
    steady: () => time,
    setTimer(run, ms) {
      const id = order++;
      timers.set(id, { at: time + Math.max(0, ms), run });
      return () => timers.delete(id);
    },
    leap(ms) {
      offset += ms;
    },
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (let id = nextDue(until); id !== undefined; id = nextDue(until)) {
        const { at, run } = timers.get(id)!;
        timers.delete(id);
        time = Math.max(time, at);
        run();
        await settle();
      }
      time = until;
    },
    settle,
    get waiting() {
      return timers.size;
    },
    dispose() {
      port1.close();
      port2.close();
    },
  };
}
