import type { EmptyReason } from '@ghostline/protocol';
import type { CursorSyntax, SyntaxChange } from '@ghostline/syntax';
import { isSubsequence, scanBrackets } from '@ghostline/syntax';
import { type Filtered, type Fitted, fitCompletion } from '../postprocess/fit.ts';
import { rankCandidates } from '../postprocess/rank.ts';
import type { Surroundings } from '../postprocess/surroundings.ts';
import type { ClientFailure, DocumentSnapshot } from '../types.ts';
import { type Anchor, type Progress, anchorAt, progressSince } from './anchor.ts';
import type { Answer } from './answer.ts';
import type { Extent } from './extent.ts';

/** Where an answer is placed. */
export interface Place {
  readonly document: DocumentSnapshot;
  /** How much of it is to be shown. */
  readonly extent: Extent;
  readonly syntax: () => Pick<CursorSyntax, 'scope'>;
  /** How many more errors of syntax the document has with a text in place; undefined when unknown. */
  readonly errorsAdded?: (change: SyntaxChange) => number | undefined;
}

/** One choice of an answer as it fits a document now. */
export interface Placement {
  readonly index: number;
  /** All of the suggestion since it was first placed; its first `typedLength` characters are in the document. */
  readonly text: string;
  readonly typedLength: number;
  /** The rest of `text` replaces the document from the cursor to here, on the cursor's line. */
  readonly end: number;
}

/** Never empty: nothing to place has reasons of its own. */
export type Placements = readonly [Placement, ...Placement[]];

export type Fit =
  | { readonly kind: 'shows'; readonly placements: Placements }
  /** What is left of the suggestion stands after the cursor already. */
  | { readonly kind: 'nothing-left' }
  /** Something else was typed or edited, or all of it was typed. */
  | { readonly kind: 'no-fit' };

/** An answer placed in a document: what may be on screen, and what type-through goes by. */
export interface Offer {
  /** Whose text it is, from the first character on. */
  readonly answer: Answer;
  /** Where it was placed. */
  readonly anchor: Anchor;
  /** What was left out of the best choice's own text, or left nothing of it, by which filter. */
  readonly filters: readonly Filtered[];
  /** A later answer that it may grow into. */
  readonly follower: Answer | undefined;
  /** The completion of the follower, once it has lengthened the text. */
  readonly extendedBy: string | undefined;
  fit(document: DocumentSnapshot): Fit;
  /** What to tell whoever waits for this offer; undefined while that is still open. */
  verdict(document: DocumentSnapshot): Verdict | undefined;
  /**
   * From now on the text grows as `answer`, which belongs to `document` or is typed up to it, continues it; where that
   * says something else, it stays what it is. Takes the place of a follower before.
   */
  follow(answer: Answer, document: DocumentSnapshot): void;
  /** True when that choice will not grow any more. */
  hasEnded(index: number): boolean;
}

export type Verdict =
  | { readonly kind: 'shows'; readonly placements: Placements }
  | { readonly kind: 'empty'; readonly reason: EmptyReason | 'trimmed' }
  | { readonly kind: 'disagrees' }
  | { readonly kind: 'failed'; readonly failure: ClientFailure }
  | { readonly kind: 'aborted' };

/**
 * Places `answer`, of which `typed` was typed before, at the cursor of the document. The text is trimmed against this
 * document once and stays what it is while the user types along; it only grows with the stream.
 */
export function placeAnswer(answer: Answer, typed: string, place: Place): Offer {
  const { document, extent, syntax } = place;
  const anchor = anchorAt(document);
  const around: Surroundings = {
    ...anchor,
    startsDocument: anchor.prefix.length === document.cursor,
    language: document.language,
    extent,
    scope: syntax().scope,
  };
  const own: Source = { answer, lead: '', typed };
  const shown = new Map<number, Shown>();
  let filters: readonly Filtered[] = [];
  /** In which order the choices were offered last. */
  let offered: readonly number[] = [];
  let follower: Source | undefined;
  let extendedBy: string | undefined;

  function trimmed(index: number): Shown | undefined {
    grow(index, own);
    if (follower && shown.has(index) && grow(index, follower)) extendedBy = follower.answer.start?.completion_id;
    return shown.get(index);
  }

  /** Takes over what `source` has by now. True when there was text before, and it is longer now. */
  function grow(index: number, { answer, lead, typed }: Source): boolean {
    const before = shown.get(index);
    const settled = answer.settled(index);
    if (!settled.startsWith(typed)) return false;
    const goesOn = settled.length < answer.received(index).length;
    const fresh = fitCompletion(lead + settled.slice(typed.length), around, { goesOn });
    if (!before) ({ filters } = fresh);
    // Text on screen is never taken back or rewritten by what comes later.
    if (fresh.kind === 'nothing' || (before && !fresh.text.startsWith(before.text))) return false;
    shown.set(index, fresh);
    return before !== undefined && fresh.text.length > before.text.length;
  }

  function fit(document: DocumentSnapshot): Fit {
    const progress = progressSince(anchor, document);
    // Where the line was broken before a bracket, the text is to be fitted anew: it may close that bracket, too.
    if (!progress || progress.broken !== '') return { kind: 'no-fit' };
    const placements: Placement[] = [];
    let nothingLeft = false;
    for (const index of answer.indexes()) {
      const choice = trimmed(index);
      if (!choice?.text.startsWith(progress.typed)) continue;
      const left = choice.text.slice(progress.typed.length);
      const end = replacedEnd(choice, left, progress, document.cursor);
      if (left === '' || end === undefined) continue;
      const replaced = document.text.slice(document.cursor, end);
      if (replaced === left) nothingLeft = true;
      else if (isSubsequence(replaced, left)) {
        placements.push({ index, text: choice.text, typedLength: progress.typed.length, end });
      }
    }
    if (isFilled(placements)) return { kind: 'shows', placements: inOrder(placements) };
    return { kind: nothingLeft && answer.end ? 'nothing-left' : 'no-fit' };
  }

  /** Best first; what was offered before keeps its place. */
  function inOrder(placements: Placements): Placements {
    if (placements.length === 1) return placements;
    const candidates = placements.map(({ index, text }) => ({
      index,
      text,
      raw: answer.received(index),
      covers: shown.get(index)!.covers,
      goesOn: !answer.hasEnded(index),
      ...(offered.includes(index) && { shownAt: offered.indexOf(index) }),
    }));
    const { cursor } = document;
    offered = rankCandidates(candidates, around, ({ text, covers = 0 }) => {
      const errors = place.errorsAdded?.({ start: cursor, end: cursor + covers, inserted: text }) ?? 0;
      return 1 / (1 + Math.max(0, errors));
    });
    const byIndex = new Map(placements.map((placement) => [placement.index, placement]));
    const ordered = offered.flatMap((index) => byIndex.get(index) ?? []);
    return isFilled(ordered) ? ordered : placements;
  }

  return {
    answer,
    anchor,
    get filters() {
      return filters;
    },
    get follower() {
      return follower?.answer;
    },
    get extendedBy() {
      return extendedBy;
    },
    fit,
    follow(next, document) {
      const since = progressSince(anchor, document);
      const sinceNext = progressSince(next.anchor, document);
      follower = since && sinceNext && { answer: next, lead: since.typed, typed: sinceNext.typed };
    },
    hasEnded: (index) => answer.hasEnded(index) && (follower?.answer.hasEnded(index) ?? true),
    verdict(document) {
      if (answer.end?.kind === 'failed') return answer.end;
      if (answer.end?.kind === 'aborted') return { kind: 'aborted' };
      const now = fit(document);
      if (now.kind === 'shows') return now;
      const texts = answer.indexes().map((index) => answer.received(index));
      if (!answer.end) {
        const possible = texts.some((text) => text.startsWith(typed) || typed.startsWith(text));
        return texts.length === 0 || possible ? undefined : { kind: 'disagrees' };
      }
      if (texts.every((text) => text === '')) return { kind: 'empty', reason: answer.end.reason ?? 'silent' };
      const goesOn = texts.some((text) => text.length > typed.length && text.startsWith(typed));
      return goesOn ? { kind: 'empty', reason: 'trimmed' } : { kind: 'disagrees' };
    },
  };
}

type Shown = Extract<Fitted, { kind: 'fits' }>;

/** An answer as a part of the text on screen: what that says before, and what of the answer was typed before. */
interface Source {
  readonly answer: Answer;
  readonly lead: string;
  readonly typed: string;
}

/** Where the text to replace ends, or undefined when what the editor put there would stand between. */
function replacedEnd({ covers }: Shown, left: string, progress: Progress, cursor: number): number | undefined {
  const { autoClosed, typedOver } = progress;
  if (typedOver > 0) return typedOver <= covers ? cursor + covers - typedOver : undefined;
  const closedAgain = scanBrackets(left, autoClosed).closedOuter;
  if (closedAgain === autoClosed.length) return cursor + autoClosed.length + covers;
  return covers === 0 ? cursor + closedAgain : undefined;
}

function isFilled<T>(items: readonly T[]): items is readonly [T, ...T[]] {
  return items.length > 0;
}
