export interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** So many of the oldest must stay: they are being sent. */
  readonly keep: number;
}

/** How many entries after those to keep have to go, oldest first, until the others are within the bounds. */
export function excessOf(sizes: readonly number[], { maxEntries, maxBytes, keep }: Bounds): number {
  let count = sizes.length;
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let excess = 0;
  while (keep + excess < sizes.length && (count > maxEntries || bytes > maxBytes)) {
    bytes -= sizes[keep + excess]!;
    count -= 1;
    excess += 1;
  }
  return excess;
}
