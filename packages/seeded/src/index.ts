/** A whole number from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** Numbers in [0, 1), the same in every run and on every machine for a seed. */
export function seeded(seed: number): () => number {
  const next = mulberry32(seed);
  return () => next() / 2 ** 32;
}

/** Whole numbers, the same in every run and on every machine for a seed. */
export function randomFrom(seed: number): Random {
  const next = mulberry32(seed);
  return (below) => next() % below;
}

/** Tommy Ettinger, 2017, public domain: 32 bits at a time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
