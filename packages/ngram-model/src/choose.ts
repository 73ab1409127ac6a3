import { isWordUnit } from './characters.ts';
import { type Surroundings, balanceGain, confidenceFeatures, confidenceOf, firstLineOf } from './confidence.ts';
import type { Found } from './search.ts';
import type { Stream } from './stream.ts';

/**
 * What is said at the least confidence, by where it ends. Chosen with the constants below from a grid on the tuning half: what
 * saves most characters while six in ten texts shown there end the line rightly. Long lines pay from 0.25 on; several lines must
 * be right more often than not, but for those behind an opening bracket, where no single line is the alternative.
 */
const LEAST_CONFIDENCE: Readonly<Record<Found['end'], number>> = { line: 0.25, block: 0.6, body: 0.4, token: 0.5 };
/** Characters that the reading of a wrong suggestion costs: short text must be surer than long text. */
const READING_COST = 10;
/** A single character is typed with one key, as the suggestion is accepted with one. */
const LEAST_CHARS = 2;
/** Characters that text within a line must be expected to save: the line has to be gone on with, by whoever reads it. */
const LEAST_OPEN_SAVING = 10;
/** What it is worth of as much text that ends the line. */
const OPEN_WORTH = 0.6;

export interface Chosen {
  readonly text: string;
  readonly confidence: number;
  readonly cut: boolean;
}

/** The finds worth showing, the one with the largest expected saving first. */
export function choose(found: readonly Found[], stream: Stream, surroundings: Surroundings): readonly Chosen[] {
  const worthy: (Chosen & { readonly worth: number })[] = [];
  for (const find of found) {
    if (!mayStand(find, stream, surroundings)) continue;
    const { text, end, cut } = find;
    const confidence = confidenceOf(find, confidenceFeatures(find, stream, surroundings));
    const saving = confidence * text.length;
    if (confidence < LEAST_CONFIDENCE[end] || saving < READING_COST * (0.5 - confidence)) continue;
    if (end === 'token' && !cut && saving < LEAST_OPEN_SAVING) continue;
    worthy.push({ text, confidence, cut, worth: end === 'token' ? saving * OPEN_WORTH : saving });
  }
  worthy.sort((a, b) => b.worth - a.worth);
  // The beginning of a better one is no alternative to it: accepting a word or a line of that gives as much.
  return worthy.filter(({ text }, index) => !worthy.slice(0, index).some((better) => better.text.startsWith(text)));
}

/**
 * Whether it is text that can stand there: well-formed, more than a key stroke, no repetition of what follows or without end, no
 * closing of brackets that are not open, no comment begun that somebody else has to finish. What ends within a line or after several closes what it opens, or what stood open.
 */
export function mayStand(find: Found, stream: Stream, surroundings: Surroundings): boolean {
  const { text, end, depth, cut } = find;
  if (text.length < LEAST_CHARS || !text.isWellFormed() || repeatsWhatFollows(text, surroundings)) return false;
  if (goesOnForEver(find, surroundings) || (end !== 'line' && /\/\*+$/.test(text))) return false;
  const gain = balanceGain(find, stream);
  if (depth < 0 && gain < 0) return false;
  return end === 'line' || depth === 0 || cut || gain > 0;
}

/** Lines that were written so often, one group like the one before, are not continued; numbers may count for longer. */
const MOST_REPETITIONS = 2;
const MOST_COUNTED = 6;
const LONGEST_PERIOD = 12;

/**
 * Whether its first line goes on with lines that repeat themselves: a model that continues from what is there would do so
 * for ever, each time surer than before.
 */
function goesOnForEver(find: Found, surroundings: Surroundings): boolean {
  const { written } = surroundings;
  const line = firstLineOf(find, surroundings);
  return repeats(line, written, MOST_REPETITIONS) || repeats(counted(line), written.map(counted), MOST_COUNTED);
}

function counted(line: string): string {
  return line.replaceAll(/\d+/g, '0');
}

/** Whether `line`, or one that it begins, would be the first of yet another group of lines after `most` that are the same. */
function repeats(line: string, written: readonly string[], most: number): boolean {
  for (let period = 1; period <= LONGEST_PERIOD; period += 1) {
    if (!written[period - 1]?.startsWith(line)) continue;
    let same = 0;
    while (same < (most - 1) * period && written[same] !== undefined && written[same] === written[same + period])
      same += 1;
    if (same === (most - 1) * period) return true;
  }
  return false;
}

/** Inserting what stands right behind the cursor, or a line that stands right below it, is never what was meant. */
function repeatsWhatFollows(text: string, { lead, follows }: Surroundings): boolean {
  return startsWithTokens(follows, text.trim()) || startsWithTokens(follows, (lead + text).trim());
}

function startsWithTokens(text: string, start: string): boolean {
  if (!text.startsWith(start)) return false;
  const end = start.length;
  return !isWordUnit(text.charCodeAt(end)) || !isWordUnit(text.charCodeAt(end - 1));
}
