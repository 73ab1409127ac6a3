import type { Trigger } from '@ghostline/protocol';
import type { Suggestion } from '../types.ts';
import type { RequestCost } from './server/costs.ts';

/** How long a suggestion must be on screen to have been seen: one fixation of a reader, as the client's telemetry has it. */
export const DWELL_MS = 250;
/** A stop of somebody who would look up. */
export const PAUSE_MS = 500;
/** What a keystroke along a suggestion may cost the editor's thread. */
export const TYPE_THROUGH_MS = 2;

/** What a replay came to, as sums and lists that add up over recordings. Times are in ms of the replay's clock. */
export interface Tally {
  /** How often the editor asked. */
  asked: number;
  reused: Record<Exclude<Suggestion['source'], 'network'>, number>;
  /** Stays of one text on screen; growing and being typed along are part of one. */
  shown: number;
  /** Of these, on screen for the dwell time, or accepted, before they were typed away. */
  shownInTime: number;
  accepted: number;
  acceptedInPart: number;
  acceptedChars: number;
  /** Keys that the user pressed, Tab included. */
  keys: number;
  /** Keys of the same recording without any suggestion. */
  keysUnaided: number;
  /** A different text took the place of one that was still compatible with what was typed. */
  flickers: number;
  /** A text that was still compatible went away without another. */
  vanished: number;
  /** Pauses in the middle of typing. */
  pauses: number;
  /** Of these, with a suggestion on screen for the dwell time at least. */
  pausesCovered: number;
  /** From the last change of the document to each text that came up. */
  keystrokeToTextMs: number[];
  /** Keys that typed along what was on screen, and for which the editor asked. */
  typedThrough: number;
  /** Of these, answered with the rest of the text without any waiting. */
  typedThroughAtOnce: number;
  durationMs: number;
  /** Of the same recording without any suggestion. */
  unaidedMs: number;
  costs: readonly RequestCost[];
}

/** What depends on the machine, and so differs from run to run. */
export interface WallTimes {
  /** From the change of the document to the answer, for keys that typed along and were answered at once. */
  readonly typeThroughMs: readonly number[];
}

export interface Measures {
  readonly requests: Record<Trigger, number> & { readonly total: number; readonly aborted: number };
  readonly asked: number;
  readonly reused: Tally['reused'] & { readonly total: number };
  readonly suggestions: {
    readonly shown: number;
    readonly shownInTime: number;
    readonly accepted: number;
    readonly acceptedInPart: number;
  };
  readonly characters: { readonly accepted: number };
  readonly keys: { readonly pressed: number; readonly unaided: number; readonly savedShare: number };
  readonly flickers: number;
  readonly vanished: number;
  readonly pauses: { readonly count: number; readonly coveredShare: number };
  readonly keystrokeToTextMs: { readonly count: number; readonly p50: number; readonly p95: number };
  readonly typedThrough: { readonly keys: number; readonly atOnce: number };
  readonly tokens: {
    readonly prompt: number;
    readonly cachedShare: number;
    readonly prefill: number;
    readonly decoded: number;
    /** Prefill and decode: what the GPUs have computed. */
    readonly gpu: number;
    readonly gpuSpeculative: number;
    readonly gpuPerAcceptedChar: number;
    readonly promptPerAcceptedChar: number;
    readonly decodedPerAcceptedChar: number;
  };
  readonly durationMs: number;
  readonly unaidedMs: number;
}

export function emptyTally(): Tally {
  return {
    asked: 0,
    reused: { typed: 0, cache: 0, inflight: 0, local: 0 },
    shown: 0,
    shownInTime: 0,
    accepted: 0,
    acceptedInPart: 0,
    acceptedChars: 0,
    keys: 0,
    keysUnaided: 0,
    flickers: 0,
    vanished: 0,
    pauses: 0,
    pausesCovered: 0,
    keystrokeToTextMs: [],
    typedThrough: 0,
    typedThroughAtOnce: 0,
    durationMs: 0,
    unaidedMs: 0,
    costs: [],
  };
}

/** The measures of all `tallies` together. Shares of nothing are 0. */
export function measuresOf(tallies: readonly Tally[]): Measures {
  const sum = (value: (tally: Tally) => number) => tallies.reduce((total, tally) => total + value(tally), 0);
  const costs = tallies.flatMap((tally) => tally.costs);
  const tokens = (value: (cost: RequestCost) => number) => costs.reduce((total, cost) => total + value(cost), 0);
  const ofTrigger = (trigger: Trigger) => costs.filter((cost) => cost.trigger === trigger);
  const latencies = tallies.flatMap((tally) => tally.keystrokeToTextMs).toSorted((a, b) => a - b);
  const reused = {
    typed: sum((tally) => tally.reused.typed),
    cache: sum((tally) => tally.reused.cache),
    inflight: sum((tally) => tally.reused.inflight),
    local: sum((tally) => tally.reused.local),
  };
  const acceptedChars = sum((tally) => tally.acceptedChars);
  const perAcceptedChar = (count: number) => share(count, acceptedChars);
  const prompt = tokens((cost) => cost.promptTokens);
  const prefill = tokens((cost) => cost.prefillTokens);
  const decoded = tokens((cost) => cost.decodedTokens);
  const keys = sum((tally) => tally.keys);
  const keysUnaided = sum((tally) => tally.keysUnaided);
  return {
    requests: {
      automatic: ofTrigger('automatic').length,
      manual: ofTrigger('manual').length,
      speculative: ofTrigger('speculative').length,
      total: costs.length,
      aborted: costs.filter(({ end }) => end === 'aborted').length,
    },
    asked: sum((tally) => tally.asked),
    reused: { ...reused, total: reused.typed + reused.cache + reused.inflight + reused.local },
    suggestions: {
      shown: sum((tally) => tally.shown),
      shownInTime: sum((tally) => tally.shownInTime),
      accepted: sum((tally) => tally.accepted),
      acceptedInPart: sum((tally) => tally.acceptedInPart),
    },
    characters: { accepted: acceptedChars },
    keys: { pressed: keys, unaided: keysUnaided, savedShare: keysUnaided === 0 ? 0 : 1 - keys / keysUnaided },
    flickers: sum((tally) => tally.flickers),
    vanished: sum((tally) => tally.vanished),
    pauses: {
      count: sum((tally) => tally.pauses),
      coveredShare: share(
        sum((tally) => tally.pausesCovered),
        sum((tally) => tally.pauses),
      ),
    },
    keystrokeToTextMs: { count: latencies.length, p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
    typedThrough: { keys: sum((tally) => tally.typedThrough), atOnce: sum((tally) => tally.typedThroughAtOnce) },
    tokens: {
      prompt,
      cachedShare: share(
        tokens((cost) => cost.cachedTokens),
        prompt,
      ),
      prefill,
      decoded,
      gpu: prefill + decoded,
      gpuSpeculative: ofTrigger('speculative').reduce((all, cost) => all + cost.prefillTokens + cost.decodedTokens, 0),
      gpuPerAcceptedChar: perAcceptedChar(prefill + decoded),
      promptPerAcceptedChar: perAcceptedChar(prompt),
      decodedPerAcceptedChar: perAcceptedChar(decoded),
    },
    durationMs: sum((tally) => tally.durationMs),
    unaidedMs: sum((tally) => tally.unaidedMs),
  };
}

export interface TypeThroughTimes {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  /** Of the keys that typed along, answered at once and in this time. */
  readonly inTimeShare: number;
}

export function typeThroughTimes(tallies: readonly Tally[], walls: readonly WallTimes[]): TypeThroughTimes {
  const times = walls.flatMap((wall) => wall.typeThroughMs).toSorted((a, b) => a - b);
  const keys = tallies.reduce((total, tally) => total + tally.typedThrough, 0);
  return {
    count: keys,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    inTimeShare: share(times.filter((ms) => ms <= TYPE_THROUGH_MS).length, keys),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Of sorted numbers, by the nearest rank; 0 when there are none. */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
