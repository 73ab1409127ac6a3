/**
 * Reports for every `end` in (0, limit] of `text` how long a text ending there equals the end of `pattern`, from the last
 * place to the first, where that is at least one unit. Lengths are capped at the pattern's. Linear in both whatever they
 * hold: the Z-algorithm (D. Gusfield, Algorithms on Strings, Trees, and Sequences, 1997, section 1.4) read backwards.
 */
export function findMatches(
  text: string,
  limit: number,
  pattern: string,
  zOfPattern: Uint32Array,
  report: (end: number, length: number) => void,
): void {
  const size = pattern.length;
  // The match that reaches furthest towards the start of the text: it ends at `boxEnd` and begins at `boxStart`.
  let boxEnd = limit;
  let boxStart = limit;
  for (let end = limit; end > 0; end -= 1) {
    let length = end > boxStart ? Math.min(zOfPattern[boxEnd - end]!, end - boxStart) : 0;
    if (end - length <= boxStart) {
      while (
        length < size &&
        length < end &&
        text.charCodeAt(end - 1 - length) === pattern.charCodeAt(size - 1 - length)
      )
        length += 1;
      boxEnd = end;
      boxStart = end - length;
    }
    if (length > 0) report(end, length);
  }
}

/** For each `i`: how long the pattern without its last `i` units ends like the whole pattern. */
export function zBackwards(pattern: string): Uint32Array {
  const z = new Uint32Array(pattern.length + 1);
  z[0] = pattern.length;
  findMatches(pattern, pattern.length - 1, pattern, z, (end, length) => {
    z[pattern.length - end] = length;
  });
  return z;
}
