import type { Found } from './search.ts';
import type { Stream, Texts } from './stream.ts';
import { Kind } from './vocabulary.ts';
import { CONFIDENCE_WEIGHTS } from './weights.ts';

/** The texts around the cursor, as far as they say whether a find fits between them. */
export interface Surroundings {
  /** All texts of the request. */
  readonly texts: readonly string[];
  /** What stands before the cursor on its line, and what follows it, from the first character that is not blank. */
  readonly lead: string;
  readonly follows: string;
  /** Lines above the cursor's, nearest first, without white space around them. */
  readonly written: readonly string[];
  /** The nearest of them, and of the lines below. */
  readonly above: readonly string[];
  readonly below: readonly string[];
  /** The line below is indented less than the cursor's (-1), as much, or more (1); undefined without one. */
  readonly step: number | undefined;
  /** A blank line, or the end of the text, comes first. */
  readonly isFree: boolean;
}

const NEAR_LINES = 4;
/** Enough text for that many lines. */
const NEAR_CHARS = 2_000;
/** Enough text above the cursor to see a block of a dozen lines three times. */
const WRITTEN_CHARS = 6_000;
/** More of a line is not looked at: it may be as long as the file. */
const LONGEST_LEAD = 400;

export function surroundingsOf({ prefix, suffix, snippets }: Texts, stream: Stream): Surroundings {
  const { following, vocabulary } = stream;
  const first = following[0];
  const next =
    first !== undefined && vocabulary.kind(first) === Kind.lineBreak ? vocabulary.lineBreak(first) : undefined;
  const written = trimmedLines(prefix.slice(-WRITTEN_CHARS).split('\n').slice(0, -1).toReversed());
  return {
    texts: [prefix, suffix, ...snippets],
    lead: prefix.slice(Math.max(prefix.lastIndexOf('\n') + 1, prefix.length - LONGEST_LEAD)),
    follows: suffix.trimStart(),
    written,
    above: written.slice(0, NEAR_LINES),
    below: trimmedLines(suffix.slice(0, NEAR_CHARS).split('\n').slice(1)).slice(0, NEAR_LINES),
    step: following.length < 2 ? undefined : next && Math.sign(next.columns),
    isFree: following.length < 2 || (next?.blankLines ?? 0) > 0,
  };
}

function trimmedLines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** Whoever fits the weights writes to them. */
export const confidenceWeights: Record<Found['end'], readonly number[]> = { ...CONFIDENCE_WEIGHTS };

/** What the confidence is made of; the first is constant. */
export function confidenceFeatures(found: Found, stream: Stream, surroundings: Surroundings): readonly number[] {
  const { texts, above, below, step, isFree } = surroundings;
  const { cursor } = stream;
  const firstLine = firstLineOf(found, surroundings);
  const occurrences = timesWritten(firstLine, texts);
  return [
    1,
    Math.log(found.probability / (1 - Math.min(0.999, found.probability))),
    Math.log(found.tokens),
    Math.log(found.text.length),
    Number(cursor.atLineStart),
    Number(cursor.partial !== ''),
    found.joins ?? 0,
    Number(found.joins === undefined),
    Number(step === undefined),
    Number(step === -1),
    Number(step === 1),
    Number(isFree),
    Math.log(1 + found.evidence),
    Number(above.includes(firstLine)),
    Number(below.includes(firstLine)),
    Number(found.depth !== 0),
    Number(found.depth < 0),
    Math.log(found.lines),
    Number(/[)\]}>]\W*$/.test(found.text)),
    found.firstJoins ?? 0,
    Number(found.firstDepth > 0),
    balanceGain(found, stream),
    Number(stream.open + found.depth === 0),
    Number(found.firstDepth > 0 && step !== 1),
    Math.log(found.weakest),
    Number(occurrences === 0),
    Math.log(1 + occurrences),
  ];
}

/** The first line that it completes, or for a `body` brings, without white space around it. */
export function firstLineOf({ end, text }: Found, { lead }: Surroundings): string {
  return (end === 'body' ? text : lead + text).trim().split('\n', 1)[0]!.trim();
}

/** Whether it closes what is open around the cursor: 1 when it comes nearer to that, -1 when it opens more. */
export function balanceGain({ depth }: Found, { open }: Stream): number {
  return Math.sign(Math.abs(open) - Math.abs(open + depth));
}

export function confidenceOf(found: Found, features: readonly number[]): number {
  const weights = confidenceWeights[found.end];
  return 1 / (1 + Math.exp(-features.reduce((sum, value, index) => sum + value * weights[index]!, 0)));
}

/** How often a line stands in the texts, up to 4. */
function timesWritten(line: string, texts: readonly string[]): number {
  let times = 0;
  for (const text of texts)
    for (let at = text.indexOf(line); at >= 0 && times < 4; at = text.indexOf(line, at + line.length)) times += 1;
  return times;
}
