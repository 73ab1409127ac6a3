/**
 * Failures in a row after which the store is left alone. Only those count that began after the last one counted, as one
 * pause makes everything late that waits at once: five are 25 ms at the deadline of 5 ms.
 */
const MAX_FAILURES = 5;

/** Whether the store is asked; times in ms of a clock that never goes back. While it is `away` only the heartbeat asks. */
export type StoreBreaker =
  | { readonly kind: 'here'; readonly failures: number; readonly failedAt: number }
  | { readonly kind: 'away' };

export const HERE: StoreBreaker = { kind: 'here', failures: 0, failedAt: Number.NEGATIVE_INFINITY };

/** After an exchange that began at `began` failed, or had no answer in time, at `now`. */
export function afterFailure(breaker: StoreBreaker, began: number, now: number): StoreBreaker {
  if (breaker.kind === 'away' || began < breaker.failedAt) return breaker;
  const failures = breaker.failures + 1;
  return failures < MAX_FAILURES ? { kind: 'here', failures, failedAt: now } : { kind: 'away' };
}

/** After an answer in time; one heartbeat in time brings the store back. */
export function afterAnswer(breaker: StoreBreaker, heartbeat: boolean): StoreBreaker {
  return breaker.kind === 'away' && !heartbeat ? breaker : HERE;
}
