import type {
  AnswerTrace,
  ClientFailure,
  ContextTrace,
  Fate,
  Gate,
  Keystroke,
  Outcome,
  Stage,
} from '@ghostline/client';
import type { EmptyReason, Timings } from '@ghostline/protocol';
import { createPseudonyms } from './pseudonyms.ts';
import { inEnglish } from './translate.ts';
import { filterWords, paceWords } from './words.ts';

/** Keystrokes as they may be passed on: no code, no path, nothing that is not named here. */
export interface RedactedExport {
  readonly format: 'ghostline-keystrokes';
  /** Of this format: rises when a field changes its meaning. */
  readonly version: 1;
  readonly client: { readonly name: string; readonly version: string };
  /** RFC 3339, UTC. */
  readonly exportedAt: string;
  /** Newest first. */
  readonly keystrokes: readonly RedactedKeystroke[];
}

export interface RedactedKeystroke {
  readonly id: number;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly trigger: Keystroke['trigger'] | Other;
  readonly language: string;
  readonly outcome: Keystroke['outcome'] | Other;
  readonly decidedBy: Stage | Other;
  readonly reason?: string;
  readonly totalMs: number;
  readonly stages: readonly { readonly stage: Stage | Other; readonly ms: number }[];
  readonly pace?: { readonly delayMs: number; readonly because: readonly string[] };
  readonly context?: RedactedContext;
  readonly answer?: RedactedAnswer;
  readonly filters: readonly { readonly name: string; readonly removedChars: number }[];
  readonly fate?: Fate | Other;
  /** Stands for the file, the same within one export. */
  readonly file: string;
  readonly suggestedChars: number;
}

export interface RedactedContext extends Omit<ContextTrace, 'snippets' | 'late'> {
  readonly snippets: readonly {
    readonly source: string;
    readonly file: string;
    readonly chars: number;
    readonly score?: number;
  }[];
  readonly late: readonly string[];
}

export interface RedactedAnswer extends Omit<AnswerTrace, 'source' | 'cache' | 'timings'> {
  readonly source: AnswerTrace['source'] | Other;
  readonly cache: AnswerTrace['cache'] | Other;
  readonly timings?: Timings;
}

/** In place of a word that is none of its closed list. */
type Other = 'other';

export interface RedactOptions {
  readonly client: { readonly name: string; readonly version: string };
  /** In ms since 1970. */
  readonly at: number;
}

/**
 * `keystrokes` (newest first) without anything that could hold code or say where it comes from. Every field is written here
 * by name, so that one added to a keystroke stays out until somebody lets it in.
 */
export function redact(keystrokes: readonly Keystroke[], { client, at }: RedactOptions): RedactedExport {
  const fileOf = createPseudonyms();
  return {
    format: 'ghostline-keystrokes',
    version: 1,
    client: { name: client.name, version: client.version },
    exportedAt: timeOf(at),
    keystrokes: keystrokes.map((keystroke) => redactOne(keystroke, fileOf)),
  };
}

function redactOne(keystroke: Keystroke, fileOf: (path: string) => string): RedactedKeystroke {
  const { reason, pace, context, answer, fate, code } = keystroke;
  return {
    id: numberOf(keystroke.id),
    at: timeOf(keystroke.at),
    trigger: listed(keystroke.trigger, TRIGGERS),
    language: matching(LANGUAGE, keystroke.language),
    outcome: listed(keystroke.outcome, OUTCOMES),
    decidedBy: listed(keystroke.decidedBy, STAGES),
    ...(reason === undefined ? {} : { reason: listed(reason, REASONS) }),
    totalMs: numberOf(keystroke.totalMs),
    stages: keystroke.stages.map(({ stage, ms }) => ({ stage: listed(stage, STAGES), ms: numberOf(ms) })),
    ...(pace
      ? { pace: { delayMs: numberOf(pace.delayMs), because: pace.because.map((word) => known(word, PACE_WORDS)) } }
      : {}),
    ...(context ? { context: redactContext(context, fileOf) } : {}),
    ...(answer ? { answer: redactAnswer(answer) } : {}),
    filters: keystroke.filters.map(({ name, removedChars }) => ({
      name: known(name, FILTERS),
      removedChars: numberOf(removedChars),
    })),
    ...(fate === undefined ? {} : { fate: listed(fate, FATES) }),
    file: fileOf(code.path),
    suggestedChars: code.text.length,
  };
}

function redactContext(context: ContextTrace, fileOf: (path: string) => string): RedactedContext {
  return {
    prefixChars: numberOf(context.prefixChars),
    suffixChars: numberOf(context.suffixChars),
    snippets: context.snippets.map(({ source, path, chars, score }) => ({
      source: listed(source, SNIPPET_SOURCES),
      file: fileOf(path),
      chars: numberOf(chars),
      ...(score === undefined ? {} : { score: numberOf(score) }),
    })),
    late: context.late.map((source) => listed(source, SNIPPET_SOURCES)),
    redactions: numberOf(context.redactions),
    excluded: numberOf(context.excluded),
  };
}

function redactAnswer(answer: AnswerTrace): RedactedAnswer {
  const { timings } = answer;
  return {
    completionId: matching(COMPLETION_ID, answer.completionId),
    source: listed(answer.source, SOURCES),
    model: matching(NAME, answer.model),
    region: matching(NAME, answer.region),
    endpoint: matching(NAME, answer.endpoint),
    cache: listed(answer.cache, CACHES),
    candidates: numberOf(answer.candidates),
    ...(timings
      ? {
          timings: {
            auth_ms: numberOf(timings.auth_ms),
            prompt_ms: numberOf(timings.prompt_ms),
            cache_ms: numberOf(timings.cache_ms),
            queue_ms: numberOf(timings.queue_ms),
            first_token_ms: numberOf(timings.first_token_ms),
            total_ms: numberOf(timings.total_ms),
          },
        }
      : {}),
  };
}

const OTHER = 'other';

/** The closed lists, complete by type: a new member does not compile without being here. */
const TRIGGERS: Members<Keystroke['trigger']> = { automatic: true, manual: true };
const OUTCOMES: Members<Keystroke['outcome']> = { suggested: true, empty: true, cancelled: true, failed: true };
const STAGES: Members<Stage> = {
  'type-through': true,
  cache: true,
  gate: true,
  inflight: true,
  pace: true,
  context: true,
  network: true,
  local: true,
  fit: true,
};
const FATES: Members<Fate> = {
  shown: true,
  'accepted in part': true,
  accepted: true,
  typed: true,
  rejected: true,
  ignored: true,
};
const SOURCES: Members<AnswerTrace['source']> = {
  network: true,
  cache: true,
  inflight: true,
  typed: true,
  local: true,
};
const CACHES: Members<AnswerTrace['cache']> = {
  miss: true,
  memory: true,
  redis: true,
  continuation: true,
  inflight: true,
};
const SNIPPET_SOURCES: Members<ContextTrace['late'][number]> = {
  open_file: true,
  recent_edit: true,
  recent_view: true,
  definition: true,
  retrieved: true,
};

type Members<Union extends string> = Readonly<Record<Union, true>>;

function listed<Union extends string>(value: string, members: Members<Union>): Union | Other {
  return Object.hasOwn(members, value) ? (value as Union) : OTHER;
}

/** Every word that `Keystroke.reason` can be. */
export type Reason =
  | EmptyReason
  | Gate
  | Extract<Outcome, { kind: 'cancelled' }>['reason']
  | ClientFailure['reason']
  | 'trimmed';
export const REASONS: Members<Reason> = {
  paused: true,
  'language-off': true,
  'file-off': true,
  'document-off': true,
  'on-demand': true,
  dismissed: true,
  excluded: true,
  'no-cursor': true,
  'several-cursors': true,
  'mid-word': true,
  'mid-line': true,
  'after-undo': true,
  prose: true,
  'exact-entry': true,
  silent: true,
  filtered: true,
  superseded: true,
  shed: true,
  use_local: true,
  deadline: true,
  trimmed: true,
  editor: true,
  disposed: true,
  unreachable: true,
  unauthenticated: true,
  'rate-limited': true,
  rejected: true,
  server: true,
  protocol: true,
};

/** VS Code's language ids, and ids of completions, as the protocol allows them. */
const LANGUAGE = /^[A-Za-z0-9_+#.-]{1,40}$/;
const COMPLETION_ID = /^(?:cmp|loc)_[A-Za-z0-9_-]{8,120}$/;
/** Of a model, region or endpoint, as the server's configuration calls it: `Qwen/Qwen2.5-Coder-7B`, but no path to a file. */
const NAME = /^(?=.{1,100}$)\w[\w.:@+-]*(?:\/\w[\w.:@+-]*)?$/;
/** Words that only a newer client knows do not get out: nobody here can tell that they are none of a document. */
const PACE_WORDS = paceWords(inEnglish);
const FILTERS = filterWords(inEnglish);

function known(word: string, words: Readonly<Record<string, string>>): string {
  return Object.hasOwn(words, word) ? word : OTHER;
}

function matching(pattern: RegExp, value: string): string {
  return pattern.test(value) ? value : OTHER;
}

/** Whoever hands over something else than a number where one belongs hands over nothing. */
function numberOf(value: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function timeOf(ms: number): string {
  return new Date(numberOf(ms)).toISOString();
}
