import type { Found } from './search.ts';
import type { Stream } from './stream.ts';
import { CONFIDENCE_WEIGHTS } from './weights.ts';
import { Kind } from './vocabulary.ts';

/** The texts around the cursor, as far as they say whether a find fits between them. */
export interface Surroundings {
  /** Lines above the cursor's, nearest first, and lines below it, without white space around them. */
  readonly above: readonly string[];
  readonly below: readonly string[];
  /** The line below is indented less than the cursor's, as much, or more; undefined without one. */
  readonly step: number | undefined;
  /** A blank line, or the end of the text, comes first. */
  readonly isFree: boolean;
}

const NEAR_LINES = 4;

export function surroundingsOf(prefix: string, suffix: string, stream: Stream): Surroundings {
  const { following, vocabulary } = stream;
  const first = following[0];
  const next =
    first !== undefined && vocabulary.kind(first) === Kind.lineBreak ? vocabulary.lineBreak(first) : undefined;
  const above = prefix.slice(-2000).split('\n').slice(0, -1).toReversed();
  return {
    above: trimmedLines(above),
    below: trimmedLines(suffix.slice(0, 2000).split('\n').slice(1)),
    step: following.length < 2 ? undefined : next && Math.sign(next.columns),
    isFree: following.length < 2 || (next?.blankLines ?? 0) > 0,
  };
}

function trimmedLines(lines: readonly string[]): readonly string[] {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, NEAR_LINES);
}

/** Whoever fits the weights writes to them. */
export const confidenceWeights: Record<Found['end'], readonly number[]> = { ...CONFIDENCE_WEIGHTS };

/** What the confidence is made of; the first is constant. */
export function confidenceFeatures(
  found: Found,
  stream: Stream,
  { above, below, step, isFree }: Surroundings,
  lead: string,
): readonly number[] {
  const { cursor } = stream;
  const firstLine = (found.end === 'body' ? found.text : lead + found.text).trim().split('\n', 1)[0]!.trim();
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
  ];
}

/** Whether it closes what is open around the cursor: 1 when it comes nearer to that, -1 when it opens more. */
export function balanceGain({ depth }: Found, { open }: Stream): number {
  return Math.sign(Math.abs(open) - Math.abs(open + depth));
}

export function confidenceOf(found: Found, features: readonly number[]): number {
  const weights = confidenceWeights[found.end];
  return 1 / (1 + Math.exp(-features.reduce((sum, value, index) => sum + value * weights[index]!, 0)));
}
