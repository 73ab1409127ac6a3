/** The words of a text by number, line after line. */
export interface NumberedLines {
  readonly words: Int32Array;
  /** Where in `words` each line begins; one more at the end. */
  readonly starts: Int32Array;
}

/** A set of words by number. */
export interface WordSet {
  readonly has: Uint8Array;
  readonly size: number;
}

export interface ScoredWindow {
  /** Lines `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Jaccard similarity of the sets of words, 0 to 1. */
  readonly score: number;
}

export interface WindowShape {
  readonly size: number;
  /** Windows begin on multiples of it; not more than `size`. */
  readonly step: number;
}

/**
 * Windows over the lines, scored by the Jaccard similarity of their words with `reference`, in their order; those that
 * share none are left out. One pass: lines that enter and leave adjust counts. `counts` has room for every number, is zero
 * and is left so.
 */
export function similarWindows(
  { words, starts }: NumberedLines,
  reference: WordSet,
  { size, step }: WindowShape,
  counts: Int32Array,
): ScoredWindow[] {
  const lineCount = starts.length - 1;
  const windows: ScoredWindow[] = [];
  let start = 0;
  let end = 0;
  let distinct = 0;
  let shared = 0;
  for (;;) {
    const nextEnd = Math.min(start + size, lineCount);
    for (let at = starts[end]!; at < starts[nextEnd]!; at++) {
      const word = words[at]!;
      if (counts[word]!++ > 0) continue;
      distinct += 1;
      shared += reference.has[word]!;
    }
    end = nextEnd;
    if (shared > 0) windows.push({ start, end, score: shared / (reference.size + distinct - shared) });
    const nextStart = end < lineCount ? start + step : end;
    for (let at = starts[start]!; at < starts[nextStart]!; at++) {
      const word = words[at]!;
      if (--counts[word]! > 0) continue;
      distinct -= 1;
      shared -= reference.has[word]!;
    }
    if (end === lineCount) return windows;
    start = nextStart;
  }
}

/** The best windows of one file that do not overlap. */
export function withoutOverlap(windows: readonly ScoredWindow[], limit: number): ScoredWindow[] {
  const chosen: ScoredWindow[] = [];
  for (const window of windows.toSorted((a, b) => b.score - a.score)) {
    if (chosen.length === limit) break;
    if (chosen.every(({ start, end }) => window.end <= start || end <= window.start)) chosen.push(window);
  }
  return chosen;
}
