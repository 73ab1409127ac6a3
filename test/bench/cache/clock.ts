/** Time that passes when it is told to, for many who wait at once. */
export interface SimulatedClock {
  /** Milliseconds; begins well after zero. */
  now(): number;
  wait(ms: number): Promise<void>;
  /** Until nobody waits any more. */
  run(): Promise<void>;
}

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

export function createSimulatedClock(): SimulatedClock {
  /** A binary heap, the earliest first. */
  const waiting: Waiting[] = [];
  let time = 1_000_000;
  let order = 0;

  function isBefore(a: Waiting, b: Waiting): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  function add(item: Waiting): void {
    let at = waiting.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, waiting[parent]!)) break;
      waiting[at] = waiting[parent]!;
      at = parent;
    }
    waiting[at] = item;
  }

  function takeFirst(): Waiting | undefined {
    const first = waiting[0];
    const last = waiting.pop();
    if (first === undefined || last === undefined || waiting.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= waiting.length) break;
      if (child + 1 < waiting.length && isBefore(waiting[child + 1]!, waiting[child]!)) child += 1;
      if (!isBefore(waiting[child]!, last)) break;
      waiting[at] = waiting[child]!;
      at = child;
    }
    waiting[at] = last;
    return first;
  }

  return {
    now: () => time,
    wait: (ms) =>
      new Promise((wake) => {
        add({ at: time + Math.max(0, ms), order: (order += 1), wake });
      }),
    async run() {
      for (;;) {
        const next = takeFirst();
        if (!next) return;
        time = next.at;
        next.wake();
        // All that follows from it happens before the next: the engine waits for promises only.
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    },
  };
}
