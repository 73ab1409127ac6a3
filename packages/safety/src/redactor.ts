import { redactPrivateKeys } from './private-keys.ts';
import { type Redaction, overwrite, redactSecrets, redactionOf } from './redact.ts';
import { findSecrets } from './secret-finder.ts';
import type { FoundSecret } from './secret-rule.ts';

export interface Redactor {
  /**
   * As `redactSecrets`. Of a text that begins as the last one of the same `series` did, only what follows is looked at:
   * the text before a cursor differs by a keystroke from the one before.
   */
  redact(text: string, series: string): Redaction;
}

interface Last {
  readonly text: string;
  readonly redacted: string;
  readonly found: readonly FoundSecret[];
}

/** Of text that is remembered: five hundred people who type at the same time, with the prefixes of usual clients. */
const MAX_CHARS = 8 * 1024 * 1024;
/** Shorter texts are looked through sooner than compared. */
const MIN_COMMON = 2048;
/** How exactly the common beginning is measured. */
const GRAIN = 128;
/** A match spans two lines at most, so that it cannot go past a line that ends as no name does. */
const MAX_LINES_BACK = 8;
const MAY_GO_ON = /[=:>][ \t]*\r?$/;

/** Holds at most `maxChars` characters, and forgets the series that was used least lately. */
export function createRedactor(maxChars = MAX_CHARS): Redactor {
  const series = new Map<string, Last>();
  let chars = 0;

  function forget(name: string): void {
    const last = series.get(name);
    if (!last) return;
    series.delete(name);
    chars -= sizeOf(last);
  }

  function keep(name: string, last: Last): void {
    forget(name);
    series.set(name, last);
    chars += sizeOf(last);
    while (chars > maxChars) forget(series.keys().next().value!);
  }

  return {
    redact(text, name) {
      if (text.length < MIN_COMMON) return redactSecrets(text);
      const keys = redactPrivateKeys(text);
      // What is a key depends on lines far away.
      if (keys.count > 0) {
        const found = findSecrets(keys.text);
        return redactionOf(overwrite(keys.text, found, 0), keys.count, found);
      }
      const last = series.get(name);
      const from = last ? lineToBeginAt(text, commonLength(last.text, text)) : 0;
      const before = from === 0 ? [] : last!.found.filter(({ end }) => end <= from);
      const after = findSecrets(text, from);
      const found = before.length === 0 ? after : [...before, ...after];
      const redacted =
        found.length === 0
          ? text
          : (before.length === 0 ? text.slice(0, from) : last!.redacted.slice(0, from)) + overwrite(text, after, from);
      keep(name, { text, redacted, found });
      return redactionOf(redacted, 0, found);
    },
  };
}

function sizeOf({ text, redacted }: Last): number {
  return text === redacted ? text.length : text.length + redacted.length;
}

/** How many characters are the same, rounded down: a comparison of slices is a comparison of memory. */
function commonLength(a: string, b: string): number {
  let same = 0;
  let above = Math.min(a.length, b.length);
  // A keystroke further on, all is the same.
  if (a.slice(0, above) === b.slice(0, above)) return above;
  while (above - same > GRAIN) {
    const middle = (same + above) >> 1;
    if (a.slice(same, middle) === b.slice(same, middle)) same = middle;
    else above = middle;
  }
  return same;
}

/** The beginning of a line, all before which has been looked at with what decides about it; 0 when there is none near. */
function lineToBeginAt(text: string, common: number): number {
  if (common < MIN_COMMON) return 0;
  // The last common line may go on differently, and so may one that ends where the texts part.
  let lineEnd = text.lastIndexOf('\n', common - 1);
  for (let lines = 0; lines < MAX_LINES_BACK; lines++) {
    lineEnd = lineEnd <= 0 ? -1 : text.lastIndexOf('\n', lineEnd - 1);
    if (lineEnd <= 0) return 0;
    const lineStart = text.lastIndexOf('\n', lineEnd - 1) + 1;
    if (!MAY_GO_ON.test(text.slice(Math.max(lineStart, lineEnd - 80), lineEnd))) return lineEnd + 1;
  }
  return 0;
}
