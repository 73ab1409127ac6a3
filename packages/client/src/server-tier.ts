import type { StreamEvent } from '@ghostline/protocol';
import type { createRequestBuilder } from './context/request.ts';
import { progressSince } from './policy/anchor.ts';
import { type Answer, type AnswerEnd, openAnswer } from './policy/answer.ts';
import { paceMs } from './policy/pace.ts';
import type { Question } from './question.ts';
import type { createStateTracker } from './state.ts';
import type { SetTimer } from './timer.ts';
import type { Transport } from './types.ts';

/**
 * How long a request outlives the call that made it. VS Code cancels at every keystroke and asks again 50 ms later, or
 * 50 ms after the next key when that comes sooner; with the hop to the extension host, 150 ms let a typist at full speed
 * join the request under way, and cost the server that much work for nothing when nobody does.
 */
const LINGER_MS = 150;

/** The server as a source of answers: one at a time. */
export interface ServerTier {
  /** Its answer, asked for when the pace is over, in place of the one before. */
  ask(question: Question): Answer;
  /** The answer under way, if it may go on after what was typed since. */
  inFlight(question: Question): { readonly answer: Answer; readonly typed: string } | undefined;
  /** It had nothing to say to this very document; who asks by hand makes it think again. */
  isSilent(question: Pick<Question, 'document' | 'trigger'>): boolean;
  /** Ends what is under way. */
  abort(): void;
  /** As `abort`, and forgets where it was silent. */
  reset(): void;
}

export interface ServerTierOptions {
  readonly transport: Pick<Transport, 'complete'>;
  readonly build: ReturnType<typeof createRequestBuilder>['build'];
  readonly state: Pick<ReturnType<typeof createStateTracker>, 'reached' | 'answered' | 'failed'>;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onEnd: (answer: Answer, end: AnswerEnd) => void;
  readonly setTimer: SetTimer;
}

export function createServerTier(options: ServerTierOptions): ServerTier {
  const { transport, build, state, onEvent, onEnd, setTimer } = options;
  /** Under way, or waiting for its pace. */
  let running: Answer | undefined;
  /** The last answer without text: the same place need not be asked about again. */
  let silence: Answer | undefined;

  return {
    ask(question) {
      const { trigger, candidates, settings, rules } = question;
      running?.abort();
      const answer = openAnswer({
        origin: 'server',
        anchor: question.anchor(),
        candidates,
        waitMs: paceMs(trigger, settings.delayMs),
        events: (signal) => transport.complete(build(question.context(), question, rules), signal),
        lingerMs: LINGER_MS,
        setTimer,
        onEvent(event) {
          if (event.event === 'start') state.reached();
          if (event.event === 'done') state.answered(event.data.reason === 'use_local' ? 'local' : 'server');
          onEvent(event);
        },
        onEnd(end) {
          if (end.kind === 'failed') state.failed(end.failure);
          if (running === answer) running = undefined;
          if (answer.isSilent()) silence = answer;
          onEnd(answer, end);
        },
      });
      running = answer;
      return answer;
    },
    inFlight({ document, candidates }) {
      if (!running?.isAsked || running.candidates < candidates) return undefined;
      const progress = progressSince(running.anchor, document);
      return progress && { answer: running, typed: progress.typed };
    },
    isSilent({ document, trigger }) {
      return trigger === 'automatic' && silence !== undefined && progressSince(silence.anchor, document)?.typed === '';
    },
    abort: () => running?.abort(),
    reset() {
      running?.abort();
      silence = undefined;
    },
  };
}
