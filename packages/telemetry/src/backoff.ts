const BASE_MS = 500;
/** Also the longest a recovered store waits for its backlog. */
const CAP_MS = 30_000;
/** A refused connection answers at once: without a floor, jitter near zero would spin. */
const FLOOR_MS = 250;

/**
 * How long to wait after the `failures`th failure in a row: exponential with full jitter (Brooker, "Exponential Backoff
 * and Jitter", AWS 2015), between 250 ms and 30 s. `random` is in [0, 1).
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));
  return Math.max(FLOOR_MS, random * ceiling);
}
