import { nearestPart } from './alignment.ts';
import { lexemesOf, wholeWords } from './lexemes.ts';
import { type Place, type Span, joined, spanOf } from './place.ts';

/** What is left of a text: 0 when it stands as it was accepted, 1 when nothing of it does. */
export interface Remains {
  readonly ratio: number;
  /** Where; undefined when it is gone. */
  readonly range: Span | undefined;
}

const GONE: Remains = { ratio: 1, range: undefined };

/** More edits than half its lexemes, and it is another text: Copilot's "still in code". */
const STILL_THERE = 0.5;
/** Copilot's windows around the tracked place, in characters. */
const NEAR = 50;
const AROUND = 1500;
/** A text of fewer lexemes is found again only as it was. */
const SHORT = 3;
/** Fresh text of this length, in characters, is searched as it is, in about 5 ms; in more of it, anchors are looked up. */
const SEARCHED_WHOLE = 20_000;
/** What is compared in one look-up by anchors, in characters: some 30 ms. */
const COMPARED = 100_000;
/** Places of one anchor: whatever is there more often tells nothing. */
const MAX_OCCURRENCES = 1000;
const MAX_COMPARED_OF_ONE = 20;

/**
 * How much of `accepted` the document still holds, in lexemes, by `nearestPart`. It is looked for where the changes since
 * have carried it, and then, among what came into the document since, ever farther around.
 */
export function remainsOf(accepted: string, text: string, place: Place): Remains {
  const { words } = lexemesOf(accepted);
  const { range, certain, fresh } = place;
  const size = accepted.length;

  const inPlace = certain ? look([range]) : GONE;
  let best = inPlace;
  if (best.ratio > 0) search(NEAR);
  // What is still in its place may have been changed there; elsewhere, the best is looked for.
  if (best.ratio > (best === inPlace ? STILL_THERE : 0)) search(AROUND);
  if (best.ratio <= STILL_THERE) return best;
  const everywhere = spansIn(0, text.length);
  const isShort = everywhere.reduce((sum, { start, end }) => sum + end - start, 0) <= SEARCHED_WHOLE;
  consider(isShort ? compare(words, text, everywhere) : lookUp(accepted, words, text, place, everywhere));
  return best;

  function search(distance: number): void {
    // A deleted text has no extent, and may have come back on either side.
    const first = Math.min(range.start, range.end - size) - distance;
    const last = Math.max(range.end, range.start + size) + distance;
    let found = look(spansIn(first, last));
    consider(found);
    // Only part of it may lie within the distance: on from there, as long as that is better.
    for (let before = GONE; found.range && found.ratio > 0 && found.ratio < before.ratio; consider(found)) {
      before = found;
      found = look(spansIn(found.range.start - size, found.range.end + size));
    }
  }
  function look(spans: readonly Span[]): Remains {
    return compare(words, text, bounded(spans, 3 * size + 2 * AROUND));
  }
  function consider(found: Remains): void {
    // A closing bracket or two are anywhere.
    const atMost = words.length < SHORT ? 0 : STILL_THERE;
    if (found.ratio <= atMost && found.ratio < best.ratio) best = found;
  }
  /** Where the text may stand: in its place, and in what is fresh. */
  function spansIn(from: number, to: number): Span[] {
    const [first, last] = [Math.max(0, from), Math.min(text.length, to)];
    if (fresh === 'unknown') return spanOf(first, last);
    const spans = fresh.flatMap(({ start, end }) => spanOf(Math.max(start, first), Math.min(end, last)));
    if (certain) spans.push(...spanOf(Math.max(range.start, first), Math.min(range.end, last)));
    return joined(spans.toSorted((a, b) => a.start - b.start));
  }
}

/** Of a span that much text was put into, its beginning and its end. */
function bounded(spans: readonly Span[], longest: number): Span[] {
  return spans.flatMap(({ start, end }) =>
    end - start <= 2 * longest
      ? [{ start, end }]
      : [
          { start, end: start + longest },
          { start: end - longest, end },
        ],
  );
}

function compare(words: readonly string[], text: string, spans: readonly Span[]): Remains {
  const found: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const span of joined(spans.map((one) => wholeWords(text, one)))) {
    const lexemes = lexemesOf(text, span.start, span.end);
    for (let index = 0; index < lexemes.words.length; index++) {
      found.push(lexemes.words[index]!);
      starts.push(lexemes.starts[index]!);
      ends.push(lexemes.ends[index]!);
    }
    // What is between two spans was never part of it, and keeps apart what is in them.
    found.push('');
    starts.push(span.end);
    ends.push(span.end);
  }
  const { distance, from, to } = nearestPart(words, found);
  if (to === from) return GONE;
  return { ratio: distance / words.length, range: { start: starts[from]!, end: ends[to - 1]! } };
}

/** In a text too long to be compared: around the places of its longest lines and words, the nearest ones first. */
function lookUp(
  accepted: string,
  words: readonly string[],
  text: string,
  { range }: Place,
  spans: readonly Span[],
): Remains {
  let best = GONE;
  let left = COMPARED;
  for (const { anchor, at } of anchorsOf(accepted)) {
    const places = occurrences(text, anchor, spans)
      .map((found) => found - at)
      .toSorted((a, b) => Math.abs(a - range.start) - Math.abs(b - range.start));
    for (const place of places.slice(0, MAX_COMPARED_OF_ONE)) {
      const around = { start: place - accepted.length / 2 - NEAR, end: place + accepted.length * 1.5 + NEAR };
      left -= around.end - around.start;
      if (left < 0) return best;
      const within = spans.flatMap(({ start, end }) =>
        spanOf(Math.max(start, Math.floor(around.start)), Math.min(end, Math.ceil(around.end))),
      );
      const remains = compare(words, text, within);
      if (remains.ratio < best.ratio) best = remains;
      if (best.ratio === 0) return best;
    }
    if (best.ratio <= STILL_THERE) return best;
  }
  return best;
}

interface Anchor {
  readonly anchor: string;
  /** Where it is in the accepted text. */
  readonly at: number;
}

/** What finds a text again: its longest lines without their indentation, then its longest words. */
function anchorsOf(accepted: string): Anchor[] {
  const lines = [...accepted.matchAll(/\S(?:.*\S)?/g)];
  const words = [...accepted.matchAll(/[\p{L}\p{M}\p{N}_$]{4,}/gu)];
  return [longest(lines), longest(words)].flat();
}

function longest(matches: readonly RegExpExecArray[]): Anchor[] {
  const different = new Map(matches.map((match) => [match[0], match.index]));
  return [...different]
    .map(([anchor, at]) => ({ anchor, at }))
    .toSorted((a, b) => b.anchor.length - a.anchor.length)
    .slice(0, 4);
}

function occurrences(text: string, anchor: string, spans: readonly Span[]): number[] {
  const places: number[] = [];
  for (const { start, end } of spans) {
    const part = text.slice(start, end);
    let at = part.indexOf(anchor);
    while (at >= 0 && places.length < MAX_OCCURRENCES) {
      places.push(start + at);
      at = part.indexOf(anchor, at + anchor.length);
    }
  }
  return places;
}
