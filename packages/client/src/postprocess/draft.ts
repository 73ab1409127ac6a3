import { isBlank } from '../text/lines.ts';
import type { Place } from './place.ts';

/** A completion on its way through the filters. */
export interface Draft {
  /** At least one; without line breaks. The first continues the cursor's line. */
  readonly lines: readonly string[];
  /**
   * More lines may follow the last one. False as soon as the end is known, be it that the text has ended or that a filter
   * has cut it.
   */
  readonly goesOn: boolean;
  /** The model had more lines to say than are to be shown. */
  readonly spans: boolean;
  /** How many characters after the cursor, all on its line, the text types again and so replaces. */
  readonly covers: number;
}

/**
 * One rule about what is shown. While a draft goes on, only what no later line can overturn may be decided: what is
 * returned for the first lines of a text is the beginning of what is returned for all of it, line by line, or nothing.
 * A draft that does not go on is final, and so is what is made of it.
 */
export interface Filter {
  /** As the inspector shows it. */
  readonly name: string;
  apply(draft: Draft, place: Place): Draft;
}

export const NO_LINES: readonly string[] = [''];

export function isEmpty({ lines }: Draft): boolean {
  return lines.every(isBlank);
}

/** Ends a draft before the line of that index. */
export function endBefore(draft: Draft, index: number): Draft {
  return { ...draft, lines: firstLines(draft.lines, index), goesOn: false };
}

/** The lines from that index on wait for what follows them; the last of them are dropped if that is nothing. */
export function holdFrom(draft: Draft, index: number): Draft {
  return { ...draft, lines: firstLines(draft.lines, index) };
}

/** Ends a draft within a line. */
export function endWithin(draft: Draft, index: number, column: number): Draft {
  const kept = draft.lines[index]!.slice(0, column).trimEnd();
  if (kept === '') return endBefore(draft, index);
  return { ...draft, lines: [...draft.lines.slice(0, index), kept], goesOn: false };
}

/** Up to `count` lines, without blank ones at their end. */
export function firstLines(lines: readonly string[], count: number): readonly string[] {
  let end = count;
  while (end > 0 && isBlank(lines[end - 1]!)) end -= 1;
  return end === 0 ? NO_LINES : lines.slice(0, end);
}

export function firstFilled(lines: readonly string[]): number {
  return lines.findIndex((line) => !isBlank(line));
}
