import { utf8Length } from '@ghostline/protocol';
import { splitLines } from '../text/lines.ts';
import type { Fused } from './fuse.ts';
import type { Part } from './part.ts';

/** A part that goes along. Its score is the one it was chosen with: a server that is short of room must not waver either. */
export interface Chosen {
  readonly part: Part;
  readonly score: number;
}

/** Where a selection is made. */
export interface Place {
  readonly uri: string;
  /** Of the line with the cursor, in the document. */
  readonly lineStart: number;
  readonly prefix: string;
  readonly suffix: string;
  /** By hand: everything is weighed again. */
  readonly afresh: boolean;
}

/**
 * Of each kind at most so many. Copilot's four for similar text; as many edits, of its eight, as one line of thought has; two
 * screens; and five definitions with one that another source names.
 */
const MAX_OF: Readonly<Record<Part['source'], number>> = {
  open_file: 4,
  recent_edit: 4,
  recent_view: 2,
  definition: 6,
  retrieved: 0,
};
/** Half of Copilot's prompt of 8,192 tokens is context of this kind: 16 KiB at four characters a token. */
const MAX_BYTES = 16 * 1024;
/**
 * How much better than one that is there already another part must be to displace it: nine places in one ranking, or a
 * second source that names it. A change makes the engine read again all that stands behind it, the prefix included: some
 * 6,000 tokens for what is, between neighbours in a ranking, a difference of 2 %.
 */
const CLEARLY_BETTER = 1.15;
/** Some fifty lines: whoever goes further looks at something else, and what was sent there has no advantage here. */
const JUMP_UNITS = 2000;
/** Above it two texts say the same (llama.vscode's figure for its chunks). */
const NEARLY_EQUAL = 0.9;

export interface Selection {
  /** What goes along, what has stood longest first; remembered as what was sent last. */
  next(fused: readonly Fused[], place: Place): readonly Chosen[];
  /** What would go along if nothing had been sent, best first; nothing is remembered. */
  best(fused: readonly Fused[], place: Place): readonly Chosen[];
}

/**
 * Chooses parts within the limits, without repetitions, and keeps to what it chose: on one line parts only join, and only
 * definitions do, as they are about what is being typed; from line to line a part stays until another is clearly better.
 */
export function createSelection(): Selection {
  let sent: readonly Chosen[] = [];
  let sentAt: Pick<Place, 'uri' | 'lineStart'> | undefined;

  return {
    next(fused, place) {
      const scores = new Map(fused.map(({ part, score }) => [part.key, { part, score }]));
      const standing = sent.flatMap((chosen) => {
        const now = scores.get(chosen.part.key);
        return now && isSame(now.part, chosen.part) ? [{ ...now, sentWith: chosen.score }] : [];
      });
      const keys = new Set(standing.map(({ part }) => part.key));
      const others = fused.filter(({ part }) => !keys.has(part.key));
      const distance = sentAt?.uri === place.uri ? Math.abs(sentAt.lineStart - place.lineStart) : Infinity;
      const sameLine = distance === 0 && !place.afresh;
      const advantage = distance > JUMP_UNITS || place.afresh ? 1 : CLEARLY_BETTER;
      const candidates: readonly Fused[] =
        sameLine && sent.length > 0
          ? [...standing, ...others.filter(({ part }) => part.source === 'definition')]
          : [...standing.map(({ part, score }) => ({ part, score: score * advantage })), ...others].toSorted(
              (a, b) => b.score - a.score,
            );
      const chosen = new Set(choose(candidates, place).map(({ part }) => part.key));
      const stay = standing
        .filter(({ part }) => chosen.has(part.key))
        .map(({ part, sentWith }) => ({ part, score: sentWith }));
      const join = others
        .filter(({ part }) => chosen.has(part.key))
        .map(({ part, score }) => ({ part, score: rounded(score) }));
      sent = [...stay, ...join.toSorted(byLikelyStay)];
      sentAt = { uri: place.uri, lineStart: place.lineStart };
      return sent;
    },
    best: (fused, place) => choose(fused, place).map(({ part, score }) => ({ part, score: rounded(score) })),
  };
}

function isSame(a: Part, b: Part): boolean {
  return a.text === b.text && a.safeText === b.safeText && a.path === b.path;
}

/** Those that come together: what a file declares changes less often than what is alike, and that than what was edited. */
const STAY = ['definition', 'retrieved', 'open_file', 'recent_view', 'recent_edit'] as const;

function byLikelyStay(a: Chosen, b: Chosen): number {
  return STAY.indexOf(a.part.source) - STAY.indexOf(b.part.source) || b.score - a.score;
}

function rounded(score: number): number {
  return Math.round(score * 1000) / 1000;
}

/** As many of `candidates`, in their order, as fit and do not repeat another one or the window. */
function choose(candidates: readonly Fused[], { uri, prefix, suffix }: Place): Fused[] {
  const chosen: { fused: Fused; lines: ReadonlySet<string> }[] = [];
  const room = { ...MAX_OF };
  let window: ReadonlySet<string> | undefined;
  let bytes = 0;
  for (const fused of candidates) {
    const { part } = fused;
    if (room[part.source] === 0) continue;
    if (chosen.some((other) => overlaps(part, other.fused.part))) continue;
    const size = utf8Length(part.text);
    if (bytes + size > MAX_BYTES) continue;
    const lines = linesOf(part);
    if (chosen.some((other) => resemblance(lines, other.lines) > NEARLY_EQUAL)) continue;
    window ??= new Set([...meaningfulLines(prefix), ...meaningfulLines(suffix)]);
    // An edit of this very file says what was there before.
    if (share(lines, window) > NEARLY_EQUAL && !(part.source === 'recent_edit' && part.uri === uri)) continue;
    bytes += size;
    room[part.source] -= 1;
    chosen.push({ fused, lines });
  }
  return chosen.map(({ fused }) => fused);
}

/** Half of the smaller one or more is in both. The lines of an edit are not those of the file. */
function overlaps(a: Part, b: Part): boolean {
  if (a.uri !== b.uri || a.source === 'recent_edit' || b.source === 'recent_edit') return false;
  const shared = Math.min(a.endLine, b.endLine) - Math.max(a.startLine, b.startLine);
  return shared * 2 >= Math.min(a.endLine - a.startLine, b.endLine - b.startLine) && shared > 0;
}

const lineSets = new WeakMap<Part, ReadonlySet<string>>();

function linesOf(part: Part): ReadonlySet<string> {
  const known = lineSets.get(part);
  if (known) return known;
  const lines = new Set(meaningfulLines(part.text));
  lineSets.set(part, lines);
  return lines;
}

/** Blank lines and lone brackets are in every text. */
function meaningfulLines(text: string): string[] {
  return splitLines(text)
    .map((line) => line.trim())
    .filter((line) => line.length > 3);
}

function resemblance(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  if (small.size <= large.size * NEARLY_EQUAL) return 0;
  const shared = sharedBy(small, large);
  return shared / (a.size + b.size - shared);
}

function share(lines: ReadonlySet<string>, window: ReadonlySet<string>): number {
  return lines.size === 0 ? 1 : sharedBy(lines, window) / lines.size;
}

function sharedBy(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const line of a) if (b.has(line)) shared += 1;
  return shared;
}
