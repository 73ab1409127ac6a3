/** What a gateway allows by itself while the store is away: its share of the limit, as a token bucket in this process. */
export interface Insurance {
  readonly capacity: number;
  readonly refillPerMs: number;
  readonly level: number;
  /** What the level would be if nothing had been taken. */
  readonly untouched: number;
  readonly at: number;
}

export interface Insured {
  readonly capacity: number;
  readonly refillPerMs: number;
  /** What was left of the pool when the store last said; below zero when more was spent, which is paid here as well. */
  readonly available: number;
  /** Gateways that share the limit. */
  readonly gateways: number;
  /** What this gateway has drawn by itself that `available` does not know of: it was of its share. */
  readonly undeclared: number;
}

/**
 * A bucket that begins with this gateway's share of what was left, so that all of them together allow what the pool would
 * have. One permit is the least that is a limit at all.
 */
export function openInsurance(insured: Insured, now: number): Insurance {
  const { capacity, refillPerMs, available, gateways, undeclared } = insured;
  const share = Math.max(1, Math.floor(capacity / gateways));
  const level = Math.min(share, available / gateways) - undeclared;
  return { capacity: share, refillPerMs: refillPerMs / gateways, level, untouched: level, at: now };
}

/** The bucket at `now`. */
export function refilled(insurance: Insurance, now: number): Insurance {
  const { capacity, refillPerMs, level, untouched, at } = insurance;
  const gained = Math.max(0, now - at) * refillPerMs;
  const grow = (from: number) => Math.min(capacity, from + gained);
  return { ...insurance, level: grow(level), untouched: grow(untouched), at: now };
}

/** The bucket after `permits` were taken from it, or put back when below zero. */
export function drawn(insurance: Insurance, permits: number): Insurance {
  return { ...insurance, level: Math.min(insurance.capacity, insurance.level - permits) };
}

/** The bucket after the store was told of all but the last `undeclared` permits that were taken. */
export function declared(insurance: Insurance, undeclared: number): Insurance {
  return { ...insurance, untouched: insurance.level + undeclared };
}

/** Whole permits the store has to be told of: taken meanwhile, and not refilled since. */
export function drawnInAll({ level, untouched }: Insurance): number {
  return Math.max(0, Math.round(untouched - level));
}
