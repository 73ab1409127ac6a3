import { createCodeWalk } from '../text/code-walk.ts';
import { isBlank } from '../text/lines.ts';
import { type Place, placeOf } from './place.ts';
import type { Surroundings } from './surroundings.ts';

/** One alternative as it fits the document. */
export interface Candidate {
  /** Its number in the model's own order. */
  readonly index: number;
  /** What would be shown. */
  readonly text: string;
  /** What the model said. */
  readonly raw: string;
  /** How much of the rest of the cursor's line it types again. */
  readonly covers?: number;
  /** More may follow: what is open is not held against it. */
  readonly goesOn?: boolean;
  /** Its place in the order on screen, where it stays. */
  readonly shownAt?: number;
}

/**
 * Points taken off, so that one cause outweighs all finer ones: a text that does not parse is worse than one that fits
 * badly, and that is worse than one of a bad length.
 */
const COST = {
  /** Each bracket, string or comment left open that the document does not close: the code after it no longer parses. */
  unclosed: 4,
  /** Each line that the filters took away from its end: the model lost its way there. Counted up to five times. */
  cut: 0.2,
  /** Closers right after the cursor that stay though the text has code before them of its own: as `foo(a, b|)` it fits, as `foo(a;|)` not. */
  tornRest: 3,
  /** The share of its lines that stand in the document near the cursor. */
  repeated: 3,
  /** A text of one character or two is hardly worth a key. */
  tiny: 1,
  /** Beyond what people read before they accept: each doubling of 10 lines. */
  long: 0.5,
} as const;
const READ_LINES = 10;

/** The model's confidence in a candidate from 0 to 1 is worth this much: less than any fault of syntax. */
const CONFIDENCE = 2;

/**
 * The indexes of `candidates` in the order to offer them, best first, without those that say the same as a better one but
 * for white space. Syntax counts most (what it leaves open), then the fit with what follows the cursor, then repetition
 * and length, then the model's own order; `score` may tell how sure the model is of a candidate. A candidate on screen
 * keeps its place while others come in.
 */
export function rankCandidates(
  candidates: readonly Candidate[],
  around: Surroundings,
  score?: (candidate: Candidate) => number,
): readonly number[] {
  const place = placeOf(around);
  const costs = new Map(
    candidates.map((candidate) => [candidate, costOf(candidate, place) - CONFIDENCE * (score?.(candidate) ?? 0)]),
  );
  const ranked = candidates.toSorted(
    (a, b) =>
      (a.shownAt ?? Number.POSITIVE_INFINITY) - (b.shownAt ?? Number.POSITIVE_INFINITY) ||
      costs.get(a)! - costs.get(b)! ||
      a.index - b.index,
  );
  const said = new Set<string>();
  const distinct = ranked.filter(({ text }) => {
    const words = sameText(text);
    return !said.has(words) && said.add(words);
  });
  return inPlace(distinct).map(({ index }) => index);
}

/** What a candidate says, for telling whether another one says it too. */
function sameText(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Puts those on screen where they were, as far as there are as many, and the others in their order around them. */
function inPlace(ranked: readonly Candidate[]): readonly Candidate[] {
  const shown = ranked.filter(({ shownAt }) => shownAt !== undefined);
  const others = ranked.filter(({ shownAt }) => shownAt === undefined);
  const order: Candidate[] = [];
  while (shown.length > 0 || others.length > 0) {
    const isDue = shown.length > 0 && (shown[0]!.shownAt! <= order.length || others.length === 0);
    order.push((isDue ? shown : others).shift()!);
  }
  return order;
}

/** How much speaks against a candidate; 0 for one without fault. */
function costOf({ text, raw, covers = 0, goesOn = false }: Candidate, place: Place): number {
  const lines = text.split(/\r?\n/);
  const filled = lines.filter((line) => !isBlank(line));
  const rest = place.restOfLine.slice(covers).trimEnd();
  const cutLines = goesOn ? 0 : Math.max(0, countFilled(raw) - filled.length);
  const near = new Set([...place.above, ...place.below].map((line) => line.trim()));
  const repeated =
    filled.filter((line) => near.has(line.trim()) && /\p{L}{3}/u.test(line)).length / (filled.length || 1);
  return (
    (goesOn ? 0 : COST.unclosed * unclosedBy(lines, place)) +
    COST.cut * Math.min(5, cutLines) +
    (rest !== '' && /[;{]$/.test(text.trimEnd()) ? COST.tornRest : 0) +
    COST.repeated * repeated +
    (text.trim().length <= 2 ? COST.tiny : 0) +
    COST.long * Math.max(0, Math.log2(filled.length / READ_LINES))
  );
}

/** Brackets, strings and comments that the text leaves open, where the document is not waiting for them. */
function unclosedBy(lines: readonly string[], { syntax, brackets, cursorLine, restOfLine, isProse }: Place): number {
  if (isProse) return 0;
  const walk = createCodeWalk({ language: syntax, within: brackets.within });
  for (const [index, line] of lines.entries()) {
    walk.feed(line, index === 0 ? cursorLine : '');
    if (index < lines.length - 1) walk.endLine();
  }
  const within = walk.within();
  const isOpen = within !== 'code' && within !== 'line comment' && within !== brackets.within;
  // What opens a block at the end of the cursor's line is often closed by the next completion.
  const isHeader =
    lines.length === 1 && restOfLine === '' && walk.open().length === 1 && lines[0]!.trimEnd().endsWith('{');
  return (isHeader ? 0 : walk.open().length) + (isOpen ? 1 : 0);
}

function countFilled(text: string): number {
  return text.split(/\r\n?|\n/).filter((line) => !isBlank(line)).length;
}
