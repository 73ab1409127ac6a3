/** Characters `[from, to)` of a suggestion. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** How many characters of `part` are in none of `others`. */
export function addedBy(part: Part, others: readonly Part[]): number {
  let added = 0;
  let { from } = part;
  for (const other of others.toSorted((a, b) => a.from - b.from)) {
    added += Math.max(0, Math.min(other.from, part.to) - from);
    from = Math.max(from, other.to);
  }
  return added + Math.max(0, part.to - from);
}

/** From the beginning of the first part to the end of the last. */
export function joinedPart(parts: readonly Part[]): Part {
  return { from: Math.min(...parts.map(({ from }) => from)), to: Math.max(...parts.map(({ to }) => to)) };
}
