import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type NgramRequest, completeFromContext } from '@ghostline/ngram-model';
import { type Judgement, calibrationBins, calibrationError, calibrationPlot } from './ngram/calibration.ts';
import { LANGUAGES, readCorpus } from './ngram/corpus.ts';
import { completeFromContext as completeByFloor } from './ngram/floor/index.ts';
import { KINDS, type Position, samplePositions } from './ngram/positions.ts';
import { type Proposal, type Score, addTo, emptyScore, isRight } from './ngram/score.ts';
import { timeAt } from './ngram/timing.ts';
import { wordBased } from './ngram/word-based.ts';

const PER_LANGUAGE = 400;
const SEED = 20_261_121;

/** As the extension asks while somebody types; with time enough, so that a busy machine changes no result. */
const ASKED = { maxChars: 400, candidates: 1, singleLine: false, deadlineMs: 10_000 } as const;

const SUBJECTS = ['model', 'floor', 'word-based'] as const;
type Subject = (typeof SUBJECTS)[number];

const SAY: Readonly<Record<Subject, (position: Position) => Proposal | undefined>> = {
  model: (position) => completeFromContext(asked(position))[0],
  floor: (position) => completeByFloor(asked(position))[0],
  'word-based': wordBased,
};

function asked({ prefix, suffix, snippets }: Position): NgramRequest {
  return { prefix, suffix, snippets, ...ASKED };
}

/**
 * The embedded model at seeded positions in third-party sources whose packages it was not tuned on: text is taken out and has to
 * be found again from the rest of the file and two neighbours. Beside it the simplest model that answers from context (the
 * floor: continue as after the longest match), and what VS Code's word-based suggestions would complete.
 */
export async function ngram(resultsFolder: string): Promise<unknown> {
  const positions = samplePositions(readCorpus('report'), PER_LANGUAGE, SEED);
  const scores = new Map<string, Score>();
  const judgements: Judgement[] = [];
  for (const position of positions) {
    for (const subject of SUBJECTS) {
      const proposal = SAY[subject](position);
      for (const group of ['all', position.language, position.kind]) {
        const key = `${group} ${subject}`;
        const score = scores.get(key) ?? emptyScore();
        scores.set(key, score);
        addTo(score, position, proposal);
      }
      if (subject === 'model' && proposal?.confidence !== undefined)
        judgements.push({ confidence: proposal.confidence, isRight: isRight(proposal.text, position.truth) });
    }
  }

  const row = (group: string): Row => {
    const of = (subject: Subject) => shares(scores.get(`${group} ${subject}`)!);
    return { group, model: of('model'), floor: of('floor'), 'word-based': of('word-based') };
  };
  const all = row('all');
  const groups = [all, ...[...LANGUAGES, ...KINDS].map(row)];
  const bins = calibrationBins(judgements);
  const calibration = { error: calibrationError(bins), bins };
  writeFileSync(
    path.join(resultsFolder, 'ngram-calibration.svg'),
    calibrationPlot(bins, `${judgements.length} suggestions, error ${(100 * calibration.error).toFixed(1)} points`),
  );
  const times = [10, 64].map((kilobytes) => timeAt(positions, kilobytes));
  const ratios = {
    savedToFloor: all.model.saved / all.floor.saved,
    savedToWordBased: all.model.saved / all['word-based'].saved,
  };

  print(positions.length, groups);
  const { savedToFloor, savedToWordBased } = ratios;
  console.log(
    `\ncharacters saved: ${savedToFloor.toFixed(2)} × the floor, ${savedToWordBased.toFixed(1)} × VS Code's words`,
  );
  console.log(`\ncalibration error ${(100 * calibration.error).toFixed(1)} points; said → right (suggestions):`);
  console.log(bins.map(({ said, right, count }) => `  ${said.toFixed(2)} → ${right.toFixed(2)} (${count})`).join('\n'));
  for (const { kilobytes, answering, answeringP95, ratio } of times)
    console.log(
      `${kilobytes} KB: ${answering.toFixed(1)} ms (p95 ${answeringP95.toFixed(1)}), ${ratio.toFixed(2)} × one lexing pass`,
    );
  return { positions: positions.length, ratios, groups, calibration, times };
}

interface Shares {
  readonly positions: number;
  /** Of the positions. */
  readonly spoke: number;
  /** Of those where it spoke. */
  readonly firstToken: number;
  readonly wholeLine: number;
  readonly right: number;
  /** Of the characters taken out. */
  readonly saved: number;
  readonly wrong: number;
}

function shares(score: Score): Shares {
  const ofSpoken = (count: number) => (score.spoke === 0 ? 0 : count / score.spoke);
  return {
    positions: score.positions,
    spoke: score.spoke / score.positions,
    firstToken: ofSpoken(score.firstToken),
    wholeLine: ofSpoken(score.wholeLine),
    right: ofSpoken(score.right),
    saved: score.saved / score.chars,
    wrong: score.wrong / score.chars,
  };
}

type Row = { readonly group: string } & Readonly<Record<Subject, Shares>>;

function print(positions: number, rows: readonly Row[]): void {
  const columns = ['spoke', 'firstToken', 'wholeLine', 'right', 'saved', 'wrong'] as const;
  const head = columns.map((column) => column.padStart(11)).join('');
  console.log(`${positions} positions; % of positions, of what was said, of the characters taken out\n`);
  console.log(`${''.padEnd(28)}${head}`);
  for (const row of rows) {
    for (const subject of SUBJECTS) {
      const cells = columns.map((column) => (100 * row[subject][column]).toFixed(1).padStart(11)).join('');
      console.log(`${(subject === 'model' ? row.group : '').padEnd(16)}${subject.padEnd(12)}${cells}`);
    }
  }
}
