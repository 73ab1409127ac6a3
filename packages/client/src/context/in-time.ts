import type { SetTimer } from '../timer.ts';

/** What became of work that was not waited for beyond its time. */
export type InTime = 'done' | 'failed' | 'late';

/**
 * Resolves when all of `work` has ended, or after `ms`, with what each had come to by then. Rejects with the signal's
 * reason on abort; never because work failed.
 */
export async function inTime(
  work: readonly Promise<unknown>[],
  ms: number,
  setTimer: SetTimer,
  signal: AbortSignal,
): Promise<readonly InTime[]> {
  const states: InTime[] = work.map(() => 'late');
  const ended = work.map((each, index) =>
    each.then(
      () => void (states[index] = 'done'),
      () => void (states[index] = 'failed'),
    ),
  );
  signal.throwIfAborted();
  if (work.length === 0) return states;
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal.reason as Error);
  const cancelTimer = setTimer(resolve, ms);
  signal.addEventListener('abort', stop, { once: true });
  void Promise.all(ended).then(() => resolve());
  try {
    await over;
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', stop);
  }
  return [...states];
}
