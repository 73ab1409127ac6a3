import { seeded } from '@ghostline/seeded';

export interface Random {
  /** From 0 up to, not including, `below`. */
  int(below: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** The same for the same seed, on every machine. */
export function createRandom(seed: number): Random {
  const next = seeded(seed);
  return {
    int: (below) => Math.floor(next() * below),
    chance: (share) => next() < share,
    pick: (items) => items[Math.floor(next() * items.length)]!,
  };
}
