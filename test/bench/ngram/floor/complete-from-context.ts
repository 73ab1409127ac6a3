import { isHighSurrogate, isWordUnit } from './characters.ts';
import { type Continuation, type CursorLine, continuationAt, cursorLine, restOfWord } from './continuation.ts';
import { type Evidence, evidenceFor } from './evidence.ts';
import { findMatches, zBackwards } from './find-matches.ts';

export interface NgramRequest {
  readonly prefix: string;
  readonly suffix: string;
  /** Texts that may help, most relevant first. */
  readonly snippets: readonly string[];
  /** Longest candidate in UTF-16 units. */
  readonly maxChars: number;
  /** How many different candidates are wanted at most. */
  readonly candidates: number;
  /** End at the end of the line, rather than of the block that the line opens. */
  readonly singleLine: boolean;
}

export interface NgramCandidate {
  readonly text: string;
  /** How many UTF-16 units before the cursor are the same at the place it was taken from, up to 1024. */
  readonly matchLength: number;
  readonly source: 'prefix' | 'suffix' | 'snippet';
  /** `maxChars` ended it, not the line or the block. */
  readonly cut: boolean;
}

/** Some thirty lines: two places that agree on more are the same to a reader, and the nearer one wins. */
const LONGEST_MATCH = 1024;
/** Places tried when the better ones have nothing to say: bounds the work on text that repeats itself everywhere. */
const MOST_PLACES = 64;

/**
 * Continues as after the longest earlier match of the text before the cursor: longest match first, then the nearest before
 * the cursor, then after it, then in the snippets' order. Silent (empty) without a match that says enough. Pure; time grows
 * linearly with the text whatever it holds.
 */
export function completeFromContext(request: NgramRequest): readonly NgramCandidate[] {
  const { prefix, suffix } = request;
  // In the middle of a word or of a character there is nothing whole to insert.
  if (isWordUnit(suffix.charCodeAt(0)) || isHighSurrogate(prefix.charCodeAt(prefix.length - 1))) return [];
  const evidence = evidenceFor(prefix.slice(-LONGEST_MATCH));
  if (!evidence) return [];
  const cursor = cursorLine(prefix, suffix);
  const found: NgramCandidate[] = [];
  for (const place of bestPlaces(request, evidence.minimum)) {
    if (found.length >= request.candidates) break;
    const continuation = continuationOf(place, evidence, cursor, request);
    if (!continuation || found.some(({ text }) => text === continuation.text)) continue;
    found.push({ ...continuation, matchLength: place.length, source: place.source });
  }
  return found;
}

interface Place {
  readonly text: string;
  /** Where the match ends and the continuation begins. */
  readonly end: number;
  readonly length: number;
  readonly source: NgramCandidate['source'];
}

/** The best places to continue from, best first; among equals the one seen first. */
function bestPlaces({ prefix, suffix, snippets }: NgramRequest, minimum: number): readonly Place[] {
  const pattern = prefix.slice(-LONGEST_MATCH);
  const z = zBackwards(pattern);
  const best: Place[] = [];
  const search = (text: string, limit: number, source: Place['source']) => {
    // Backwards from the cursor is nearest first; after the cursor and in snippets the first place is the nearest.
    const nearestIsLast = source === 'prefix';
    const own: Place[] = [];
    findMatches(text, limit, pattern, z, (end, length) => {
      if (length < minimum || (length === minimum && beginsInsideWord(text, end - length))) return;
      keepBest(own, { text, end, length, source }, nearestIsLast);
    });
    for (const place of own) keepBest(best, place, true);
  };
  search(prefix, prefix.length - 1, 'prefix');
  search(suffix, suffix.length, 'suffix');
  for (const snippet of snippets) search(snippet, snippet.length, 'snippet');
  return best;
}

function beginsInsideWord(text: string, at: number): boolean {
  return at > 0 && isWordUnit(text.charCodeAt(at)) && isWordUnit(text.charCodeAt(at - 1));
}

/** Inserts by length, after or before its equals, and drops what falls off the end. */
function keepBest(places: Place[], place: Place, afterEquals: boolean): void {
  const worst = places[MOST_PLACES - 1];
  if (worst && (afterEquals ? place.length <= worst.length : place.length < worst.length)) return;
  let at = places.length;
  while (at > 0 && (afterEquals ? places[at - 1]!.length < place.length : places[at - 1]!.length <= place.length))
    at -= 1;
  places.splice(at, 0, place);
  if (places.length > MOST_PLACES) places.pop();
}

function continuationOf(
  { text, end, length, source }: Place,
  { beyondWord }: Evidence,
  cursor: CursorLine,
  request: NgramRequest,
): Continuation | undefined {
  if (length < beyondWord) return restOfWord(text, end, request);
  return continuationAt(text, end, cursor, request, source === 'prefix');
}
