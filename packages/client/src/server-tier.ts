import type { StreamEvent } from '@ghostline/protocol';
import type { CompletionContext, createRequestBuilder } from './context/request.ts';
import { progressSince } from './policy/anchor.ts';
import { type Answer, type AnswerEnd, openAnswer } from './policy/answer.ts';
import { contradicts } from './policy/contradicts.ts';
import type { Latency } from './policy/latency.ts';
import type { PaceDecision } from './policy/pace.ts';
import type { Question } from './question.ts';
import type { createStateTracker } from './state.ts';
import type { SetTimer } from './timer.ts';
import type { ContextTrace } from './trace/keystroke.ts';
import type { DocumentChange, Transport } from './types.ts';

/**
 * How long a request outlives the call that made it. VS Code cancels at every keystroke and asks again 50 ms later, or
 * 50 ms after the next key when that comes sooner; with the hop to the extension host, 150 ms let a typist at full speed
 * join the request under way, and cost the server that much work for nothing when nobody does.
 */
const LINGER_MS = 150;

/** The server as a source of answers: one at a time, and one ahead of it. */
export interface ServerTier {
  /** Its answer, asked for when the pace is over, in place of the one before. */
  ask(question: Question): Answer;
  /** Its answer to what will be asked when a suggestion is accepted; in place of the one before. */
  askAhead(question: Question): Answer;
  /** The answer under way, if it may go on after what was typed since. */
  inFlight(question: Question): { readonly answer: Answer; readonly typed: string } | undefined;
  /** True when the answer under way, or the one asked ahead, may go on to answer this question. */
  isUnderWay(question: Question): boolean;
  /** A document was changed: what cannot go on any more is not waited for. */
  changed(change: DocumentChange): void;
  /** What an answer was asked with; undefined before it was asked. */
  contextOf(answer: Answer): ContextTrace | undefined;
  /** It had nothing to say to this very document; who asks by hand makes it think again. */
  isSilent(question: Pick<Question, 'document' | 'trigger'>): boolean;
  /** Ends what is under way. */
  abort(): void;
  /** Ends what is asked ahead. */
  abortAhead(): void;
  /** As both, and forgets where it was silent. */
  reset(): void;
}

export interface ServerTierOptions {
  readonly transport: Pick<Transport, 'complete'>;
  readonly build: ReturnType<typeof createRequestBuilder>['build'];
  readonly state: Pick<ReturnType<typeof createStateTracker>, 'reached' | 'answered' | 'failed'>;
  readonly pace: (question: Question) => PaceDecision;
  readonly latency: Pick<Latency, 'answered'>;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onEnd: (answer: Answer, end: AnswerEnd) => void;
  readonly now: () => number;
  readonly setTimer: SetTimer;
}

export function createServerTier(options: ServerTierOptions): ServerTier {
  const { transport, build, state, pace, latency, onEvent, onEnd, now, setTimer } = options;
  /** Under way, or waiting for its pace. */
  let running: Answer | undefined;
  let ahead: Answer | undefined;
  /** The last answer without text: the same place need not be asked about again. */
  let silence: Answer | undefined;
  const contexts = new WeakMap<Answer, ContextTrace>();

  function open(question: Question): Answer {
    const decision = pace(question);
    question.trace.paced(decision);
    const gathering = new AbortController();
    let context: CompletionContext | undefined;
    let askedAt = 0;
    // Slow sources answer while the pace is waited for.
    const gathered = question
      .context()
      .complete(gathering.signal)
      .then((found) => (context = found));
    // Whoever waits for it hears of it; after an abort nobody does.
    gathered.catch(() => undefined);

    const answer = openAnswer({
      origin: 'server',
      anchor: question.anchor(),
      candidates: question.candidates,
      waitMs: decision.delayMs,
      ready() {
        question.trace.enter('context');
        return gathered;
      },
      events(signal) {
        askedAt = now();
        contexts.set(answer, context!.trace);
        return transport.complete(build(context!, question, question.rules), signal);
      },
      lingerMs: LINGER_MS,
      setTimer,
      onEvent(event) {
        if (event.event === 'start') {
          state.reached();
          latency.answered(Math.max(0, now() - askedAt));
        }
        if (event.event === 'done') state.answered(event.data.reason === 'use_local' ? 'local' : 'server');
        onEvent(event);
      },
      onEnd(end) {
        gathering.abort();
        if (end.kind === 'failed') state.failed(end.failure);
        if (running === answer) running = undefined;
        if (ahead === answer) ahead = undefined;
        if (answer.isSilent()) silence = answer;
        onEnd(answer, end);
      },
    });
    return answer;
  }

  function joinable({ document, candidates }: Question) {
    for (const answer of [running, ahead]) {
      if (!answer?.isAsked || answer.candidates < candidates) continue;
      const progress = progressSince(answer.anchor, document);
      if (progress) return { answer, typed: progress.typed };
    }
    return undefined;
  }

  const tier: ServerTier = {
    ask(question) {
      running?.abort();
      running = open(question);
      return running;
    },
    askAhead(question) {
      ahead?.abort();
      ahead = open(question);
      return ahead;
    },
    inFlight(question) {
      const found = joinable(question);
      // What was asked ahead is what is asked now.
      if (found && found.answer === ahead) [running, ahead] = [ahead, undefined];
      return found;
    },
    isUnderWay: (question) => joinable(question) !== undefined,
    changed(change) {
      if (running && contradicts(change, running)) running.abort();
    },
    contextOf: (answer) => contexts.get(answer),
    isSilent({ document, trigger }) {
      return trigger !== 'manual' && silence !== undefined && progressSince(silence.anchor, document)?.typed === '';
    },
    abort: () => running?.abort(),
    abortAhead: () => ahead?.abort(),
    reset() {
      tier.abort();
      tier.abortAhead();
      silence = undefined;
    },
  };
  return tier;
}
