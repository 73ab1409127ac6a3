/** Words of one letter (`i`, `x`) say nothing about relatedness. */
const IDENTIFIER = /[\p{L}_$][\p{L}\p{N}_$]+/gu;

/** The identifiers of one line; keywords are among them, equally in every file of a language. */
export function identifiersOf(line: string): readonly string[] {
  return line.match(IDENTIFIER) ?? [];
}

export interface ScoredWindow {
  /** Lines `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Jaccard similarity of identifier sets, 0 to 1. */
  readonly score: number;
}

/**
 * Windows of `size` lines, best first and without overlap, scored by the Jaccard similarity of their identifiers with
 * `reference`; those that share none are left out. One pass: entering and leaving lines adjust counts, as windows of a
 * sorted walk share all but two lines.
 */
export function similarWindows(
  lines: readonly (readonly string[])[],
  reference: ReadonlySet<string>,
  size: number,
  limit: number,
): ScoredWindow[] {
  const counts = new Map<string, number>();
  let shared = 0;
  const windows: ScoredWindow[] = [];
  for (let end = 1; end <= lines.length; end++) {
    for (const word of lines[end - 1]!) {
      const count = counts.get(word) ?? 0;
      if (count === 0 && reference.has(word)) shared += 1;
      counts.set(word, count + 1);
    }
    const start = Math.max(0, end - size);
    for (const word of end > size ? lines[start - 1]! : []) {
      const count = counts.get(word)! - 1;
      if (count > 0) {
        counts.set(word, count);
      } else {
        counts.delete(word);
        if (reference.has(word)) shared -= 1;
      }
    }
    const isFull = end - start === size || end === lines.length;
    if (isFull && shared > 0) windows.push({ start, end, score: shared / (reference.size + counts.size - shared) });
  }
  return withoutOverlap(windows, limit);
}

function withoutOverlap(windows: readonly ScoredWindow[], limit: number): ScoredWindow[] {
  const chosen: ScoredWindow[] = [];
  for (const window of windows.toSorted((a, b) => b.score - a.score)) {
    if (chosen.length === limit) break;
    if (chosen.every(({ start, end }) => window.end <= start || end <= window.start)) chosen.push(window);
  }
  return chosen;
}
