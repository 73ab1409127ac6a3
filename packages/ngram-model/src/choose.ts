import { isWordUnit } from './characters.ts';
import { type Surroundings, balanceGain, confidenceFeatures, confidenceOf } from './confidence.ts';
import type { Found } from './search.ts';
import type { Stream } from './stream.ts';

/**
 * What is said at the least confidence, by where it ends. Found on the tuning half, with the constants below, as what saves
 * most characters while whole lines are right at well over half of the places where anything is said there: whole lines pay
 * from 0.2 on; text that leaves the line open must be right more often to be worth reading; several lines must be right more
 * often than not, but for those behind an opening bracket, where no single line is the alternative.
 */
const LEAST_CONFIDENCE: Readonly<Record<Found['end'], number>> = { line: 0.2, block: 0.5, body: 0.35, token: 0.6 };
/** Shorter text within a line is typed faster than it is read. */
const LEAST_OPEN_CHARS = 8;
/** What text within a line is worth of as much text that ends it: the rest has to be typed still. */
const OPEN_WORTH = 0.75;
/** Characters that the reading of a wrong suggestion costs: short text must be surer than long text. */
const READING_COST = 6;

export interface Chosen {
  readonly text: string;
  readonly confidence: number;
  readonly cut: boolean;
}

/** The finds worth showing, the one with the largest expected saving first. */
export function choose(
  found: readonly Found[],
  stream: Stream,
  surroundings: Surroundings,
  texts: { readonly prefix: string; readonly suffix: string },
): readonly Chosen[] {
  const lead = texts.prefix.slice(texts.prefix.lastIndexOf('\n') + 1);
  const worthy: (Chosen & { readonly worth: number })[] = [];
  for (const find of found) {
    if (!mayStand(find, stream, lead, texts.suffix)) continue;
    const confidence = confidenceOf(find, confidenceFeatures(find, stream, surroundings, lead));
    const { length } = find.text;
    if (confidence < LEAST_CONFIDENCE[find.end]) continue;
    if (find.end === 'token' && !find.cut && length < LEAST_OPEN_CHARS) continue;
    if (confidence * length < READING_COST * (0.5 - confidence)) continue;
    const worth = confidence * length * (find.end === 'token' ? OPEN_WORTH : 1);
    worthy.push({ text: find.text, confidence, cut: find.cut, worth });
  }
  return (
    worthy
      .toSorted((a, b) => b.worth - a.worth)
      // The beginning of a better one is no alternative to it: accepting a word or a line gives as much.
      .filter(({ text }, index, all) => !all.slice(0, index).some((better) => better.text.startsWith(text)))
  );
}

/**
 * Whether it is text that can stand there: well-formed, no repetition of what follows, and, if it ends within a line or after
 * several, as many brackets closed as opened, unless that closes what stood open.
 */
export function mayStand(find: Found, stream: Stream, lead: string, suffix: string): boolean {
  if (!find.text.isWellFormed() || repeatsWhatFollows(find.text, lead, suffix)) return false;
  return find.end === 'line' || find.depth === 0 || find.cut || balanceGain(find, stream) > 0;
}

/** Inserting what stands right behind the cursor, or a line that stands right below it, is never what was meant. */
function repeatsWhatFollows(text: string, lead: string, suffix: string): boolean {
  const follows = suffix.trimStart();
  return startsWithTokens(follows, text.trim()) || startsWithTokens(follows, (lead + text).trim());
}

function startsWithTokens(text: string, start: string): boolean {
  if (!text.startsWith(start)) return false;
  const end = start.length;
  return !isWordUnit(text.charCodeAt(end)) || !isWordUnit(text.charCodeAt(end - 1));
}
