import type { Keystroke } from '@ghostline/client';
import { type Fold, foldAlike, keyOf } from './fold.ts';
import { type KeystrokeKind, kindOf } from './kind.ts';

export type Filter = KeystrokeKind | 'all';

/**
 * How the list is being looked at. Following, the newest keystroke is the one in detail. Reading, what is on screen is held
 * where it is, and newer keystrokes wait.
 */
export interface Reader {
  readonly filter: Filter;
  readonly mode: { readonly kind: 'following' } | Reading;
}

interface Reading {
  readonly kind: 'reading';
  /** Newest first. */
  readonly held: readonly Keystroke[];
  /** `keyOf` the one in detail. */
  readonly selected: string | undefined;
}

export const FOLLOWING: Reader = { filter: 'all', mode: { kind: 'following' } };

/** What is to be seen. */
export interface Frame {
  readonly folds: readonly Fold[];
  readonly selected: Selected | undefined;
  /** How many keystrokes of each kind there are among those held or followed. */
  readonly counts: Readonly<Record<Filter, number>>;
  /** How many have come since the list is held. */
  readonly waiting: number;
}

export interface Selected {
  readonly keystroke: Keystroke;
  /** The line it is folded into. */
  readonly fold: Fold;
}

export function frameOf(
  latest: readonly Keystroke[],
  { filter, mode }: Reader,
  titleOf: (k: Keystroke) => string,
): Frame {
  const present = mode.kind === 'reading' ? refreshed(mode.held, latest) : latest;
  const folds = foldAlike(
    filter === 'all' ? present : present.filter((keystroke) => kindOf(keystroke) === filter),
    titleOf,
  );
  return {
    folds,
    selected: find(folds, mode.kind === 'reading' ? mode.selected : undefined),
    counts: countsOf(present),
    waiting: mode.kind === 'reading' ? newcomers(mode.held, latest) : 0,
  };
}

/** From now on what is there stays there; `selected`, or what is selected already, is in detail. */
export function read(reader: Reader, latest: readonly Keystroke[], selected: string | undefined): Reader {
  const { mode } = reader;
  if (mode.kind === 'reading') return { ...reader, mode: { ...mode, selected: selected ?? mode.selected } };
  return { ...reader, mode: { kind: 'reading', held: latest, selected } };
}

export function follow({ filter }: Reader): Reader {
  return { filter, mode: { kind: 'following' } };
}

/** Everything there is to report: what has come since, and what is held. */
export function everything(latest: readonly Keystroke[], { mode }: Reader): readonly Keystroke[] {
  if (mode.kind === 'following') return latest;
  const present = new Set(latest.map(keyOf));
  return [...latest, ...mode.held.filter((keystroke) => !present.has(keyOf(keystroke)))];
}

/** Those held, with what has become of them since. */
function refreshed(held: readonly Keystroke[], latest: readonly Keystroke[]): Keystroke[] {
  const byKey = new Map(latest.map((keystroke) => [keyOf(keystroke), keystroke]));
  return held.map((keystroke) => byKey.get(keyOf(keystroke)) ?? keystroke);
}

function newcomers(held: readonly Keystroke[], latest: readonly Keystroke[]): number {
  const known = new Set(held.map(keyOf));
  return latest.filter((keystroke) => !known.has(keyOf(keystroke))).length;
}

/** The one asked for; without it, or when the filter hides it, the newest. */
function find(folds: readonly Fold[], key: string | undefined): Selected | undefined {
  for (const fold of folds) {
    const keystroke = fold.keystrokes.find((one) => keyOf(one) === key);
    if (keystroke) return { keystroke, fold };
  }
  const [first] = folds;
  return first && { keystroke: first.keystrokes[0], fold: first };
}

function countsOf(keystrokes: readonly Keystroke[]): Record<Filter, number> {
  const counts = { all: keystrokes.length, shown: 0, 'not-asked': 0, nothing: 0, cancelled: 0, failed: 0 };
  for (const keystroke of keystrokes) counts[kindOf(keystroke)] += 1;
  return counts;
}
