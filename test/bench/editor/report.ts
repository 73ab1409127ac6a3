import type { Keystroke } from '@ghostline/client';
import { median, percentile } from '../load.ts';
import type { Activation } from './activation.ts';
import type { Subject } from './desk.ts';
import type { Sightings } from './keys.ts';
import type { LoopDelays } from './long-tasks.ts';

/** What was pressed, and from where its ghost text comes. */
export const CASES = {
  along: 'typed along',
  tab: 'after Tab',
  undo: 'after undo',
  fresh: 'from the server',
  local: 'from the local model',
} as const;
export type Case = keyof typeof CASES;

export interface Times {
  readonly keys: number;
  /** Keys without ghost text in time. */
  readonly lost: number;
  readonly p50: number;
  readonly p95: number;
  readonly drawnP50: number;
}

export function timesOf({ seen, lost }: Sightings): Times {
  const ms = seen.map((each) => each.ms);
  const drawn = seen.map(({ drawnMs }) => drawnMs);
  return { keys: ms.length, lost, p50: median(ms), p95: percentile(ms, 0.95), drawnP50: median(drawn) };
}

/** What our median is over the floor's, in ms, and between what this difference may be by chance. */
export interface Added {
  readonly ms: number;
  /** The middle 90 % of the differences between samples drawn anew from both (bootstrap). */
  readonly between: readonly [low: number, high: number];
}

const DRAWS = 400;

export function addedTo(floor: Sightings, ours: Sightings): Added {
  const [from, to] = [floor, ours].map(({ seen }) => seen.map((each) => each.ms)) as [number[], number[]];
  const again = (of: readonly number[]) => of.map(() => of[Math.floor(Math.random() * of.length)]!);
  const differences = Array.from({ length: DRAWS }, () => median(again(to)) - median(again(from)));
  return {
    ms: median(to) - median(from),
    between: [percentile(differences, 0.05), percentile(differences, 0.95)],
  };
}

/** Where the client's time goes by its own account, in ms: medians over the questions it answered with text. */
export interface Account {
  readonly questions: number;
  /** How many of them which step answered. */
  readonly decidedBy: Readonly<Record<string, number>>;
  readonly totalMs: number;
  /** What it waited for another key by choice. */
  readonly delayMs: number;
  readonly stages: Readonly<Record<string, number>>;
}

export function accountOf(keystrokes: readonly Keystroke[]): Account {
  const decidedBy: Record<string, number> = {};
  const stages: Record<string, number[]> = {};
  for (const keystroke of keystrokes) {
    decidedBy[keystroke.decidedBy] = (decidedBy[keystroke.decidedBy] ?? 0) + 1;
    for (const { stage, ms } of keystroke.stages) (stages[stage] ??= []).push(ms);
  }
  return {
    questions: keystrokes.length,
    decidedBy,
    totalMs: median(keystrokes.map(({ totalMs }) => totalMs)),
    delayMs: median(keystrokes.map(({ pace }) => pace?.delayMs ?? 0)),
    stages: Object.fromEntries(Object.entries(stages).map(([stage, ms]) => [stage, median(ms)])),
  };
}

export interface EditorResult {
  readonly modelMs: number;
  /** Nobody but the floor has an answer of its own for `local`: it is compared with a fresh key. */
  readonly keys: Readonly<Record<Subject, Readonly<Partial<Record<Case, Times>>>>>;
  readonly added: Readonly<Record<Case, Added>>;
  readonly accounts: Readonly<Partial<Record<Case, Account>>>;
  /** The first start after the installation, and the middle of the later ones. */
  readonly activation: Readonly<Record<Subject, { readonly cold: Activation; readonly warm: Activation }>>;
  readonly typing: Readonly<Record<Subject, LoopDelays>>;
}

export interface Aim {
  readonly aim: string;
  readonly is: number;
  readonly met: boolean;
}

function floorOf({ keys: { floor } }: EditorResult, name: Case): Times | undefined {
  return floor[name === 'local' ? 'fresh' : name];
}

/** What the extension is to reach in the real workbench. */
export function aimsOf(result: EditorResult): readonly Aim[] {
  const within = (aim: string, is: number, most: number): Aim => ({ aim: `${aim} ≤ ${most}`, is, met: is <= most });
  const { activation, typing, modelMs } = result;
  return [
    ...(['along', 'tab', 'undo'] as const).map((name) =>
      within(`${CASES[name]}: ms over the floor, p50`, result.added[name].ms, 3),
    ),
    within('from the server: ms over the floor and the model, p50', result.added.fresh.ms - modelMs, 15),
    within('activation, cold: ms', activation.ghostline.cold.ms, 50),
    within('activation, warm: ms', activation.ghostline.warm.ms, 50),
    within('tasks that computed for more than 50 ms', typing.ghostline.computed.long, 0),
    within(
      'waits of more than 50 ms for the extension host itself, beyond the floor’s',
      Math.max(0, typing.ghostline.own.long - typing.floor.own.long),
      0,
    ),
  ];
}

const WIDTH = 13;
const ms = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`).padStart(WIDTH);
const count = (value: number | undefined) => String(value ?? 0).padStart(WIDTH);
const row = (label: string, ...cells: string[]) => console.log(label.padEnd(30) + cells.join(''));
const head = (label: string, ...titles: string[]) =>
  row(`\n${label}`.padEnd(31), ...titles.map((title) => title.padStart(WIDTH)));

export function printReport(result: EditorResult): void {
  const { keys, added, accounts, activation, typing, modelMs } = result;
  head(
    'keystroke to ghost text',
    'floor p50',
    'ours p50',
    'added',
    'floor p95',
    'ours p95',
    'keys',
    'lost',
    'by floor',
  );
  for (const name of Object.keys(CASES) as Case[]) {
    const ours = keys.ghostline[name];
    const floor = floorOf(result, name);
    const counts = [ours?.keys, ours?.lost, floor?.lost].map(count);
    const medians = [floor?.p50, ours?.p50, added[name].ms].map(ms);
    const between = added[name].between.map((each) => each.toFixed(1)).join(' … ');
    row(CASES[name], ...medians, between.padStart(WIDTH), ...[floor?.p95, ours?.p95].map(ms), ...counts);
  }
  const fresh = added.fresh.ms - modelMs;
  const { delayMs = 0 } = accounts.fresh ?? {};
  row(`… without the model’s ${modelMs} ms`, ''.padStart(2 * WIDTH), ms(fresh));
  row('… and without the pace', ''.padStart(2 * WIDTH), ms(fresh - delayMs));

  const stages = [...new Set(Object.values(accounts).flatMap(({ stages }) => Object.keys(stages)))];
  head('where ours goes, by itself', 'total', 'pace', ...stages);
  for (const [name, account] of Object.entries(accounts)) {
    const { totalMs, delayMs, decidedBy } = account;
    const by = Object.entries(decidedBy).map(([stage, count]) => `${count} ${stage}`);
    row(CASES[name as Case], ...[totalMs, delayMs, ...stages.map((stage) => account.stages[stage])].map(ms));
    row('', `   answered by ${by.join(', ')}`);
  }

  head('activation', 'load', 'activate', 'both', 'computed');
  for (const [subject, starts] of Object.entries(activation)) {
    for (const [start, { loadMs, activateMs, ms: both, computedMs }] of Object.entries(starts)) {
      row(`${subject}, ${start}`, ...[loadMs, activateMs, both, computedMs].map(ms));
    }
  }

  // `own` is without waiting for a processor, `computed` is what the thread did.
  head('300 keys in 10,000 lines', 'longest', 'p99', '> 50 ms', 'own', 'own p99', 'own > 50', 'computed', 'busy');
  for (const [subject, { longest, p99, long, own, computed, busy }] of Object.entries(typing)) {
    const waits = [ms(longest), ms(p99), count(long), ms(own.longest), ms(own.p99), count(own.long)];
    row(subject, ...waits, ms(computed.longest), `${(100 * busy).toFixed(1)} %`.padStart(WIDTH));
  }
  console.log('');
  for (const { aim, is, met } of aimsOf(result)) console.log(`${met ? 'met' : 'MISSED'}: ${aim} (${is.toFixed(1)})`);
}
