/** Runs something later; the answer cancels it. */
export interface Timers {
  after(ms: number, run: () => void): () => void;
}

/** Timers that keep no process alive: looking for news is no reason to go on. */
export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
