import { type SetTimer, realTimer } from '../timer.ts';

/** The time that a replay, its client and its server live in. */
export interface ReplayClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** Lets time pass until `finished` resolves. */
  run(finished: Promise<void>): Promise<void>;
  dispose(): void;
}

/** The clock on the wall, for a server that lives in real time. */
export function createRealClock(): ReplayClock {
  return { now: Date.now, setTimer: realTimer, run: (finished) => finished, dispose: () => undefined };
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * Time that passes only when nothing else can happen: timers run in the order in which they are due, each after
 * everything that the one before has led to. `run` rejects when nothing is left that could end it.
 */
export function createVirtualClock(startMs = Date.UTC(2026, 0, 1)): ReplayClock {
  const timers = createQueue();
  const turn = createTurn();
  let time = startMs;
  let order = 0;

  return {
    now: () => time,
    setTimer(run, ms) {
      const timer: Timer = { at: time + Math.max(0, ms), order: order++, run, cancelled: false };
      timers.add(timer);
      return () => {
        timer.cancelled = true;
      };
    },
    async run(finished) {
      const end = { isReached: false };
      const reached = () => {
        end.isReached = true;
      };
      finished.then(reached, reached);
      await turn.settle();
      while (!end.isReached) {
        const timer = timers.take();
        if (!timer) throw new Error('nothing is left that could happen, and the replay has not ended');
        if (timer.cancelled) continue;
        time = Math.max(time, timer.at);
        timer.run();
        await turn.settle();
      }
      await finished;
    },
    dispose: turn.dispose,
  };
}

/** A macrotask comes after every promise that is ready, and after those these make ready. */
function createTurn() {
  // A message is a macrotask without the millisecond that a timer waits.
  const { port1, port2 } = new MessageChannel();
  let resolve: (() => void) | undefined;
  port1.addEventListener('message', () => resolve?.());
  port1.start();
  return {
    settle: () =>
      new Promise<void>((done) => {
        resolve = done;
        port2.postMessage(undefined);
      }),
    dispose() {
      port1.close();
      port2.close();
    },
  };
}

/** A binary heap: the timer that is due first, and of those due together the one set first. */
function createQueue() {
  const heap: Timer[] = [];
  const isSooner = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

  return {
    add(timer: Timer): void {
      let at = heap.length;
      heap.push(timer);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isSooner(timer, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = timer;
    },
    take(): Timer | undefined {
      const first = heap[0];
      const moved = heap.pop();
      if (!first || !moved || heap.length === 0) return first;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isSooner(heap[child + 1]!, heap[child]!)) child += 1;
        if (!isSooner(heap[child]!, moved)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = moved;
      return first;
    },
  };
}
