import type { Snippet } from '@ghostline/protocol';

/** Part of a document that may go with a request: lines `[startLine, endLine)`, counted from 0. */
export interface Part {
  /** The same as long as it is about the same place, whatever its text. */
  readonly key: string;
  readonly uri: string;
  readonly path: string;
  readonly source: Snippet['source'];
  readonly startLine: number;
  readonly endLine: number;
  /** As it stands in the editor. */
  readonly text: string;
  /** Without its secrets, also those of which it shows only a part. */
  readonly safeText: string;
}

/** What the protocol takes as a path; editors also open documents without one. */
export function isSendablePath(path: string): boolean {
  return path !== '' && path.length <= 1024;
}

/** How many lines of `text`, whole ones from its start, have at most `limit` code units together. */
export function linesWithin(lines: readonly string[], limit: number): number {
  let units = 0;
  for (const [index, line] of lines.entries()) {
    units += line.length + 1;
    if (units > limit + 1) return index;
  }
  return lines.length;
}
