/** What the order of attempts depends on. */
export interface Attemptable {
  readonly region: string;
  /** Time of the last failure in ms, unless it has answered since. */
  readonly failedAt: number | undefined;
}

/** How long an endpoint that failed goes last: long enough to spare its timeouts to most requests, short enough to return soon. */
const FAILURE_MEMORY_MS = 5_000;

/** Whether the last failure is recent enough to say something about the next attempt. */
export function hasJustFailed({ failedAt }: Pick<Attemptable, 'failedAt'>, now: number): boolean {
  return failedAt !== undefined && now - failedAt < FAILURE_MEMORY_MS;
}

/**
 * In which order endpoints are tried: those of the local region first, then as configured; those that failed a moment ago last.
 * The seam of the region router: a pure function of what is known.
 */
export function attemptOrder<T extends Attemptable>(endpoints: readonly T[], localRegion: string, now: number): T[] {
  const rank = (endpoint: T) => (hasJustFailed(endpoint, now) ? 2 : 0) + (endpoint.region === localRegion ? 0 : 1);
  return endpoints.toSorted((a, b) => rank(a) - rank(b));
}
