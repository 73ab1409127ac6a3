import { createCodeWalk } from '../../text/code-walk.ts';
import { hasWord, isBlank } from '../../text/lines.ts';
import { type Draft, type Filter, NO_LINES, endBefore, firstFilled } from '../draft.ts';
import type { Place } from '../place.ts';

/** Lines that are written again for good reasons: what ends or parts a block, and leaves it. */
const WRITTEN_OFTEN =
  /^\s*(?:end|fi|done|esac|else|try|finally|do|then|begin|break|continue|return|pass|default|public|private|protected|rescue|ensure|loop|raise|throw)\s*[:;,{]?\s*$/;

/**
 * Leaves out what stands below the cursor already. A text that begins as the next lines do is a copy of them; one that
 * comes to the next line further down has met the document, and ends there. Copies differ in white space, quotes and
 * closing signs at most in their first line, and by 5 % in up to three lines together (Tabby's measure, which takes one
 * line alone: it loses `case 2:` above `case 1:`).
 */
export const followingLines: Filter = {
  name: 'following lines',
  apply(draft, place) {
    if (place.below.length === 0 || firstFilled(draft.lines) < 0) return draft;
    // Where code is left on the cursor's line, only that is replaced.
    if (place.restOfLine.slice(place.closers.length).trim() !== '') return draft;
    const copy = copyAtStart(draft, place);
    if (copy !== 'none') return { ...draft, lines: NO_LINES, goesOn: copy === 'undecided' };
    return upToNextLine(draft, place);
  },
};

function copyAtStart({ lines, goesOn }: Draft, { cursorLine, below, isFresh }: Place): 'copy' | 'undecided' | 'none' {
  const first = firstFilled(lines);
  const written = lines.slice(first, first + 40).filter((line) => !isBlank(line));
  if (first === 0) written[0] = cursorLine + written[0]!;
  // The same words on the cursor's line and the next are a copy however the line was begun.
  if (!isSame(written[0]!, below[0]!, isFresh)) return 'none';
  const count = Math.min(below.length, written.length);
  // A difference in one line may be small among three.
  if (count < below.length && goesOn) return 'undecided';
  const ours = written.slice(0, count);
  const theirs = below.slice(0, count);
  return isNear(ours, theirs) && ours.some(hasWord) ? 'copy' : 'none';
}

function upToNextLine(draft: Draft, { cursorLine, below, syntax, brackets }: Place): Draft {
  const next = below[0]!;
  if (!hasWord(next) || WRITTEN_OFTEN.test(next)) return draft;
  const { lines } = draft;
  const first = firstFilled(lines);
  const tag = /^\s*<\/([\w.-]+)>\s*$/.exec(next)?.[1];
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  let openTags = 0;
  for (const [index, line] of lines.entries()) {
    const isOutside = walk.open().length === 0 && walk.within() === brackets.within && openTags === 0;
    if (index > first && isOutside && !isBlank(line) && isSame(line, next, false)) return endBefore(draft, index);
    if (tag !== undefined) openTags = Math.max(0, openTags + tagsIn(line, tag));
    walk.feed(line, index === 0 ? cursorLine : '');
    walk.endLine();
  }
  return draft;
}

/** How many elements of that name a line opens, less those it closes. */
function tagsIn(line: string, name: string): number {
  let count = 0;
  for (const { 0: found, 1: slash, 2: tag } of line.matchAll(/<(\/?)([\w.-]+)[^<>]*>/g)) {
    if (tag !== name) continue;
    if (slash === '/') count -= 1;
    else if (!found.endsWith('/>')) count += 1;
  }
  return count;
}

/** The same but for quotes, inner white space and signs at the end; of the white space at the start unless `anyIndent`. */
function isSame(ours: string, theirs: string, anyIndent: boolean): boolean {
  if (ours.trimEnd() === theirs) return true;
  if (!hasWord(theirs) || normal(ours) !== normal(theirs)) return false;
  return anyIndent || indentation(ours) === indentation(theirs);
}

function normal(line: string): string {
  return line
    .replace(/\s+/g, '')
    .replace(/["'`]/g, '"')
    .replace(/[;,]+$/, '');
}

function indentation(line: string): string {
  return /^\s*/.exec(line)![0];
}

/** Tabby's: a distance of 5 % of the characters, but of one at least. */
const NEAR = 0.05;
/** More than lines of code ever are; the distance takes time by the square. */
const MAX_COMPARED = 400;

function isNear(ours: readonly string[], theirs: readonly string[]): boolean {
  if (ours.every((line, i) => isSame(line, theirs[i]!, false) || (i === 0 && isSame(line, theirs[i]!, true))))
    return true;
  const a = ours.map(normal).join('\n');
  const b = theirs.map(normal).join('\n');
  if (a.length > MAX_COMPARED || b.length > MAX_COMPARED) return false;
  const allowed = Math.max(1, NEAR * Math.max(a.length, b.length));
  return Math.abs(a.length - b.length) <= allowed && distance(a, b) <= allowed;
}

/** Levenshtein's, in two rows. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
