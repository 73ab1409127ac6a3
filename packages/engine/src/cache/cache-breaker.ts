/**
 * Failures in a row after which the shared cache is left alone. One pause of this process makes every lookup that waits
 * late at once, so only those count that began after the last one counted: five are 25 ms at the deadline of 5 ms, longer
 * than a pause, and a hundred times what Redis takes.
 */
const MAX_FAILURES = 5;

/**
 * How long it is left alone. Restarts and failovers take seconds, so asking again once a second costs one lookup its
 * deadline, and finds the cache back within a second.
 */
const REST_MS = 1000;

/** Whether the shared cache is asked; times in milliseconds. `trying`: one lookup finds out whether it is back. */
export type CacheBreaker =
  | { readonly kind: 'asking'; readonly failures: number; readonly failedAt: number }
  | { readonly kind: 'resting'; readonly since: number }
  | { readonly kind: 'trying' };

export const ASKING: CacheBreaker = { kind: 'asking', failures: 0, failedAt: Number.NEGATIVE_INFINITY };

/** The state in which a lookup may begin at `now`; undefined when it may not. */
export function beginLookup(breaker: CacheBreaker, now: number): CacheBreaker | undefined {
  if (breaker.kind === 'asking') return breaker;
  return isResting(breaker, now) ? undefined : { kind: 'trying' };
}

/** The state after a lookup that began at `began` had an answer in time, or else failed, at `now`. */
export function endLookup(breaker: CacheBreaker, answered: boolean, began: number, now: number): CacheBreaker {
  if (answered) return ASKING;
  if (breaker.kind === 'resting') return breaker;
  if (breaker.kind === 'trying') return { kind: 'resting', since: now };
  if (began < breaker.failedAt) return breaker;
  const failures = breaker.failures + 1;
  return failures < MAX_FAILURES ? { kind: 'asking', failures, failedAt: now } : { kind: 'resting', since: now };
}

/** True when the shared cache is left alone at `now`, but for the one lookup that tries it. */
export function isResting(breaker: CacheBreaker, now: number): boolean {
  return breaker.kind === 'trying' || (breaker.kind === 'resting' && now - breaker.since < REST_MS);
}
