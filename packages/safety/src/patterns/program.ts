/** One step of a compiled pattern. `next` and `other` are numbers of steps. */
export type Step =
  /** Takes one UTF-16 unit. */
  | { readonly op: 'take'; readonly set: UnitSet; next: number }
  | { readonly op: 'split'; next: number; other: number }
  | { readonly op: 'assert'; readonly kind: 'line-start' | 'line-end' | 'boundary' | 'no-boundary'; next: number }
  | { readonly op: 'accept'; readonly name: string };

/** UTF-16 units: a table for ASCII, ranges for the others. */
export interface UnitSet {
  readonly ascii: Uint8Array;
  readonly ranges: readonly (readonly [number, number])[];
}

export function setOf(ranges: readonly (readonly [number, number])[], ignoreCase: boolean): UnitSet {
  const ascii = new Uint8Array(128);
  const all = ignoreCase ? ranges.flatMap(bothCases) : ranges;
  for (const [low, high] of all) for (let unit = low; unit <= Math.min(high, 127); unit++) ascii[unit] = 1;
  return { ascii, ranges: all.filter(([, high]) => high > 127) };
}

export function inSet({ ascii, ranges }: UnitSet, unit: number): boolean {
  return unit < 128 ? ascii[unit] === 1 : ranges.some(([low, high]) => low <= unit && unit <= high);
}

/** What is not in `ranges`. */
export function inverse(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const gaps: [number, number][] = [];
  let from = 0;
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (low > from) gaps.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= 0xffff) gaps.push([from, 0xffff]);
  return gaps;
}

/** Letters of one case have their others at one distance as long as a range stays within them; single letters always. */
function bothCases([low, high]: readonly [number, number]): [number, number][] {
  const added: [number, number][] = [[low, high]];
  // Beyond the Latin letters, of single characters only: ranges over other scripts name both cases or have none.
  for (let unit = low; unit <= (low === high ? high : Math.min(high, 0x24f)); unit++) {
    const char = String.fromCharCode(unit);
    for (const other of [char.toLowerCase(), char.toUpperCase()])
      if (other.length === 1 && other !== char) added.push([other.charCodeAt(0), other.charCodeAt(0)]);
  }
  return added;
}

const WORD = setOf(
  [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  false,
);

/** `undefined` is the edge of the text. */
export function isWordUnit(unit: number | undefined): boolean {
  return unit !== undefined && inSet(WORD, unit);
}

export function isLineBreak(unit: number | undefined): boolean {
  return unit === undefined || unit === 0x0a || unit === 0x0d;
}
