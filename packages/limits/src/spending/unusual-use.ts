import type { UnusualUserRule } from '../settings.ts';

/** A user's tokens per active interval so far: exponentially weighted mean and variance. */
export interface History {
  readonly samples: number;
  readonly mean: number;
  readonly variance: number;
}

export const NO_HISTORY: History = { samples: 0, mean: 0, variance: 0 };

/** Two days of eight hours in five-minute intervals weigh half of all that was before. */
const WEIGHT = 1 - 0.5 ** (1 / 192);

/** West's incremental form of the exponentially weighted mean and variance; the first samples weigh more, as they are few. */
export function learn({ samples, mean, variance }: History, tokens: number): History {
  const weight = Math.max(WEIGHT, 1 / (samples + 1));
  const difference = tokens - mean;
  const step = weight * difference;
  return { samples: samples + 1, mean: mean + step, variance: (1 - weight) * (variance + difference * step) };
}

const DEFAULTS = { deviations: 8, floorTokens: 200_000, samples: 24, minutes: 30 };

/** Above how many tokens an interval is far from that history; Infinity while there is too little of it. */
export function unusualAbove(history: History, rule: UnusualUserRule): number {
  const { deviations = DEFAULTS.deviations, floorTokens = DEFAULTS.floorTokens, samples = DEFAULTS.samples } = rule;
  if (history.samples < samples) return Number.POSITIVE_INFINITY;
  return Math.max(floorTokens, history.mean + deviations * Math.sqrt(history.variance));
}

export function stopMinutes({ minutes = DEFAULTS.minutes }: UnusualUserRule): number {
  return minutes;
}

export const INTERVAL_MS = 5 * 60_000;
/** Users who were not active for the longest are forgotten first. */
const MAX_USERS = 20_000;

export interface UserHabits {
  /** Counts what a user took at `now`; returns the interval's tokens when they are, for the first time in it, unusual. */
  took(user: string, tokens: number, now: number, rule: UnusualUserRule): number | undefined;
}

/** The habits of the users this gateway serves. An interval that was unusual teaches nothing. */
export function createUserHabits(): UserHabits {
  const users = new Map<string, { history: History; interval: number; tokens: number; flagged: boolean }>();
  return {
    took(user, tokens, now, rule) {
      if (tokens <= 0) return undefined;
      const interval = Math.floor(now / INTERVAL_MS);
      const known = users.get(user) ?? { history: NO_HISTORY, interval, tokens: 0, flagged: false };
      if (known.interval !== interval) {
        if (!known.flagged) known.history = learn(known.history, known.tokens);
        known.interval = interval;
        known.tokens = 0;
        known.flagged = false;
      }
      users.delete(user);
      users.set(user, known);
      if (users.size > MAX_USERS) users.delete(users.keys().next().value!);
      known.tokens += tokens;
      if (known.flagged || known.tokens <= unusualAbove(known.history, rule)) return undefined;
      known.flagged = true;
      return known.tokens;
    },
  };
}
