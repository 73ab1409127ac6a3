import type { Measures, TypeThroughTimes } from '@ghostline/client/replay';
import type { PolicyName } from './policies/index.ts';

/** What one policy came to over all recordings. */
export interface PolicyResult {
  readonly policy: PolicyName;
  readonly measures: Measures;
  readonly typeThrough: TypeThroughTimes;
  readonly perRecording: Readonly<Record<string, Measures>>;
}

interface Row {
  readonly label: string;
  readonly value: (result: PolicyResult) => number;
  readonly write?: (value: number) => string;
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const ms = (value: number) => `${Math.round(value)} ms`;
const thousand = (value: number) => `${Math.round(value / 1000).toLocaleString('en')} k`;

const ROWS: readonly Row[] = [
  { label: 'questions of the editor', value: ({ measures }) => measures.asked },
  { label: 'requests, automatic', value: ({ measures }) => measures.requests.automatic },
  { label: 'requests, speculative', value: ({ measures }) => measures.requests.speculative },
  { label: 'requests aborted', value: ({ measures }) => measures.requests.aborted },
  { label: 'reused: typed along', value: ({ measures }) => measures.reused.typed },
  { label: 'reused: cache', value: ({ measures }) => measures.reused.cache },
  { label: 'reused: in flight', value: ({ measures }) => measures.reused.inflight },
  { label: 'suggestions shown', value: ({ measures }) => measures.suggestions.shown },
  { label: 'shown in time', value: ({ measures }) => measures.suggestions.shownInTime },
  { label: 'accepted whole', value: ({ measures }) => measures.suggestions.accepted },
  { label: 'accepted in part', value: ({ measures }) => measures.suggestions.acceptedInPart },
  { label: 'characters accepted', value: ({ measures }) => measures.characters.accepted },
  { label: 'keys saved', value: ({ measures }) => measures.keys.savedShare, write: percent },
  { label: 'pauses covered', value: ({ measures }) => measures.pauses.coveredShare, write: percent },
  { label: 'flicker', value: ({ measures }) => measures.flickers },
  { label: 'vanished while it fitted', value: ({ measures }) => measures.vanished },
  { label: 'keystroke to text, p50', value: ({ measures }) => measures.keystrokeToTextMs.p50, write: ms },
  { label: 'keystroke to text, p95', value: ({ measures }) => measures.keystrokeToTextMs.p95, write: ms },
  { label: 'prompt tokens', value: ({ measures }) => measures.tokens.prompt, write: thousand },
  { label: 'of these in the KV cache', value: ({ measures }) => measures.tokens.cachedShare, write: percent },
  { label: 'prefill tokens', value: ({ measures }) => measures.tokens.prefill, write: thousand },
  { label: 'decoded tokens', value: ({ measures }) => measures.tokens.decoded, write: thousand },
  { label: 'GPU tokens', value: ({ measures }) => measures.tokens.gpu, write: thousand },
  { label: 'of these speculative', value: ({ measures }) => measures.tokens.gpuSpeculative, write: thousand },
  {
    label: 'GPU tokens per character accepted',
    value: ({ measures }) => measures.tokens.gpuPerAcceptedChar,
    write: whole,
  },
  { label: 'typed along in ≤ 2 ms', value: ({ typeThrough }) => typeThrough.inTimeShare, write: percent },
];

/** One line for each measure, one column for each policy, and the last policy in relation to Copilot's. */
export function printTable(results: readonly PolicyResult[]): void {
  const copilot = results.find(({ policy }) => policy === 'copilot');
  const ours = results.find(({ policy }) => policy === 'ours');
  const compares = copilot !== undefined && ours !== undefined;
  const head = [...results.map(({ policy }) => policy), ...(compares ? ['ours ÷ copilot'] : [])];
  console.log(`${''.padEnd(35)}${head.map((title) => title.padStart(15)).join('')}`);
  for (const { label, value, write = whole } of ROWS) {
    const cells = results.map((result) => write(value(result)));
    if (compares) cells.push(ratio(value(ours), value(copilot)));
    console.log(`${label.padEnd(35)}${cells.map((cell) => cell.padStart(15)).join('')}`);
  }
}

function ratio(value: number, to: number): string {
  return to === 0 ? '–' : `${(value / to).toFixed(2)} ×`;
}

export interface Aim {
  readonly aim: string;
  readonly is: number;
  readonly met: boolean;
}

/** What is aimed at, against Copilot's policy. */
export function aimsOf(ours: PolicyResult, copilot: PolicyResult): readonly Aim[] {
  const gpu = ours.measures.tokens.gpu / copilot.measures.tokens.gpu;
  const inTime = ours.measures.suggestions.shownInTime / copilot.measures.suggestions.shownInTime;
  const { flickers } = ours.measures;
  const { inTimeShare } = ours.typeThrough;
  return [
    { aim: 'GPU tokens ≤ 0.80 × Copilot’s', is: gpu, met: gpu <= 0.8 },
    { aim: 'suggestions shown in time ≥ 1.00 × Copilot’s', is: inTime, met: inTime >= 1 },
    { aim: 'flicker 0', is: flickers, met: flickers === 0 },
    { aim: '≥ 0.95 of the keys typed along answered in ≤ 2 ms', is: inTimeShare, met: inTimeShare >= 0.95 },
  ];
}

export function printAims(aims: readonly Aim[]): void {
  for (const { aim, is, met } of aims) {
    const value = Number.isInteger(is) ? String(is) : is.toFixed(3);
    console.log(`${met ? 'met' : 'MISSED'}: ${aim} (${value})`);
  }
}
