import type { CacheOutcome, Snippet, SuggestionSource, Timings } from '@ghostline/protocol';
import type { Outcome } from '../types.ts';

/** The steps of one question, in the order in which they can decide about it. */
export type Stage = 'type-through' | 'cache' | 'gate' | 'inflight' | 'pace' | 'context' | 'network' | 'local' | 'fit';

/** What one question came to, and why: a line of the inspector. Times are in ms. */
export interface Keystroke {
  /** Rising within a session. */
  readonly id: number;
  /** When it was asked, in ms since 1970. */
  readonly at: number;
  readonly trigger: 'automatic' | 'manual';
  readonly language: string;
  readonly outcome: Outcome['kind'];
  /** The step that decided. */
  readonly decidedBy: Stage;
  /** One word for the reason, of a closed list each: a gate, an empty reason, a failure's, why it was cancelled. */
  readonly reason: string | undefined;
  /** From the call to its outcome. */
  readonly totalMs: number;
  /** How long each step took that was reached. */
  readonly stages: readonly { readonly stage: Stage; readonly ms: number }[];
  readonly pace: { readonly delayMs: number; readonly because: readonly string[] } | undefined;
  readonly context: ContextTrace | undefined;
  readonly answer: AnswerTrace | undefined;
  /** What the filters did to the raw text, in order. */
  readonly filters: readonly { readonly name: string; readonly removedChars: number }[];
  /** What became of the suggestion; changes later. */
  readonly fate: Fate | undefined;
  /** What only its user may see; left out of an export. */
  readonly code: { readonly path: string; readonly line: number; readonly before: string; readonly text: string };
}

export type Fate = 'shown' | 'accepted in part' | 'accepted' | 'typed' | 'rejected' | 'ignored';

export interface ContextTrace {
  readonly prefixChars: number;
  readonly suffixChars: number;
  readonly snippets: readonly {
    readonly source: Snippet['source'];
    readonly path: string;
    readonly chars: number;
    readonly score: number | undefined;
  }[];
  /** Sources that did not answer in time, and were left out. */
  readonly late: readonly Snippet['source'][];
  /** Secrets that were overwritten before anything was sent. */
  readonly redactions: number;
  /** Files and parts that must not leave the editor. */
  readonly excluded: number;
}

export interface AnswerTrace {
  readonly completionId: string;
  readonly source: SuggestionSource;
  readonly model: string;
  readonly region: string;
  readonly endpoint: string;
  /** The server's cache. */
  readonly cache: CacheOutcome;
  readonly timings: Timings | undefined;
  readonly candidates: number;
}

/** `keystroke` without anything that could hold code or say where it comes from. */
export type RedactedKeystroke = Omit<Keystroke, 'code'>;
