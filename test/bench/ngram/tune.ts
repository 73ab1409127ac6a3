/**
 * Fits the weights of the embedded model on the tuning half of the corpus and writes them:
 * `node test/bench/ngram/tune.ts`. The same files and seeds give the same weights. Takes about two minutes.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  ESCAPE_TABLES,
  FEATURES,
  type Found,
  PLACE_TABLES,
  type Stream,
  confidenceFeatures,
  confidenceWeights,
  contextOf,
  createPredictor,
  escapeIndexes,
  escapeWeights,
  lex,
  mayStand,
  placeWeights,
  readTexts,
  search,
  surroundingsOf,
} from '@ghostline/ngram-model/training';
import { seeded } from '@ghostline/seeded';
import { createAdam } from './adam.ts';
import { readCorpus } from './corpus.ts';
import { BLOCK, type Position, samplePositions } from './positions.ts';
import { isRight } from './score.ts';

const PER_LANGUAGE = 1_400;
const PLACES_SEED = 7;
/** Other positions: the confidence must not know what the weights have seen. */
const CONFIDENCE_SEED = 3;
/** Tokens of a position that are learned from: later ones are all alike. */
const MOST_TOKENS = 10;

/** Of weights: more makes the confidence worse on both halves. */
const DECAY = 1e-5;

const never = () => false;

/** One token to predict: which weights say something about it, and which places were right. */
interface Sample {
  readonly escapes: readonly number[];
  readonly features: Uint8Array;
  readonly isRight: readonly boolean[];
}

function samplesAt(position: Position): readonly Sample[] {
  const stream = readTexts(position, never);
  const predictor = createPredictor(stream);
  const truth = truthTokens(stream, position);
  return truth.slice(0, MOST_TOKENS).flatMap((id, step) => {
    const added = truth.slice(0, step);
    const context = contextOf(stream, added);
    const places = predictor.placesFor(added, context);
    if (places.count === 0) return [];
    return {
      escapes: escapeIndexes(stream, context, places),
      features: places.features.slice(0, places.count * FEATURES),
      isRight: Array.from(places.ids.subarray(0, places.count), (each) => each === id),
    };
  });
}

/** What was taken out, as tokens after those of the stream, and the one that follows. */
function truthTokens(stream: Stream, { prefix, truth }: Position): readonly number[] {
  const { vocabulary, cursor, following } = stream;
  const { unit } = cursor;
  const { ids } = lex(prefix + truth, { vocabulary, unit, commonUnit: unit, isLate: never });
  const known = stream.length - 1 - stream.ids.lastIndexOf(0);
  return [...ids.slice(known), ...following.slice(0, 1)];
}

/** Maximises the likelihood of the right tokens: that of a token is the weight of its places among all and the escape. */
function fitPlaces(samples: readonly Sample[]): void {
  const places = placeWeights.length;
  const weights = new Float64Array(places + escapeWeights.length);
  const adam = createAdam(weights, DECAY);
  const random = seeded(1);
  const epochs = 12;
  const batch = 64;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    let loss = 0;
    const order = shuffled(samples, random);
    for (const [index, sample] of order.entries()) {
      loss += addGradient(sample, weights, places, adam.gradient);
      if (index % batch === batch - 1) adam.step(0.001 + 0.03 * (1 - epoch / epochs), batch);
    }
    console.log(`epoch ${epoch + 1}: ${(loss / samples.length).toFixed(4)} nats a token`);
  }
  placeWeights.set(weights.subarray(0, places));
  escapeWeights.set(weights.subarray(places));
}

/** Adds the gradient of one sample's loss, and returns that, in nats. */
function addGradient(sample: Sample, weights: Float64Array, escapeStart: number, gradient: Float64Array): number {
  const { escapes, features, isRight } = sample;
  const escape = Math.exp(escapes.reduce((sum, index) => sum + weights[escapeStart + index]!, 0));
  const scores = isRight.map((_, place) => {
    let sum = 0;
    for (let at = place * FEATURES; at < (place + 1) * FEATURES; at += 1) sum += weights[features[at]!]!;
    return Math.exp(sum);
  });
  const total = scores.reduce((sum, score) => sum + score, escape);
  const right = scores.reduce((sum, score, place) => sum + (isRight[place] ? score : 0), 0);
  for (const [place, score] of scores.entries()) {
    const slope = score / total - (isRight[place] ? score / right : 0);
    for (let at = place * FEATURES; at < (place + 1) * FEATURES; at += 1) gradient[features[at]!]! += slope;
  }
  for (const index of escapes) gradient[escapeStart + index]! += escape / total - Number(right === 0);
  return -Math.log((right === 0 ? escape : right) / total);
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

interface Judged {
  readonly end: Found['end'];
  readonly features: readonly number[];
  readonly isRight: boolean;
}

function judgedAt(position: Position): readonly Judged[] {
  const stream = readTexts(position, never);
  const surroundings = surroundingsOf(position, stream);
  const found = search(stream, { maxChars: 400, singleLine: false, isLate: never });
  return found
    .filter((each) => mayStand(each, stream, surroundings))
    .map((each) => ({
      end: each.end,
      features: confidenceFeatures(each, stream, surroundings),
      isRight: isRight(each.text, position.truth),
    }));
}

/** Logistic regression: the result is calibrated on what it was fitted to. */
function fitConfidence(judged: readonly Judged[]): readonly number[] {
  const weights = new Float64Array(judged[0]!.features.length);
  weights[1] = 1;
  const adam = createAdam(weights, DECAY);
  for (let round = 0; round < 500; round += 1) {
    for (const { features, isRight } of judged) {
      const sum = features.reduce((total, value, index) => total + value * weights[index]!, 0);
      const error = 1 / (1 + Math.exp(-sum)) - Number(isRight);
      for (const [index, value] of features.entries()) adam.gradient[index]! += error * value;
    }
    adam.step(0.05, judged.length);
  }
  return [...weights].map(rounded);
}

const rounded = (value: number) => Number(value.toFixed(3));

function inTables(weights: Float64Array, tables: Readonly<Record<string, number>>): Record<string, readonly number[]> {
  let at = 0;
  return Object.fromEntries(
    Object.entries(tables).map(([name, size]) => [name, [...weights.subarray(at, (at += size))].map(rounded)]),
  );
}

const files = readCorpus('tune');
fitPlaces(samplePositions(files, PER_LANGUAGE, PLACES_SEED).flatMap(samplesAt));
const judged = [
  ...samplePositions(files, PER_LANGUAGE, CONFIDENCE_SEED),
  // Behind an opening bracket stands little else: what is found elsewhere is judged where most suggestions are made.
  ...samplePositions(files, PER_LANGUAGE / 2, CONFIDENCE_SEED, [BLOCK]),
]
  .filter(({ suffix }) => !/^\w/.test(suffix))
  .flatMap((position) => judgedAt(position).filter(({ end }) => end === 'body' || position.kind !== BLOCK));
for (const [end, own] of Object.entries(Object.groupBy(judged, ({ end }) => end))) {
  confidenceWeights[end as Found['end']] = fitConfidence(own);
  console.log(`${end}: ${own.length} finds`);
}

const object = (value: Record<string, readonly number[]>) =>
  `{\n${Object.entries(value)
    .map(([key, list]) => `  ${key}: [${list.join(', ')}],\n`)
    .join('')}} as const`;
writeFileSync(
  path.resolve(import.meta.dirname, '../../../packages/ngram-model/src/weights.ts'),
  `/** Fitted by test/bench/ngram/tune.ts on third-party sources; what each table means stands where it is declared. */
// oxlint-disable oxc/approx-constant -- a fitted number that comes near a constant is none.

/** See PLACE_TABLES. */
export const PLACE_WEIGHTS = ${object(inTables(placeWeights, PLACE_TABLES))};

/** See ESCAPE_TABLES. */
export const ESCAPE_WEIGHTS = ${object(inTables(escapeWeights, ESCAPE_TABLES))};

/** See confidenceFeatures. */
export const CONFIDENCE_WEIGHTS = ${object(confidenceWeights)};
`,
);
