import type { Outcome, Suggestion } from '@ghostline/client';
import type { StartEvent, TelemetryEvent } from '@ghostline/protocol';

/** What the server said about one completion. */
export type Wire = Pick<StartEvent, 'endpoint' | 'cache'>;

/** One line of the trace: what a question came to, and what became of the suggestion. */
export interface TraceEntry {
  readonly id: number;
  readonly outcome: Outcome;
  /** Questions that came to the same: along the same suggestion, or nothing for the same reason. */
  readonly times: number;
  /** Of the suggestion at its longest: it grows while it streams, and shrinks while one types along. */
  readonly chars: number;
  readonly fate: Fate | undefined;
}

export type Fate = 'shown' | 'accepted in part' | 'accepted' | 'typed' | 'rejected' | 'ignored';

export interface Trace {
  /** Newest first. */
  readonly entries: readonly TraceEntry[];
  /** By completion id; what a suggestion from the client's cache was once. */
  readonly wires: Readonly<Record<string, Wire>>;
  readonly nextId: number;
}

export const EMPTY_TRACE: Trace = { entries: [], wires: {}, nextId: 1 };

/** A screenful; the acceptance page has the long view. */
const KEPT = 40;

/** With one more outcome. Cancelled questions are what typing is made of: they are not worth a line. */
export function withOutcome(trace: Trace, outcome: Outcome): Trace {
  if (outcome.kind === 'cancelled') return trace;
  const [latest, ...earlier] = trace.entries;
  if (latest && sameMatter(latest.outcome, outcome)) {
    // The first answer is the one that was waited for: typing along is answered at once.
    const shown = outcome.kind === 'suggested' ? latest.outcome : outcome;
    const chars = Math.max(latest.chars, charsOf(outcome));
    return { ...trace, entries: [{ ...latest, outcome: shown, times: latest.times + 1, chars }, ...earlier] };
  }
  const entry: TraceEntry = { id: trace.nextId, outcome, times: 1, chars: charsOf(outcome), fate: undefined };
  return { ...trace, entries: [entry, ...trace.entries].slice(0, KEPT), nextId: trace.nextId + 1 };
}

/** With what the server said in `start`. */
export function withStart(trace: Trace, { completion_id, endpoint, cache }: StartEvent): Trace {
  const latest = Object.entries(trace.wires).slice(-2 * KEPT);
  return { ...trace, wires: { ...Object.fromEntries(latest), [completion_id]: { endpoint, cache } } };
}

const FATES = {
  'completion-shown': 'shown',
  'completion-partially-accepted': 'accepted in part',
  'completion-accepted': 'accepted',
  'completion-typed-through': 'typed',
  'completion-rejected': 'rejected',
  'completion-ignored': 'ignored',
  'completion-retained': undefined,
} as const satisfies Record<TelemetryEvent['type'], Fate | undefined>;

/** With what became of a suggestion, as it will be counted: from the event that goes to the server. */
export function withEvent(trace: Trace, { type, view_id }: TelemetryEvent): Trace {
  const fate = FATES[type];
  if (!fate) return trace;
  return {
    ...trace,
    entries: trace.entries.map((entry) =>
      viewIdOf(entry.outcome) === view_id ? Object.assign({}, entry, { fate: laterFate(entry.fate, fate) }) : entry,
    ),
  };
}

/** Of which a word was accepted is not ignored, whatever becomes of the rest. */
function laterFate(before: Fate | undefined, now: Fate): Fate {
  return before === 'accepted in part' && now !== 'accepted' ? before : now;
}

function charsOf(outcome: Outcome): number {
  return outcome.kind === 'suggested' ? outcome.suggestions[0].text.length : 0;
}

function viewIdOf(outcome: Outcome): string | undefined {
  return outcome.kind === 'suggested' ? outcome.suggestions[0].viewId : undefined;
}

function sameMatter(a: Outcome, b: Outcome): boolean {
  if (a.kind === 'suggested' && b.kind === 'suggested') return viewIdOf(a) === viewIdOf(b);
  if (a.kind === 'empty' && b.kind === 'empty') return a.reason === b.reason;
  if (a.kind === 'failed' && b.kind === 'failed') return a.failure.reason === b.failure.reason;
  return false;
}

/** The suggestion whose answer was waited for last. */
export function latestSuggestion({ entries }: Trace): Suggestion | undefined {
  for (const { outcome } of entries) if (outcome.kind === 'suggested') return outcome.suggestions[0];
  return undefined;
}
