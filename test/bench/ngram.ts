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
/** Three draws, as one of them is good for a tenth of the ratio either way. */
const SEEDS = [1, 2, 3];

/** As the extension asks while somebody types; with time enough, so that a busy machine changes no result. */
const ASKED = { maxChars: 400, candidates: 1, singleLine: false, deadlineMs: 10_000 } as const;

const SUBJECTS = ['model', 'floor', 'floor, one line', 'word-based'] as const;
type Subject = (typeof SUBJECTS)[number];

const SAY: Readonly<Record<Subject, (position: Position) => Proposal | undefined>> = {
  model: (position) => completeFromContext(asked(position))[0],
  floor: (position) => completeByFloor(asked(position))[0],
  'floor, one line': (position) => completeByFloor({ ...asked(position), singleLine: true })[0],
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
  const files = readCorpus('report');
  const positions = SEEDS.flatMap((seed) => samplePositions(files, PER_LANGUAGE, seed));
  const scores = new Map<string, Score>();
  const judgements: (Judgement & { readonly group: string })[] = [];
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
        judgements.push({
          confidence: proposal.confidence,
          isRight: isRight(proposal.text, position.truth),
          group: proposal.text.includes('\n') ? 'several lines' : position.language,
        });
    }
  }

  const row = (group: string): Row => {
    const of = (subject: Subject) => shares(scores.get(`${group} ${subject}`)!);
    return {
      group,
      ...(Object.fromEntries(SUBJECTS.map((subject) => [subject, of(subject)])) as Record<Subject, Shares>),
    };
  };
  const all = row('all');
  const groups = [all, ...[...LANGUAGES, ...KINDS].map(row)];
  const bins = calibrationBins(judgements);
  const byGroup = [...Map.groupBy(judgements, ({ group }) => group)].map(([group, own]) => ({
    group,
    suggestions: own.length,
    said: mean(own.map(({ confidence }) => confidence)),
    right: mean(own.map(({ isRight }) => Number(isRight))),
  }));
  const calibration = { error: calibrationError(bins), bins, byGroup };
  writeFileSync(
    path.join(resultsFolder, 'ngram-calibration.svg'),
    calibrationPlot(bins, `${judgements.length} suggestions, error ${(100 * calibration.error).toFixed(1)} points`),
  );
  const times = [10, 64].map((kilobytes) => timeAt(positions, kilobytes));
  const ratios = {
    savedToFloor: all.model.saved / all.floor.saved,
    savedToFloorOfOneLine: all.model.saved / all['floor, one line'].saved,
    savedToWordBased: all.model.saved / all['word-based'].saved,
  };

  print(positions.length, groups);
  const { savedToFloor, savedToFloorOfOneLine, savedToWordBased } = ratios;
  console.log(
    `\ncharacters saved: ${savedToFloor.toFixed(2)} × the floor (${savedToFloorOfOneLine.toFixed(2)} × the floor asked for one line), ` +
      `${savedToWordBased.toFixed(1)} × VS Code's words`,
  );
  console.log(`\ncalibration error ${(100 * calibration.error).toFixed(1)} points; said → right (suggestions):`);
  console.log(bins.map(({ said, right, count }) => `  ${said.toFixed(2)} → ${right.toFixed(2)} (${count})`).join('\n'));
  for (const { group, suggestions, said, right } of byGroup)
    console.log(`  ${group}: said ${said.toFixed(2)}, right ${right.toFixed(2)} (${suggestions})`);
  for (const { kilobytes, positions, answering, answeringP95, ratio } of times)
    console.log(
      `${kilobytes} KB (${positions} positions): ${answering.toFixed(1)} ms (p95 ${answeringP95.toFixed(1)}), ${ratio.toFixed(2)} × one lexing pass`,
    );
  return { positions: positions.length, ratios, groups, calibration, times };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
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
  readonly savedByWord: number;
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
    savedByWord: score.savedByWord / score.chars,
  };
}

type Row = { readonly group: string } & Readonly<Record<Subject, Shares>>;

function print(positions: number, rows: readonly Row[]): void {
  const columns = ['spoke', 'firstToken', 'wholeLine', 'right', 'saved', 'wrong', 'savedByWord'] as const;
  const head = columns.map((column) => column.padStart(12)).join('');
  console.log(`${positions} positions; % of positions, of what was said, of the characters taken out\n`);
  console.log(`${''.padEnd(32)}${head}`);
  for (const row of rows) {
    for (const subject of SUBJECTS) {
      const cells = columns.map((column) => (100 * row[subject][column]).toFixed(1).padStart(12)).join('');
      console.log(`${(subject === 'model' ? row.group : '').padEnd(16)}${subject.padEnd(16)}${cells}`);
    }
  }
}
