import type { Trigger } from '@ghostline/protocol';
import { lastLine } from '../text/lines.ts';
import type { Pace } from '../types.ts';
import type { Typing } from './typing.ts';

/**
 * How sure to be that no key follows before asking: standard deviations above the middle of the user's own intervals.
 * Calm lets 79 % of the keys of a burst pass; balanced only those that follow at once, eager none. In the benchmark
 * `typing` calm saves a third of the GPU's tokens, and shows a fifth less in time.
 */
const PATIENCE: Record<Pace, number> = { calm: 0.8, balanced: -2, eager: -4 };
/** A word that has just ended is where people look up, and where a model says most. */
const AT_BOUNDARY = 1.2;
/** Nobody waits longer than this for the question alone, however slowly they type. */
const LONGEST_MS: Record<Pace, number> = { calm: 600, balanced: 350, eager: 200 };
/**
 * Who deletes goes on deleting: a held key repeats every 30 ms, a pressed one comes again within 150. Who does not has
 * stopped to think, and waits in vain with those that never ask after a deletion (vscode#229312).
 */
const AFTER_DELETION_MS = 150;
/** Before the first answer: what a gateway aims at. */
const USUAL_LATENCY_MS = 150;
/** A slow answer comes after the next key anyway: what is waited for it is not waited before it, by half at most. */
const LATENCY_SHARE = 0.25;

export interface PaceInput {
  readonly trigger: Trigger;
  readonly pace: Pace | undefined;
  /** The user's own figure, which overrides everything. */
  readonly delayMs: number | undefined;
  /** Text before the cursor. */
  readonly prefix: string;
  readonly typing: Pick<Typing, 'interval'>;
  /** Since the key that led to this question. */
  readonly sinceChangeMs: number;
  /** What an answer usually takes, in ms; undefined before the first. */
  readonly expectedLatencyMs: number | undefined;
  /** Whether that key took text away, and the user wants no suggestion for that. */
  readonly afterDeletion: boolean;
  /** 1, or more while suggestions are being rejected. */
  readonly backOff: number;
}

export interface PaceDecision {
  /** How long to wait for another key before asking, in ms. */
  readonly delayMs: number;
  /** What it was made of, for the inspector. */
  readonly because: readonly string[];
}

/** When to ask: at once by hand, otherwise when the burst of keys is probably over. */
export function paceOf(input: PaceInput): PaceDecision {
  const {
    trigger,
    pace = 'balanced',
    delayMs,
    typing,
    sinceChangeMs,
    expectedLatencyMs = USUAL_LATENCY_MS,
    backOff,
  } = input;
  if (trigger !== 'automatic') return { delayMs: 0, because: [trigger] };
  if (delayMs !== undefined) return { delayMs: Math.max(0, delayMs), because: ['setting'] };

  if (input.afterDeletion) {
    return { delayMs: Math.max(0, AFTER_DELETION_MS - sinceChangeMs), because: [`pace-${pace}`, 'deletion'] };
  }
  const place = placeOf(input.prefix);
  const because = [`pace-${pace}`, place];
  // Between slow keys the answer is there before the next one, and is read if it is any good.
  const isThereFirst = pace !== 'calm' && typing.interval(0) > expectedLatencyMs;
  if (backOff === 1 && (place === 'line-start' || isThereFirst)) return { delayMs: 0, because };
  const deviations = PATIENCE[pace] - (place === 'in-word' ? 0 : AT_BOUNDARY);
  const burst = typing.interval(deviations);
  const spared = Math.min(burst / 2, expectedLatencyMs * LATENCY_SHARE);
  if (spared > 0) because.push('latency');
  if (backOff > 1) because.push('rejections');
  const wanted = (burst - spared) * backOff - sinceChangeMs;
  return { delayMs: Math.round(Math.min(Math.max(0, wanted), LONGEST_MS[pace] * backOff)), because };
}

type Place = 'line-start' | 'boundary' | 'in-word';

function placeOf(prefix: string): Place {
  const line = lastLine(prefix);
  if (line.trim() === '') return 'line-start';
  return /[\p{L}\p{N}_$]$/u.test(line) ? 'in-word' : 'boundary';
}
