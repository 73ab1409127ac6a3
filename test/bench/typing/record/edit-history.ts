import { type Hunk, diffLines } from './line-diff.ts';
import type { Recorder } from './recorder.ts';
import type { Typist } from './typist.ts';

/** Nobody types more than this in one go: of a longer new block only the beginning is typed, a longer rewriting is left out. */
const MAX_HUNK_CHARS = 700;
const MAX_REWRITTEN_CHARS = 1400;
/** A block that was there before in the same file is moved, not typed. */
const MOVED_FROM_LINES = 3;
/** Of the new blocks of some lines, those that come from another window. */
const PASTED = 0.15;
const PASTED_FROM_LINES = 3;
/** What a change needs imported is mostly written after it. */
const IMPORTS_LATER = 0.7;
const BYTES_PER_KEY = 92;
const IMPORT = /^\s*(?:import\b|from\b|#\s*include|use\b|using\b|@import)/;

export interface Bounds {
  readonly keys: number;
  readonly bytes: number;
}

/** Turns one version of a file into the next before the recorder's eyes, hunk by hunk, until it is enough. */
export function typeHistory(before: string, after: string, typist: Typist, recorder: Recorder, bounds: Bounds): void {
  const lines = before.split('\n');
  const hunks = diffLines(lines, after.split('\n')).flatMap(inOneGo);
  const applied: Hunk[] = [];
  for (const hunk of inOrderOfWork(hunks, typist)) {
    if (recorder.keys >= bounds.keys) return;
    // Each character becomes a line of the recording.
    const bytes = JSON.stringify(recorder.events).length + hunk.newLines.join('\n').length * BYTES_PER_KEY;
    if (bytes > bounds.bytes) continue;
    const shift = applied
      .filter(({ oldStart }) => oldStart < hunk.oldStart)
      .reduce((sum, { oldStart, oldEnd, newLines }) => sum + newLines.length - (oldEnd - oldStart), 0);
    typeHunk(hunk, hunk.oldStart + shift, lines, typist, recorder);
    applied.push(hunk);
  }
}

function inOneGo(hunk: Hunk): Hunk[] {
  const { oldStart, oldEnd, newLines } = hunk;
  if (newLines.join('\n').length <= (oldStart < oldEnd ? MAX_REWRITTEN_CHARS : MAX_HUNK_CHARS)) return [hunk];
  if (oldStart < oldEnd) return [];
  let lines = newLines.length;
  while (newLines.slice(0, lines).join('\n').length > MAX_HUNK_CHARS) lines -= 1;
  const paragraph = newLines.slice(0, lines).lastIndexOf('');
  return [{ ...hunk, newLines: newLines.slice(0, paragraph > 0 ? paragraph : lines) }];
}

/** From top to bottom, but for imports. */
function inOrderOfWork(hunks: readonly Hunk[], typist: Typist): Hunk[] {
  const order: Hunk[] = [];
  let later: Hunk[] = [];
  for (const hunk of hunks) {
    const imports = hunk.newLines.length > 0 && hunk.newLines.every((line) => IMPORT.test(line) || line.trim() === '');
    if (imports && typist.chance(IMPORTS_LATER)) {
      later.push(hunk);
      continue;
    }
    order.push(hunk, ...later);
    later = [];
  }
  return [...order, ...later];
}

function typeHunk(hunk: Hunk, line: number, before: readonly string[], typist: Typist, recorder: Recorder): void {
  const { oldStart, oldEnd, newLines } = hunk;
  const old = before.slice(oldStart, oldEnd);
  const start = offsetOfLine(recorder.text, line);
  const wanted = newLines.join('\n');
  if (old.length === 0) {
    const isMoved = newLines.length >= MOVED_FROM_LINES && before.join('\n').includes(wanted);
    const isPasted = isMoved || (newLines.length >= PASTED_FROM_LINES && typist.chance(PASTED));
    const atEnd = start > recorder.text.length;
    if (isPasted) recorder.paste(Math.min(start, recorder.text.length), atEnd ? `\n${wanted}` : `${wanted}\n`);
    else if (start === 0) recorder.write(0, `${wanted}\n`);
    else recorder.write(start - 1, `\n${wanted}`);
    return;
  }
  const end = start + old.join('\n').length;
  if (newLines.length === 0) {
    const hasNext = end < recorder.text.length;
    recorder.remove(hasNext || start === 0 ? start : start - 1, hasNext ? end + 1 : end);
  } else if (newLines.length === old.length) {
    // Line by line, from the top: what comes before is longer or shorter by then.
    let at = start;
    for (const [index, oldLine] of old.entries()) {
      const newLine = newLines[index]!;
      if (oldLine !== newLine) recorder.rewrite(at, at + oldLine.length, newLine);
      at += newLine.length + 1;
    }
  } else {
    recorder.rewrite(start, end, wanted);
  }
}

/** Beyond the last line break for a line behind the last one. */
function offsetOfLine(text: string, line: number): number {
  let offset = 0;
  for (let count = 0; count < line; count++) {
    const lineBreak = text.indexOf('\n', offset);
    if (lineBreak < 0) return text.length + 1;
    offset = lineBreak + 1;
  }
  return offset;
}
