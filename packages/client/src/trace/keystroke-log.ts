import type { TelemetryEvent } from '@ghostline/protocol';
import type { PaceDecision } from '../policy/pace.ts';
import { lastLine } from '../text/lines.ts';
import type { CompletionQuery, Outcome } from '../types.ts';
import type { AnswerTrace, ContextTrace, Fate, Keystroke, Stage } from './keystroke.ts';

/** A few minutes of typing: long enough to look up what has just happened. */
const KEPT = 100;
/** As much of the cursor's line and of a suggestion as is read at a glance; more would keep long texts alive. */
const CODE_CHARS = 500;

/** Writes down how one question is decided, as it goes. */
export interface KeystrokeTrace {
  /** Ends the step before. */
  enter(stage: Stage): void;
  paced(decision: PaceDecision): void;
  /** From now on this is about an answer, told of when the question ends. */
  about(details: () => TraceDetails): void;
  end(outcome: Outcome): void;
}

/** What an answer was asked with, who gave it, and what was taken away from it. */
export interface TraceDetails {
  readonly context: ContextTrace | undefined;
  readonly answer: Omit<AnswerTrace, 'source'> | undefined;
  readonly filters: Keystroke['filters'];
}

/** The last questions and what they came to. In memory only: it holds lines of code. */
export interface KeystrokeLog {
  begin(query: Pick<CompletionQuery, 'document' | 'trigger'>): KeystrokeTrace;
  /** What became of a suggestion, from the event about it. */
  became(event: TelemetryEvent): void;
  /** Newest first. */
  list(): readonly Keystroke[];
  subscribe(listener: () => void): () => void;
}

/** `now` dates the entries, `elapsed` measures them: both in ms. */
export function createKeystrokeLog(now: () => number, elapsed: () => number): KeystrokeLog {
  let entries: { readonly viewId: string | undefined; keystroke: Keystroke }[] = [];
  const listeners = new Set<() => void>();
  let lastId = 0;

  function announce(): void {
    for (const listener of listeners) listener();
  }

  return {
    begin({ document, trigger }) {
      const at = now();
      /** Those that are entered twice count once, where they were first. */
      const stages = new Map<Stage, number>();
      const began = elapsed();
      let current: { stage: Stage; since: number } | undefined;
      let pace: PaceDecision | undefined;
      let tell: (() => TraceDetails) | undefined;

      function leave(): void {
        if (!current) return;
        const { stage, since } = current;
        stages.set(stage, (stages.get(stage) ?? 0) + Math.max(0, elapsed() - since));
      }

      return {
        enter(stage) {
          if (stage === current?.stage) return;
          leave();
          current = { stage, since: elapsed() };
        },
        paced: (decision) => (pace = decision),
        about: (details) => (tell = details),
        end(outcome) {
          leave();
          const { context, answer, filters } = tell?.() ?? { context: undefined, answer: undefined, filters: [] };
          const { text, cursor, path, language } = document;
          const before = text.slice(Math.max(0, cursor - CODE_CHARS), cursor);
          const first = outcome.kind === 'suggested' ? outcome.suggestions[0] : undefined;
          const keystroke: Keystroke = {
            id: ++lastId,
            at,
            trigger,
            language,
            outcome: outcome.kind,
            decidedBy: current?.stage ?? 'gate',
            reason: reasonOf(outcome),
            totalMs: Math.max(0, elapsed() - began),
            stages: [...stages].map(([stage, ms]) => ({ stage, ms })),
            pace,
            context,
            answer: answer && { ...answer, source: first?.source ?? 'network' },
            filters,
            fate: undefined,
            code: {
              path,
              line: lineOf(text, cursor),
              before: detached(lastLine(before)),
              text: detached(first?.text.slice(0, CODE_CHARS) ?? ''),
            },
          };
          entries = [{ viewId: first?.viewId, keystroke }, ...entries.slice(0, KEPT - 1)];
          announce();
        },
      };
    },
    became({ type, view_id }) {
      const fate = FATES[type];
      if (!fate) return;
      let changed = false;
      for (const entry of entries) {
        if (entry.viewId !== view_id) continue;
        entry.keystroke = { ...entry.keystroke, fate: laterFate(entry.keystroke.fate, fate) };
        changed = true;
      }
      if (changed) announce();
    },
    list: () => entries.map(({ keystroke }) => keystroke),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const FATES: Record<TelemetryEvent['type'], Fate | undefined> = {
  'completion-shown': 'shown',
  'completion-partially-accepted': 'accepted in part',
  'completion-accepted': 'accepted',
  'completion-typed-through': 'typed',
  'completion-rejected': 'rejected',
  'completion-ignored': 'ignored',
  'completion-retained': undefined,
};

/** Of which a word was accepted is not ignored, whatever becomes of the rest. */
function laterFate(before: Fate | undefined, now: Fate): Fate {
  return before === 'accepted in part' && now !== 'accepted' ? before : now;
}

function reasonOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'suggested') return undefined;
  return outcome.kind === 'failed' ? outcome.failure.reason : outcome.reason;
}

/** From 1. Counting the line breaks of a large file costs a tenth of a millisecond. */
function lineOf(text: string, cursor: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < cursor; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** A copy that does not keep the whole document alive. */
function detached(slice: string): string {
  return ` ${slice}`.slice(1);
}
