/** Lines `[oldStart, oldEnd)` of one version became `newLines` in the next. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newLines: readonly string[];
}

/** The smallest difference between two lists of lines, from top to bottom: a longest common subsequence by dynamic programming. */
export function diffLines(before: readonly string[], after: readonly string[]): Hunk[] {
  const width = after.length + 1;
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const hunks: Hunk[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      i += 1;
      j += 1;
      continue;
    }
    const start = { i, j };
    while (i < before.length || j < after.length) {
      const isSame = i < before.length && j < after.length && before[i] === after[j];
      if (isSame) break;
      const dropsOld =
        j >= after.length || (i < before.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!);
      if (dropsOld) i += 1;
      else j += 1;
    }
    hunks.push({ oldStart: start.i, oldEnd: i, newLines: after.slice(start.j, j) });
  }
  return hunks;
}
