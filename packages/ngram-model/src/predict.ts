import { type CursorLine, FEATURES, bin, exactBin, offsetsOf } from './features.ts';
import { type Context, type Places, createPlaceFinder } from './places.ts';
import type { Stream } from './stream.ts';
import { BOUNDARY, Kind } from './vocabulary.ts';
import { ESCAPE_WEIGHTS, PLACE_WEIGHTS } from './weights.ts';

/** What may come next, most probable first; the rest up to 1 is what the texts do not hold. */
export interface Prediction {
  readonly id: number;
  readonly probability: number;
  /** The blanks before it where it is likeliest. */
  readonly space: string;
}

/** The tables one after the other, as the indexes of features count. Whoever fits the weights writes to them. */
export const placeWeights = Float64Array.from(Object.values(PLACE_WEIGHTS).flat());
export const escapeWeights = Float64Array.from(Object.values(ESCAPE_WEIGHTS).flat());

/** Tokens of the line that are remembered: a line may be as long as the file. */
const RECENT = 32;

/** More are never expanded. */
const MOST_PREDICTIONS = 4;

export function createPredictor(stream: Stream) {
  const finder = createPlaceFinder(stream);
  const { vocabulary, spaces, cursor } = stream;
  const own = cursorLine(stream);

  /** Places for the path that has added `added`; the first token must go on with what touches the cursor. */
  function placesFor(added: readonly number[], context: Context): Places {
    const line = lineOf(added);
    if (added.length > 0) return finder.find(context, line);
    const { partial, space } = cursor;
    if (partial !== '') {
      const accepts = (id: number) => vocabulary.text(id).startsWith(partial) && vocabulary.kind(id) !== Kind.lineBreak;
      const places = finder.find(context, line, accepts);
      finder.addWords(context, line, accepts);
      return places;
    }
    // Who typed a blank goes on in this line, with a token that has one before it.
    if (space !== '')
      return finder.find(
        context,
        line,
        (id, place) => vocabulary.kind(id) !== Kind.lineBreak && (spaces[place] ?? '') !== '',
      );
    // What stands deeper or less deep than the line it follows would stand at the wrong level here.
    if (cursor.atLineStart) return finder.find(context, line, (_, place) => isAtLevel(place));
    return finder.find(context, line);
  }

  function isAtLevel(place: number): boolean {
    const [here, there] = [stream.ids[place - 1]!, stream.ids[stream.length - 1]!];
    if (here === there || vocabulary.kind(here) !== Kind.lineBreak) return true;
    return (
      vocabulary.kind(there) !== Kind.lineBreak ||
      vocabulary.lineBreak(here).columns === vocabulary.lineBreak(there).columns
    );
  }

  /** The cursor's line with what the path has added, and the lines above it. */
  function lineOf(added: readonly number[]): CursorLine {
    let { head, length, recent, columns, headsAbove } = own;
    for (const id of added) {
      if (vocabulary.kind(id) === Kind.lineBreak) {
        if (head >= 0) headsAbove = [head, ...headsAbove.slice(0, 2)];
        columns += vocabulary.lineBreak(id).columns;
        head = -1;
        length = 0;
        recent = [];
      } else {
        if (head < 0) head = id;
        length += 1;
        recent = [...recent.slice(1 - RECENT), id];
      }
    }
    return { head, length, recent, columns, headsAbove };
  }

  let longest = 0;

  return {
    placesFor,
    /** Tokens that agree before the best place of the last prediction. */
    longestMatch: () => longest,
    /** Distribution over the next token. */
    predict(added: readonly number[], context: Context): readonly Prediction[] {
      const places = placesFor(added, context);
      longest = places.longest;
      return weigh(places, escapeIndexes(stream, context, places));
    },
  };

  function weigh(places: Places, escapes: readonly number[]): readonly Prediction[] {
    const mass = new Map<number, { weight: number; best: number; place: number }>();
    let total = Math.exp(escapes.reduce((sum, index) => sum + escapeWeights[index]!, 0));
    for (let index = 0; index < places.count; index += 1) {
      let sum = 0;
      for (let feature = index * FEATURES; feature < (index + 1) * FEATURES; feature += 1)
        sum += placeWeights[places.features[feature]!]!;
      const weight = Math.exp(sum);
      total += weight;
      const id = places.ids[index]!;
      const known = mass.get(id);
      if (!known) mass.set(id, { weight, best: weight, place: places.at[index]! });
      else {
        known.weight += weight;
        if (weight > known.best) {
          known.best = weight;
          known.place = places.at[index]!;
        }
      }
    }
    return [...mass]
      .map(([id, { weight, place }]) => ({ id, probability: weight / total, space: spaces[place]! }))
      .toSorted((a, b) => b.probability - a.probability || a.id - b.id)
      .slice(0, MOST_PREDICTIONS);
  }
}

function cursorLine({ ids, length, lineHeads, columns, vocabulary }: Stream): CursorLine {
  const last = ids[length - 1]!;
  const isStart = last === BOUNDARY || vocabulary.kind(last) === Kind.lineBreak;
  let at = isStart ? length : lineHeads[length - 1]!;
  const line = {
    head: isStart ? -1 : ids[at]!,
    length: length - at,
    recent: [...ids.subarray(Math.max(at, length - RECENT), length)],
    columns: columns[length - 1]! + (isStart && last !== BOUNDARY ? vocabulary.lineBreak(last).columns : 0),
  };
  const headsAbove: number[] = [];
  while (headsAbove.length < 3 && at >= 2) {
    at = lineHeads[at - 1]!;
    headsAbove.push(ids[at]!);
  }
  return { ...line, headsAbove };
}

/** Which weights say how likely something new is: one index into each of these tables. */
export const ESCAPE_TABLES = {
  /** The longest match. */
  longest: 12,
  /** What stands at the cursor. */
  cursor: 9,
  /** The kind of the last token. */
  lastKind: 6,
  /** How far the places with the longest match agree with each other, by how long that is. */
  agreement: 24,
} as const;
const ESCAPE_OFFSETS = offsetsOf(ESCAPE_TABLES);

export function escapeIndexes(
  { cursor, vocabulary }: Stream,
  { added, ids, size }: Context,
  places: Places,
): readonly number[] {
  const values = [
    exactBin(places.longest),
    cursorBin(cursor, added),
    vocabulary.kind(ids[size - 1] ?? BOUNDARY),
    agreement(places),
  ];
  return values.map((value, table) => ESCAPE_OFFSETS[table]! + value);
}

function agreement({ count, exact, ids, longest }: Places): number {
  let number = 0;
  let same = 0;
  let first = -1;
  for (let at = 0; at < count; at += 1) {
    if (exact[at] !== longest) continue;
    number += 1;
    if (first < 0) first = ids[at]!;
    if (ids[at] === first) same += 1;
  }
  const length = bin(longest, [1, 3, 8]) * 6;
  if (same === number) return length + Math.min(3, bin(number, [1, 2, 4]));
  return length + (same * 2 >= number ? 4 : 5);
}

/** One of the next two tokens, or a later one; the first: at the start of a line, after a bracket, after a blank or one letter, after more. */
function cursorBin({ partial, space, atLineStart }: Stream['cursor'], added: number): number {
  if (added > 0) return added < 3 ? 0 : 1;
  if (atLineStart) return 2;
  if (partial !== '') return 4 + Math.min(4, partial.length);
  return space === '' ? 3 : 4;
}
