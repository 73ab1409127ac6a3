/** How soon an endpoint says its first token when it is quick, in ms, and when that was last seen. */
export interface Quickness {
  readonly ms: number;
  readonly at: number;
}

/** How far one slower answer moves it: prompts differ, so ten slow ones in a row move it two thirds of the way. */
const RISE = 0.1;

/**
 * Older than this it says nothing: an endpoint that gets no requests may have become quicker. Whoever refuses requests
 * because of it lets one through after so long, which tells anew.
 */
const FRESH_MS = 5_000;

/** After a first token that took `ms`: falls at once to the quickest, and rises slowly. */
export function afterFirstToken(known: Quickness | undefined, ms: number, at: number): Quickness {
  if (known === undefined || ms <= known.ms) return { ms, at };
  return { ms: known.ms + (ms - known.ms) * RISE, at };
}

/** The soonest first token that any of these endpoints may give; 0 when one of them has not been seen lately. */
export function soonestFirstToken(known: readonly (Quickness | undefined)[], now: number): number {
  const times = known.map((each) => (each === undefined || now - each.at > FRESH_MS ? 0 : each.ms));
  return times.length === 0 ? 0 : Math.min(...times);
}
