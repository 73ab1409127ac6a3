import type { DocumentChange } from '../types.ts';

/** Longer intervals are pauses, not rhythm (Tabby counts those up to 400 ms; slow typists have longer ones). */
const LONGEST_INTERVAL_MS = 1000;
/** What is believed before anything was typed: 160 ms, some 55 words a minute (Dhakal et al., CHI 2018: mean of 136,000). */
const PRIOR_MS = 160;
const PRIOR_SPREAD = 0.45;
/** Half of what is known of the rhythm is younger than 35 keys: it follows a change within a line or two. */
const WEIGHT = 0.02;

/** How the user types, as far as changes of documents tell. */
export interface Typing {
  changed(change: DocumentChange): void;
  /** What the last change of this document was; undefined before any, and after somebody else's turn. */
  lastChange(uri: string): 'typed' | 'deleted' | 'pasted' | undefined;
  /** Time since the last change of this document, in ms; undefined before any. */
  sinceChange(uri: string): number | undefined;
  /** The interval between two keys of a burst that is not exceeded with a probability of Φ(`deviations`), in ms. */
  interval(deviations: number): number;
}

/** Intervals between keys are log-normal: their logarithm has a mean and a spread, both followed exponentially. */
export function createTyping(now: () => number): Typing {
  let mean = Math.log(PRIOR_MS);
  let variance = PRIOR_SPREAD ** 2;
  let last: { uri: string; at: number; end: number; kind: 'typed' | 'deleted' | 'pasted' } | undefined;

  function learn(interval: number): void {
    // A clock set back, or two keys in one event.
    if (interval <= 0 || interval > LONGEST_INTERVAL_MS) return;
    const difference = Math.log(interval) - mean;
    mean += WEIGHT * difference;
    variance = (1 - WEIGHT) * (variance + WEIGHT * difference ** 2);
  }

  return {
    changed({ uri, offset, inserted }) {
      const at = now();
      const kind = inserted === '' ? 'deleted' : isTyped(inserted) ? 'typed' : 'pasted';
      if (kind === 'typed' && last?.kind === 'typed' && last.uri === uri && last.end === offset) learn(at - last.at);
      // Where the next key of a burst goes: after one character, whatever an editor closes behind it.
      last = { uri, at, kind, end: offset + 1 };
    },
    lastChange: (uri) => (last?.uri === uri ? last.kind : undefined),
    sinceChange: (uri) => (last?.uri === uri ? Math.max(0, now() - last.at) : undefined),
    interval: (deviations) => Math.exp(mean + deviations * Math.sqrt(variance)),
  };
}

/** One key: a character, a pair of brackets, or a line break with the indentation that editors add. */
function isTyped(inserted: string): boolean {
  return inserted.length <= 2 || /^\r?\n\s*$/.test(inserted);
}
