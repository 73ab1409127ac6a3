import { isBlank } from '../text/lines.ts';
import type { Surroundings } from './surroundings.ts';

export interface IndentStyle {
  readonly char: ' ' | '\t';
  /** Characters of one step. */
  readonly size: number;
}

/** Lines looked at before and after the cursor: a style shows in the first block. */
const LINES = 200;

/** How the document is indented, where all of its lines agree; undefined when nothing is indented, or both ways. */
export function indentStyleOf({ prefix, suffix }: Surroundings): IndentStyle | undefined {
  const before = linesBefore(prefix);
  const after = suffix
    .slice(0, LINES * 80)
    .split('\n')
    .slice(1, LINES);
  let tabs = 0;
  let spaces = 0;
  let size = 0;
  let previous = 0;
  for (const line of [...before, ...after]) {
    if (isBlank(line)) continue;
    if (line.startsWith('\t')) tabs += 1;
    const width = /^ */.exec(line)![0].length;
    // The one space before the star of a comment is no step.
    if (width > 1) spaces += 1;
    const step = width - previous;
    if (step > 1 && (size === 0 || step < size)) size = step;
    previous = width;
  }
  if (tabs > 0) return spaces === 0 ? { char: '\t', size: 1 } : undefined;
  return spaces > 0 ? { char: ' ', size: size || 4 } : undefined;
}

/** The cursor's line is not among them: what is typed on it is not done. */
function linesBefore(prefix: string): string[] {
  return prefix
    .slice(-LINES * 80)
    .split('\n')
    .slice(-LINES, -1);
}
