import { containsPlaceholder } from '@ghostline/safety';
import { isSubsequence, leadingClosers, scanBrackets } from '../text/brackets.ts';
import { type Eol, firstLine, lastLine, splitLines } from '../text/lines.ts';

/** The document around the cursor that a completion is trimmed against. */
export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
  readonly eol: Eol;
}

export interface Trimmed {
  readonly text: string;
  /** How many characters after the cursor, all on its line, the text types again and so replaces. */
  readonly covers: number;
}

/**
 * A raw completion made to fit the document as it is: nothing blank, nothing that stands there already, no repetition of
 * what was redacted before it was sent, nothing that breaks the code after it. `goesOn`: more lines than `raw` are known
 * to follow. Undefined when nothing remains to be shown.
 */
export function trimToDocument(raw: string, around: Surroundings, goesOn = false): Trimmed | undefined {
  const restOfLine = firstLine(around.suffix);
  let text = withoutBlankEnd(raw);
  const closers = leadingClosers(lastLine(around.prefix), restOfLine);
  let covers = coveredBy(text, restOfLine, closers);
  if (restOfLine.slice(covers).trim() !== '') {
    // Text remains after the cursor: several lines before it would tear the line apart.
    const first = firstLine(text);
    const spansLines = goesOn || first !== text;
    text = first;
    covers = coveredBy(text, restOfLine, closers);
    const isBeforeCode = !ONLY_CLOSES.test(restOfLine.slice(covers));
    if (isBeforeCode && (spansLines || endsCode(text, restOfLine.slice(0, covers), closers))) return undefined;
  } else {
    text = withoutRepetitionBelow(text, closers, around);
    covers = coveredBy(text, restOfLine, closers);
  }
  if (text.trim() === '' || around.suffix.startsWith(text) || containsPlaceholder(text)) return undefined;
  return { text, covers };
}

/** What may stand after a whole statement's text: closers, and the sign that ends the line. Anything else is code. */
const ONLY_CLOSES = /^\s*[)>}\]"'`]*\s*[:{;,]?\s*$/;

/** True when no code can follow `text` on its line: it ends a statement, or closes more than what it types again. */
function endsCode(text: string, covered: string, closers: string): boolean {
  const endsStatement = /[;{}]\s*$/.test(text) && (covered === '' || !text.endsWith(covered));
  return endsStatement || scanBrackets(text, closers).unmatched > 0;
}

function withoutBlankEnd(text: string): string {
  return text.replace(/(?:\r?\n[ \t]*)+$/, '');
}

/** Shorter agreements than this between the end of a completion and the text after the cursor are often chance. */
const OVERLAP_MIN = 4;

/** How much of the rest of the cursor's line `text` types again. */
function coveredBy(text: string, restOfLine: string, closers: string): number {
  const rest = restOfLine.trimEnd();
  const closed = scanBrackets(text, closers).closedOuter;
  const closedBy = (part: string) => {
    const { closedOuter, unmatched } = scanBrackets(part, closers);
    return closedOuter + unmatched;
  };
  for (let length = Math.min(rest.length, text.length); length > closed; length--) {
    const whole = length === rest.length;
    if (!whole && length < OVERLAP_MIN) break;
    // `bar()` before `)` ends alike, but its bracket is its own.
    const part = rest.slice(0, length);
    if (text.endsWith(part) && closedBy(text) >= closedBy(part)) return length;
  }
  // `);` after the cursor and `a, b);` suggested: the bracket is closed again, and what follows it is written again.
  if (closed > 0 && text.endsWith(rest.slice(closed)) && isSubsequence(rest, text)) return rest.length;
  return closed;
}

/** More equal lines than this are no chance, and a completion that copies what follows need not be compared to its end. */
const COMPARED_LINES = 3;

/** The text without lines that stand right below already, at its start (then all of it is a copy) or at its end. */
function withoutRepetitionBelow(text: string, closers: string, { prefix, suffix, eol }: Surroundings): string {
  const below = splitLines(suffix).slice(1).map(trimLine).filter(isFilled);
  if (below.length === 0) return text;
  const lines = splitLines(text);
  const written = [lastLine(prefix) + lines[0]!, ...lines.slice(1)].map(trimLine);
  // A closing line may be needed twice. It is a copy when the text closes more than was opened for it.
  const overcloses = scanBrackets(text, closers).unmatched > 0;
  const isCopy = (ours: readonly string[]) =>
    ours.length > 0 && ours.every((line, i) => line === below[i]) && (overcloses || ours.some(hasWord));

  const leading = (isFilled(lines[0]!.trim()) ? written : written.slice(1))
    .filter(isFilled)
    .slice(0, Math.min(COMPARED_LINES, below.length));
  if (isCopy(leading)) return '';
  for (let count = Math.min(lines.length - 1, below.length); count > 0; count--) {
    if (isCopy(written.slice(-count))) return withoutBlankEnd(lines.slice(0, -count).join(eol));
  }
  return text;
}

function trimLine(line: string): string {
  return line.trimEnd();
}
function isFilled(line: string): boolean {
  return line !== '';
}
function hasWord(line: string): boolean {
  return /[\p{L}\p{N}_]/u.test(line);
}
