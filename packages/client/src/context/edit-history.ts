import type { OpenDocument } from '../types.ts';
import { type LineChange, changedLines } from './text-change.ts';

/** Lines that were edited lately: what they were, and where they are now. */
export interface Hunk {
  readonly id: number;
  readonly before: readonly string[];
  /** Lines `[start, end)` of the text as it is. */
  readonly start: number;
  readonly end: number;
  /** When it changed last, in ms. */
  readonly at: number;
}

export interface EditedDocument extends Pick<OpenDocument, 'uri' | 'path'> {
  readonly lines: readonly string[];
  readonly hunks: readonly Hunk[];
}

export interface EditHistory {
  /** Takes note of a text; the first one of a document is where its history begins. */
  observe(document: OpenDocument, at: number): void;
  /** Documents with hunks, last edited first. */
  edited(): readonly EditedDocument[];
}

/** Copilot's 20 files. */
const MAX_DOCUMENTS = 20;
/** Copilot's 8 edits are chosen of these: some are undone, too long, or near the cursor. */
const MAX_HUNKS = 24;
/** Copilot merges edits with one line between them. */
const MERGED_LINES = 1;
/** A text is compared with its last version at each request: some 0.2 ms at this size, where Copilot goes up to 2 MB. */
const MAX_UNITS = 512 * 1024;

interface Tracked {
  path: string;
  text: string;
  lines: readonly string[];
  hunks: readonly Hunk[];
}

/** Finds out what was edited from the texts that come along: no editor need tell. */
export function createEditHistory(): EditHistory {
  /** In the order in which they were last edited or first seen. */
  const tracked = new Map<string, Tracked>();
  let nextId = 1;

  return {
    observe({ uri, path, text }, at) {
      const known = tracked.get(uri);
      if (known?.text === text) return;
      if (text.length > MAX_UNITS) {
        tracked.delete(uri);
        return;
      }
      if (!known) {
        tracked.set(uri, { path, text, lines: text.split('\n'), hunks: [] });
        const [oldest] = tracked.keys();
        if (tracked.size > MAX_DOCUMENTS && oldest !== undefined) tracked.delete(oldest);
        return;
      }
      let { lines, hunks } = known;
      // From the end, no change moves the place of the next.
      for (const change of changedLines(known.text, lines, text).toReversed()) {
        hunks = withChange({ lines, hunks }, change, at, () => nextId++);
        lines = lines.toSpliced(change.start, change.end - change.start, ...change.lines);
      }
      tracked.delete(uri);
      tracked.set(uri, { path, text, lines, hunks: hunks.filter((hunk) => !isUndone(hunk, lines)) });
    },
    edited() {
      const documents = [...tracked].map(([uri, { path, lines, hunks }]) => ({ uri, path, lines, hunks }));
      return documents.filter(({ hunks }) => hunks.length > 0).toReversed();
    },
  };
}

/** The hunks after a change: those it touches are one with it, those behind it have moved. */
function withChange(
  { lines, hunks }: Pick<Tracked, 'lines' | 'hunks'>,
  change: LineChange,
  at: number,
  newId: () => number,
): readonly Hunk[] {
  const moved = change.lines.length - (change.end - change.start);
  const touched = hunks.filter(
    ({ start, end }) => start <= change.end + MERGED_LINES && end >= change.start - MERGED_LINES,
  );
  const start = Math.min(change.start, ...touched.map((hunk) => hunk.start));
  const end = Math.max(change.end, ...touched.map((hunk) => hunk.end));
  const before: string[] = [];
  let line = start;
  for (const hunk of touched.toSorted((a, b) => a.start - b.start)) {
    before.push(...lines.slice(line, hunk.start), ...hunk.before);
    line = hunk.end;
  }
  before.push(...lines.slice(line, end));
  const merged: Hunk = { id: touched[0]?.id ?? newId(), before, start, end: end + moved, at };
  const others = hunks
    .filter((hunk) => !touched.includes(hunk))
    .map((hunk) => (hunk.start >= change.end ? movedBy(hunk, moved) : hunk));
  return [...others, merged].toSorted((a, b) => b.at - a.at).slice(0, MAX_HUNKS);
}

function movedBy(hunk: Hunk, lines: number): Hunk {
  return { ...hunk, start: hunk.start + lines, end: hunk.end + lines };
}

function isUndone({ before, start, end }: Hunk, lines: readonly string[]): boolean {
  return before.length === end - start && before.every((line, index) => line === lines[start + index]);
}
