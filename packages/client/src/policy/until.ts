import type { Answer } from './answer.ts';

/**
 * Resolves with the first value other than undefined that `check` gives, now or after anything that happens to one of
 * the answers. Rejects with the signal's reason on abort, and with what `check` throws.
 */
export function until<T>(
  answers: readonly Pick<Answer, 'watch'>[],
  check: () => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stops = answers.map((answer) => answer.watch(look));
    signal.addEventListener('abort', giveUp, { once: true });
    look();

    function stop(): void {
      for (const unwatch of stops) unwatch();
      signal.removeEventListener('abort', giveUp);
    }
    function look(): void {
      try {
        const value = check();
        if (value === undefined) return;
        stop();
        resolve(value);
      } catch (error) {
        stop();
        reject(error as Error);
      }
    }
    function giveUp(): void {
      stop();
      reject(signal.reason as Error);
    }
  });
}
