/** Runs tasks one after the other. */
export interface Lane {
  /**
   * Resolves with the task's result. Rejects with LaneFullError at once when too many wait, and with the signal's reason
   * when its turn comes and the signal has fired; a task that has begun is not interrupted.
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
        await turn;
        waiting -= 1;
        signal.throwIfAborted();
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
