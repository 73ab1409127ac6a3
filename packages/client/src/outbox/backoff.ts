const BASE_MS = 1000;
/** Five minutes: a server back from an outage gets its events soon, and a laptop offline all day asks 100 times. */
const CAP_MS = 5 * 60 * 1000;

/**
 * Delay before the next attempt after `failures` failed ones, in ms: exponential with full jitter (Brooker, "Exponential
 * Backoff And Jitter", AWS 2015), never shorter than what the server asked for.
 */
export function backoffMs(failures: number, random: () => number, retryAfterMs = 0): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 30));
  return Math.max(retryAfterMs, random() * ceiling);
}

/** A wrong key stays wrong until somebody changes it, which ends the wait. */
export const UNAUTHENTICATED_MS = CAP_MS;
