/** Lines `[start, end)` of one text became lines `[newStart, newEnd)` of another. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** A symbol renamed in a hundred lines is 200 steps; beyond that it is another text rather than a changed one. */
const MAX_STEPS = 200;

/**
 * The fewest lines that differ (Myers, "An O(ND) Difference Algorithm", 1986), in their order. All of it as one when there
 * are more than 200.
 */
export function diffLines(before: readonly string[], after: readonly string[]): LineRange[] {
  const [n, m] = [before.length, after.length];
  /** The furthest line of `before` reached on each diagonal, after each number of steps. */
  const reached: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let steps = 0; steps <= MAX_STEPS; steps++) {
    reached.push(furthest);
    const next = new Map<number, number>();
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      let x = goesDown(furthest, diagonal, steps) ? furthest.get(diagonal + 1)! : furthest.get(diagonal - 1)! + 1;
      while (x < n && x - diagonal < m && before[x] === after[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= n && x - diagonal >= m) return joined(stepsBack(reached, n, m));
    }
    furthest = next;
  }
  return [{ start: 0, end: n, newStart: 0, newEnd: m }];
}

/** Whether the furthest way to a diagonal inserts a line, or else removes one. */
function goesDown(furthest: ReadonlyMap<number, number>, diagonal: number, steps: number): boolean {
  if (diagonal === -steps) return true;
  return diagonal !== steps && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

/** One line inserted or removed each, first to last. */
function stepsBack(reached: readonly ReadonlyMap<number, number>[], n: number, m: number): LineRange[] {
  const ranges: LineRange[] = [];
  let x = n;
  let y = m;
  for (let steps = reached.length - 1; steps > 0; steps--) {
    const furthest = reached[steps]!;
    const diagonal = x - y;
    const down = goesDown(furthest, diagonal, steps);
    const fromDiagonal = down ? diagonal + 1 : diagonal - 1;
    const fromX = furthest.get(fromDiagonal)!;
    const fromY = fromX - fromDiagonal;
    ranges.push({ start: fromX, end: fromX + Number(!down), newStart: fromY, newEnd: fromY + Number(down) });
    [x, y] = [fromX, fromY];
  }
  return ranges.toReversed();
}

function joined(ranges: readonly LineRange[]): LineRange[] {
  const all: LineRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last && last.end === range.start && last.newEnd === range.newStart) {
      all[all.length - 1] = { ...last, end: range.end, newEnd: range.newEnd };
    } else {
      all.push(range);
    }
  }
  return all;
}
