/** Runs tasks one after the other. */
export interface Lane {
  /**
   * Resolves with the task's result. Rejects with LaneFullError at once when too many wait, and with the signal's reason
   * when that fires before its turn has come, which makes room for another; a task that has begun is not interrupted.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Resolves when nothing runs or waits any more. */
  idle(): Promise<void>;
}

export class LaneFullError extends Error {
  override readonly name = 'LaneFullError';
}

export function createLane(maxWaiting: number): Lane {
  let waiting = 0;
  let tail: Promise<unknown> = Promise.resolve();

  return {
    async run(task, signal) {
      signal.throwIfAborted();
      if (waiting >= maxWaiting) throw new LaneFullError(`${maxWaiting} queries already wait`);
      waiting += 1;
      const turn = tail;
      const done = Promise.withResolvers<void>();
      tail = done.promise;
      try {
        await unlessAborted(turn, signal);
      } catch (error) {
        // Those behind it still wait for those before it.
        void turn.then(() => done.resolve());
        throw error;
      } finally {
        waiting -= 1;
      }
      try {
        return await task();
      } finally {
        done.resolve();
      }
    },
    async idle() {
      await tail;
    },
  };
}

/** When `turn` has come; rejects as soon as the signal fires before that. */
async function unlessAborted(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([turn, aborted.promise]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
