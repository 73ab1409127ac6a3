import type { Match } from './match.ts';
import type { Translation } from './rename.ts';
import { Scope, type Stream } from './stream.ts';
import { Kind } from './vocabulary.ts';

/**
 * What is known of a place that might continue like the cursor, as one index into each of these tables of weights; the sum of
 * the weights says how much it counts.
 */
export const PLACE_TABLES = {
  /** Tokens that agree, as they are, before the place: 0, 1, … 6, 8, 12, 20, 32, more; by the kind of token it predicts. */
  exact: 72,
  /** Tokens that agree beyond, up to renaming: 0, 1, 3, 6, 12, more. */
  extra: 6,
  renames: 6,
  /** Scope and distance to the cursor. */
  nearness: 12,
  /** Whether the line begins with the same token. */
  lineHead: 3,
  /** How many lines above begin with the same token, one by one. */
  headsAbove: 4,
  /** The agreement ends within the line, at its start, or in a line above. */
  covers: 3,
  /** The line is indented less, as much, or more. */
  indent: 3,
  /** How far the line after the place's agrees with what follows the cursor. */
  following: 7,
  translation: 6,
  /** How often the token stands in all texts: never, once, up to 3, up to 10, more. */
  frequency: 5,
  /** How long ago it was written: up to 16, 64, 256, 1024 tokens, more. */
  recency: 5,
  /** For words: not on the line yet, or on it. */
  onLine: 3,
} as const;
export const FEATURES = Object.keys(PLACE_TABLES).length;

const OFFSETS = offsetsOf(PLACE_TABLES);

/** Where each table begins when they stand one after the other. */
export function offsetsOf(tables: Readonly<Record<string, number>>): readonly number[] {
  let sum = 0;
  return Object.values(tables).map((size) => (sum += size) - size);
}

/** The line that a path is on. */
export interface CursorLine {
  /** Id of its first token; -1 at its start. */
  readonly head: number;
  /** Its tokens so far: how many, and the last ones. */
  readonly length: number;
  readonly recent: readonly number[];
  readonly columns: number;
  /** Ids of the first tokens of the lines above, nearest first. */
  readonly headsAbove: readonly number[];
}

export interface PlaceFacts {
  readonly match: Match;
  readonly place: number;
  readonly line: CursorLine;
  /** The token it predicts. */
  readonly id: number;
  readonly how: Translation;
  readonly kind: Kind;
}

/** Writes the indexes of a place's weights to `into`, from `at` on. */
export function writeFeatures(into: Uint8Array, at: number, stream: Stream, facts: PlaceFacts): void {
  const { match, place, line } = facts;
  const values = [
    bin(match.exact, EXACT) * KINDS + facts.kind,
    bin(match.extra, EXTRA),
    Math.min(5, match.renames),
    nearness(stream, place),
    lineHead(stream, place, line.head),
    headsAbove(stream, place, line.headsAbove),
    match.exact < line.length ? 0 : match.exact <= line.length + 1 ? 1 : 2,
    1 + Math.sign(stream.columns[place]! - line.columns),
    followingAgreement(stream, place),
    facts.how,
    bin(stream.counts[facts.id] ?? 0, [0, 1, 3, 10]),
    bin(stream.length - (stream.last[facts.id] ?? -1), [16, 64, 256, 1024]),
    facts.kind !== Kind.word ? 0 : line.recent.includes(facts.id) ? 1 : 2,
  ];
  for (let feature = 0; feature < FEATURES; feature += 1) into[at + feature] = OFFSETS[feature]! + values[feature]!;
}

const KINDS = 6;
const EXACT = [0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 32];
const EXTRA = [0, 1, 3, 6, 12];

/** Index of the first bound that is not exceeded. */
export function bin(value: number, bounds: readonly number[]): number {
  let index = 0;
  while (index < bounds.length && value > bounds[index]!) index += 1;
  return index;
}

export function exactBin(exact: number): number {
  return bin(exact, EXACT);
}

function nearness(stream: Stream, place: number): number {
  const distance = stream.distanceOf(place);
  switch (stream.scopeOf(place)) {
    case Scope.before:
      return bin(distance, [32, 128, 512, 2048]);
    case Scope.after:
      return 5 + bin(distance, [24, 128, 512]);
    case Scope.firstSnippet:
      return 9 + bin(distance, [512]);
    case Scope.otherSnippet:
      return 11;
  }
}

function lineHead(stream: Stream, place: number, contextHead: number): number {
  const head = stream.lineHeads[place]!;
  if (head === place || contextHead < 0) return 0;
  return stream.ids[head] === contextHead ? 1 : 2;
}

function headsAbove({ ids, lineHeads }: Stream, place: number, above: readonly number[]): number {
  let head = lineHeads[place]!;
  let agreed = 0;
  while (agreed < above.length && head >= 2) {
    head = lineHeads[head - 1]!;
    if (ids[head] !== above[agreed]) break;
    agreed += 1;
  }
  return agreed;
}

/**
 * How the line after the place's agrees with the one after the cursor, where that has nothing more on its own line: not asked,
 * not at all, in one token, in up to three, in more; the same up to renaming in at least three.
 */
function followingAgreement({ following, ids, lineEnds, vocabulary }: Stream, place: number): number {
  if (following.length < 3 || vocabulary.kind(following[0]!) !== Kind.lineBreak) return 0;
  const start = lineEnds[place]!;
  let equal = 0;
  let alike = 0;
  for (let index = 1; index < Math.min(8, following.length) && start + index < ids.length; index += 1) {
    const here = ids[start + index]!;
    const there = following[index]!;
    if (here === there) {
      if (equal === alike) equal += 1;
      alike += 1;
    } else if (vocabulary.kind(here) === Kind.word && vocabulary.kind(there) === Kind.word) alike += 1;
    else break;
  }
  if (equal >= 4) return 4;
  if (equal >= 2) return alike >= 5 ? 6 : 3;
  if (alike >= 3) return 5;
  return equal === 1 ? 2 : 1;
}
