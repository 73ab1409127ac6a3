import { type Known, leftOf } from './fit.ts';
import type { Place } from './request.ts';

/** What was answered lately. */
export interface Lru {
  put(known: Known): void;
  /** The one with the longest prefix that goes on with what was typed since; its suffix is the very same. */
  find(place: Place): Known | undefined;
}

/** Finds what a radix trie over the prefixes would find, by looking at each. */
export function createLru(capacity: number): Lru {
  /** Least recently used first. */
  const entries = new Set<Known>();
  return {
    put(known) {
      for (const old of entries) if (old.prefix === known.prefix && old.suffix === known.suffix) entries.delete(old);
      entries.add(known);
      for (const oldest of entries) {
        if (entries.size <= capacity) break;
        entries.delete(oldest);
      }
    },
    find(place) {
      let best: Known | undefined;
      for (const known of entries) {
        if (best && known.prefix.length < best.prefix.length) continue;
        if (leftOf(known, place) !== undefined) best = known;
      }
      if (best) {
        entries.delete(best);
        entries.add(best);
      }
      return best;
    },
  };
}
