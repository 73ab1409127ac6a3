/** The part of a sequence that a pattern can be turned into with the fewest edits: `[from, to)`. */
export interface Alignment {
  readonly distance: number;
  readonly from: number;
  readonly to: number;
}

const BITS = 32;

/**
 * Where `text` holds something as near to `pattern` as possible: the least Levenshtein distance between the whole pattern
 * and any part of the text (Sellers 1980), found with Myers' bit-parallel algorithm (1999) in blocks of 32 rows as Hyyrö
 * (2003) writes it: |text| · ⌈|pattern| / 32⌉ steps. The distance is |pattern| at most, that to an empty part. Elements are
 * whatever compares by identity; those that are not to match anything are `''`.
 */
export function nearestPart(pattern: readonly string[], text: readonly string[]): Alignment {
  let best = { distance: pattern.length, from: 0, to: 0 };
  eachDistance(pattern, text, 0, (distance, to) => {
    if (distance < best.distance) best = { distance, from: 0, to };
    return distance === 0;
  });
  if (best.distance === pattern.length) return best;
  // Backwards from there, with the end fixed: where the shortest part of that distance begins.
  const { distance, to } = best;
  let from = to;
  eachDistance(pattern.toReversed(), text.slice(0, to).toReversed(), 1, (score, length) => {
    from = to - length;
    return score === distance;
  });
  return { distance, from, to };
}

/**
 * Tells the distance between the pattern and the part of `text` that ends before `to`, for every `to` from 1, until `visit`
 * says true. `skip` is what it costs to begin a step later: 0 for a part that begins anywhere, 1 for one that begins at 0.
 */
function eachDistance(
  pattern: readonly string[],
  text: readonly string[],
  skip: 0 | 1,
  visit: (distance: number, to: number) => boolean,
): void {
  const size = pattern.length;
  if (size === 0) return;
  const blocks = Math.ceil(size / BITS);
  const rowsOf = new Map<string, Int32Array>();
  for (const [row, element] of pattern.entries()) {
    let rows = rowsOf.get(element);
    if (!rows) rowsOf.set(element, (rows = new Int32Array(blocks)));
    rows[row >> 5]! |= 1 << (row & 31);
  }
  const none = new Int32Array(blocks);
  /** Rows whose value is one more, or one less, than that of the row above. */
  const more = new Int32Array(blocks).fill(-1);
  const less = new Int32Array(blocks);
  const lastRow = (size - 1) & 31;
  let distance = size;
  for (let column = 0; column < text.length; column++) {
    const rows = rowsOf.get(text[column]!) ?? none;
    let step: number = skip;
    for (let block = 0; block < blocks; block++) {
      const pv = more[block]!;
      const mv = less[block]!;
      let eq = rows[block]!;
      const xv = eq | mv;
      if (step < 0) eq |= 1;
      const xh = (((eq & pv) + pv) ^ pv) | eq;
      let ph = mv | ~(xh | pv);
      let mh = pv & xh;
      const bit = 1 << (block === blocks - 1 ? lastRow : BITS - 1);
      const next = (ph & bit) !== 0 ? 1 : (mh & bit) !== 0 ? -1 : 0;
      ph = (ph << 1) | (step > 0 ? 1 : 0);
      mh = (mh << 1) | (step < 0 ? 1 : 0);
      more[block] = mh | ~(xv | ph);
      less[block] = ph & xv;
      step = next;
    }
    distance += step;
    if (visit(distance, column + 1)) return;
  }
}
