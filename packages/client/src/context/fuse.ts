import type { Part } from './part.ts';

/** The order of one source. */
export interface Ranking {
  readonly weight: number;
  /** Best first. */
  readonly parts: readonly Part[];
}

export interface Fused {
  readonly part: Part;
  /** 1 for the first place in one ranking of weight 1; more when several name it. */
  readonly score: number;
}

/** Cormack, Clarke and Büttcher's constant for reciprocal rank fusion: places differ by some 1.6 %, sources agreeing by 100 %. */
const K = 60;

/**
 * Joins orders whose scores cannot be compared by their places alone (reciprocal rank fusion, SIGIR 2009): the sum of
 * weight / (60 + place), best first. At 60 a weight 0.1 higher is worth six places.
 */
export function fuse(rankings: readonly Ranking[]): Fused[] {
  const fused = new Map<string, { part: Part; score: number }>();
  for (const { weight, parts } of rankings) {
    for (const [index, part] of parts.entries()) {
      const known = fused.get(part.key);
      const votes = (weight * (K + 1)) / (K + 1 + index);
      if (known) known.score += votes;
      else fused.set(part.key, { part, score: votes });
    }
  }
  return [...fused.values()].toSorted((a, b) => b.score - a.score);
}
