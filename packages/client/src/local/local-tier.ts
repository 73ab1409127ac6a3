import type { NgramCandidate } from '@ghostline/ngram-model';
import type { StreamEvent, Trigger } from '@ghostline/protocol';
import type { Progress } from '../policy/anchor.ts';
import { type Answer, openAnswer } from '../policy/answer.ts';
import { createCompletionCache } from '../policy/completion-cache.ts';
import type { Offer, Placements } from '../policy/offer.ts';
import type { Question } from '../question.ts';
import type { SetTimer } from '../timer.ts';
import type { ClientSettings, DocumentSnapshot, LocalModel } from '../types.ts';
import { ngramRequest } from './ngram-request.ts';

/**
 * What the local model must be sure of to be shown before the server has answered. Its confidence is a calibrated
 * probability: of ten texts shown so, eight are right. A wrong one stays until the next key and hides the better text of
 * the server until then, so being early must pay four times as often as it costs.
 */
const INSTANT_CONFIDENCE = 0.8;

/** How long a model that failed is left alone: a worker that dies at every request would cost a start at every key. */
const REST_MS = 30_000;

/** Some places to come back to. A place asked about again costs milliseconds, but would count as another suggestion. */
const REMEMBERED_ANSWERS = 20;

/** The local model as a source of answers. */
export interface LocalTier {
  /** Whether it suggests where the server does not. */
  standsIn(): boolean;
  /** Whether it is asked together with the server. */
  isInstant(trigger: Trigger): boolean;
  /** What it said here before, with what was typed since. */
  find(question: Question): { readonly answer: Answer; readonly progress: Progress } | undefined;
  /** Its answer, asked for now, or remembered with what was `typed` since. It ends as failed when the model does. */
  ask(question: Question): { readonly answer: Answer; readonly typed: string; readonly source: 'local' | 'cache' };
  /** Where the text would stand, if the model is sure of it. */
  sureFit(offer: Offer, document: DocumentSnapshot): Placements | undefined;
  reset(): void;
}

export interface LocalTierOptions {
  readonly model: LocalModel | undefined;
  readonly settings: () => ClientSettings;
  /** The model has answered, or failed: `standsIn` may be another. */
  readonly onReply: () => void;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly newId: () => string;
}

export function createLocalTier({ model, settings, onReply, now, setTimer, newId }: LocalTierOptions): LocalTier {
  const cache = createCompletionCache(REMEMBERED_ANSWERS);
  const confidences = new WeakMap<Answer, number>();
  let restsUntil = 0;

  function mode() {
    return model && now() >= restsUntil ? (settings().local ?? 'fallback') : 'off';
  }

  async function candidatesFor(question: Question, signal: AbortSignal): Promise<readonly NgramCandidate[]> {
    const { candidates, trigger } = question;
    const request = ngramRequest(question, mode() === 'instant' && trigger === 'automatic');
    try {
      const found = (await model?.complete(request, signal)) ?? [];
      return found.filter(({ text }) => text !== '').slice(0, candidates);
    } catch (error) {
      if (!signal.aborted) restsUntil = now() + REST_MS;
      throw error;
    } finally {
      onReply();
    }
  }

  function open(question: Question): Answer {
    const { anchor, candidates, signal } = question;
    const answer = openAnswer({
      origin: 'local',
      anchor: anchor(),
      candidates,
      waitMs: 0,
      async *events(aborted) {
        const found = await candidatesFor(question, aborted);
        confidences.set(answer, found[0]?.confidence ?? 0);
        yield* eventsOf(found, `loc_${newId()}`);
      },
      // What it is asked about at the next key is another question, and as soon answered.
      lingerMs: 0,
      setTimer,
      onEvent: () => undefined,
      onEnd() {
        signal.removeEventListener('abort', answer.abort);
        if (answer.isReusable()) cache.put(answer);
      },
    });
    signal.addEventListener('abort', answer.abort, { once: true });
    return answer;
  }

  return {
    standsIn: () => mode() !== 'off',
    isInstant: (trigger) => trigger === 'automatic' && mode() === 'instant',
    find: (question) => (mode() === 'off' ? undefined : cache.find(question)),
    ask(question) {
      const known = cache.find(question);
      if (known) return { answer: known.answer, typed: known.progress.typed, source: 'cache' };
      return { answer: open(question), typed: '', source: 'local' };
    },
    sureFit(offer, document) {
      const confidence = confidences.get(offer.answer) ?? 0;
      if (!offer.answer.end || confidence < INSTANT_CONFIDENCE) return undefined;
      const fit = offer.fit(document);
      return fit.kind === 'shows' ? fit.placements : undefined;
    },
    reset() {
      cache.clear();
      restsUntil = 0;
    },
  };
}

/** What the model has found, as the stream that a server would send. */
function* eventsOf(candidates: readonly NgramCandidate[], completionId: string): Generator<StreamEvent> {
  const start = {
    completion_id: completionId,
    model: 'ngram',
    region: 'local',
    endpoint: 'local',
    cache: 'miss',
  } as const;
  yield { event: 'start', data: start };
  for (const [index, { text, cut }] of candidates.entries()) {
    yield { event: 'delta', data: { index, text } };
    yield { event: 'finish', data: { index, reason: cut ? 'length' : 'stop' } };
  }
  const usage = { prompt_tokens: 0, completion_tokens: 0 };
  const timings = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };
  yield { event: 'done', data: { usage, timings } };
}
