import { type CursorLine, FEATURES, writeFeatures } from './features.ts';
import { LONGEST_MATCH, type Match, createMatch, matchAt } from './match.ts';
import { translate } from './rename.ts';
import type { Stream } from './stream.ts';
import { Kind } from './vocabulary.ts';

/** Places after the same token, nearest first, that are looked at; and of these so many however little else agrees. */
const MOST_VISITED = 2_048;
const ALWAYS_MATCHED = 96;
/** Places matched in full for one token, and places found by renaming that are followed. */
const MOST_PLACES = 384;
const MOST_RENAMED = 24;
const MOST_RENAMED_TRIED = 2_048;
/** Tokens that must agree up to renaming where the last one alone does not. */
const LEAST_RENAMED = 3;

/** The cursor's context with what a path has added to it. */
export interface Context {
  /** Ids, the last one at `size - 1`; at least as many before it as a match reads, or all there are. */
  readonly ids: Int32Array;
  readonly size: number;
  /** Tokens added by the path. */
  readonly added: number;
}

export function contextOf(stream: Stream, added: readonly number[]): Context {
  const kept = Math.min(stream.length, LONGEST_MATCH);
  const ids = new Int32Array(kept + added.length);
  ids.set(stream.ids.subarray(stream.length - kept, stream.length));
  ids.set(added, kept);
  return { ids, size: ids.length, added: added.length };
}

/** Places that continue like the context, in parallel arrays: the token each predicts and its features. */
export interface Places {
  count: number;
  readonly at: Int32Array;
  readonly ids: Int32Array;
  /** Tokens that agree exactly before each. */
  readonly exact: Int32Array;
  /** `FEATURES` per place. */
  readonly features: Uint8Array;
  /** Tokens that agree exactly at the best place. */
  longest: number;
}

/** Whether a token may come next at the cursor; `place` is where it was found. */
export type Accepts = (id: number, place: number) => boolean;

/** Finds the places of one request for one context after the other; what it returns is valid until the next call. */
export function createPlaceFinder(stream: Stream) {
  const { ids, vocabulary, earlier, last } = stream;
  const match: Match = createMatch();
  const capacity = MOST_PLACES + MOST_RENAMED;
  const places: Places = {
    count: 0,
    at: new Int32Array(capacity),
    ids: new Int32Array(capacity),
    exact: new Int32Array(capacity),
    features: new Uint8Array(capacity * FEATURES),
    longest: 0,
  };
  const seen = new Int32Array(ids.length);
  let round = 0;
  let renamed: readonly number[] | undefined;

  function add(place: number, context: Context, line: CursorLine, accepts?: Accepts): void {
    if (places.count === capacity || seen[place] === round) return;
    seen[place] = round;
    matchAt(match, ids, place, context.ids, context.size, vocabulary);
    const { id, how } = translate(match, ids, place, vocabulary);
    const kind = vocabulary.kind(id);
    if (kind === Kind.boundary || (accepts && !accepts(id, place))) return;
    places.at[places.count] = place;
    places.ids[places.count] = id;
    places.exact[places.count] = match.exact;
    writeFeatures(places.features, places.count * FEATURES, stream, { match, place, line, id, how, kind });
    places.count += 1;
    if (match.exact > places.longest) places.longest = match.exact;
  }

  /** Places before the cursor's own end that agree up to renaming: candidates for copying a block with other names. */
  function findRenamed(context: Context): readonly number[] {
    const found: { place: number; weight: number }[] = [];
    const lastClass = classOf(context.ids[context.size - 1]!);
    const secondClass = classOf(context.ids[context.size - 2] ?? 0);
    let tried = 0;
    for (let place = ids.length - 1; place > 2 && tried < MOST_RENAMED_TRIED; place -= 1) {
      if (classOf(ids[place - 1]!) !== lastClass || classOf(ids[place - 2]!) !== secondClass) continue;
      tried += 1;
      matchAt(match, ids, place, context.ids, context.size, vocabulary);
      if (match.renames === 0 || match.exact + match.extra < LEAST_RENAMED) continue;
      const weight = match.exact + 0.7 * match.extra - match.renames;
      if (found.length === MOST_RENAMED && weight <= found.at(-1)!.weight) continue;
      let at = found.length;
      while (at > 0 && found[at - 1]!.weight < weight) at -= 1;
      found.splice(at, 0, { place, weight });
      if (found.length > MOST_RENAMED) found.pop();
    }
    return found.map(({ place }) => place);
  }

  /** Tokens that a renaming may exchange for each other have the same class. */
  function classOf(id: number): number {
    const kind = vocabulary.kind(id);
    return kind === Kind.word || kind === Kind.number || kind === Kind.lineBreak ? -kind : id;
  }

  return {
    find(context: Context, line: CursorLine, accepts?: Accepts): Places {
      round += 1;
      places.count = 0;
      places.longest = 0;
      renamed ??= findRenamed(context);
      for (const start of renamed) {
        const place = start + context.added;
        // It goes on from where the path agrees with it so far: what does not is weighed by what agrees since.
        if (place < ids.length) add(place, context, line, accepts);
      }
      const id = context.ids[context.size - 1]!;
      let visited = 0;
      for (let at = last[id] ?? -1; at >= 0 && visited < MOST_VISITED; at = earlier[at]!) {
        const place = at + 1;
        if (place >= ids.length) continue;
        visited += 1;
        if (visited > ALWAYS_MATCHED && ids[at - 1] !== context.ids[context.size - 2]) continue;
        add(place, context, line, accepts);
      }
      return places;
    },
    /** Adds the nearest place of each token of text that `accepts` and that is not among the places yet. */
    addWords(context: Context, line: CursorLine, accepts: Accepts): void {
      const known = new Set(places.ids.subarray(0, places.count));
      for (let id = 1; id < last.length; id += 1) {
        const place = last[id]!;
        if (place >= 0 && !known.has(id) && accepts(id, place)) add(place, context, line, accepts);
      }
    },
  };
}
