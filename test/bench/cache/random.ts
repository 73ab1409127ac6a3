import { seeded } from '@ghostline/seeded';

export interface Random {
  /** In [0, 1). */
  next(): number;
  below(bound: number): number;
  chance(probability: number): boolean;
  /** Zipf over `count` ranks with exponent `s`: the first is the most frequent. */
  zipf(count: number, s: number): number;
  /** Lognormal with this median; `spread` is the standard deviation of its logarithm. */
  around(median: number, spread: number): number;
}

export function createRandom(seed: number): Random {
  const next = seeded(seed);
  const sums = new Map<string, number[]>();
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    chance: (probability) => next() < probability,
    zipf(count, s) {
      const name = `${count} ${s}`;
      let cumulative = sums.get(name);
      if (!cumulative) {
        let sum = 0;
        cumulative = Array.from({ length: count }, (_, rank) => (sum += 1 / (rank + 1) ** s));
        sums.set(name, cumulative);
      }
      const at = next() * cumulative[count - 1]!;
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulative[middle]! > at) high = middle;
        else low = middle + 1;
      }
      return low;
    },
    around(median, spread) {
      // Box and Muller.
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(spread * normal);
    },
  };
}

/** A number in [0, 1) that is always the same for the same text: FNV-1a, mixed. */
export function fixed(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
