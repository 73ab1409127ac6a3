import type { CompletionRequest } from '@ghostline/protocol';
import { EXCLUDED, type FlightEvent, TOO_LATE, USE_LOCAL, generate, replay } from './answer/generation.ts';
import { createPresenter } from './answer/presenter.ts';
import { type FlightOutput, createSingleFlight, readerOf } from './answer/single-flight.ts';
import type { Answer } from './cache/answer.ts';
import { type PromptKey, createCacheKeys } from './cache/cache-key.ts';
import { type Owner, createContinuations } from './cache/continuations.ts';
import { policyEpoch } from './cache/policy-epoch.ts';
import { createPromptCache } from './cache/prompt-cache.ts';
import { createSealer } from './cache/sealed-value.ts';
import { chooseModels } from './model-choice.ts';
import { createOpaqueNames } from './opaque-name.ts';
import { templateOf } from './prompt/fim-template.ts';
import { type KnownTexts, createKnownTexts } from './prompt/known-texts.ts';
import { type Prompt, chooseSampling, createPromptBuilder } from './prompt/prompt.ts';
import { createAnswerFilter } from './safety/answer-filter.ts';
import { createMakeSafe } from './safety/safe-request.ts';
import { type Safeguard, createSafeguards } from './safety/safety-rules.ts';
import { withOverflowRetry } from './tokens/overflow-retry.ts';
import { createTokenLearning } from './tokens/token-learning.ts';
import type { TokenRatio } from './tokens/token-ratios.ts';
import type {
  Bill,
  CompleteOptions,
  CompletionEvent,
  EngineModel,
  EngineOptions,
  EngineTenant,
  MeasuredEngine,
} from './types.ts';

/**
 * The slowest endpoint worth having says 50 tokens a second: a whole block of 256 takes it 5 s, and nobody watches ghost
 * text grow for longer.
 */
const MAX_STREAM_MS = 5000;

/** About 65,000 answers of 250 characters, and a quarter of it for answers by text. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;
/** Answers by text are those of the last minutes, with the text after them: few, and ten times as big. */
const CONTINUATIONS_SHARE = 1 / 4;

/** HMAC-SHA-256 is as strong as its key, up to its own 32 bytes. */
const MIN_SECRET_BYTES = 32;

/** What a flight works on. */
interface Asked {
  readonly model: EngineModel;
  readonly prompt: Prompt;
  readonly guard: Safeguard;
  /** Undefined for what nobody else asks: the rest of a broken stream. */
  readonly key: PromptKey | undefined;
  /** Opaque name of the session that asks first. */
  readonly author: string;
  /** Present when nothing may be spent: who answers then what no cache knows, if anybody. */
  readonly free?: { readonly model: EngineModel; readonly prompt: Prompt } | 'nobody' | undefined;
}

/** What this process knew already. */
interface Recalled {
  readonly answer: Answer;
  readonly from: 'memory' | 'continuation';
}

/** Throws when the configuration cannot work: an unknown template, a short secret. */
export function createEngine(options: EngineOptions): MeasuredEngine {
  const { inference, cacheSecret, newCompletionId, maxStreamMs = MAX_STREAM_MS } = options;
  const { previousCacheSecrets = [] } = options;
  const { now = () => performance.now(), date = Date.now, random = Math.random, onCacheError = () => {} } = options;
  for (const { byteLength } of [cacheSecret, ...previousCacheSecrets])
    if (byteLength < MIN_SECRET_BYTES)
      throw new Error(`a cache secret has ${byteLength} bytes; give at least ${MIN_SECRET_BYTES} random ones`);
  const { onDecision = () => {} } = options;
  const texts = createKnownTexts();
  const makeSafe = createMakeSafe(onDecision, texts);
  const tokens = createTokenLearning({ counters: options.tokenCounters ?? new Map(), now });
  const kept: KeptByRules = { texts, ratioOf: tokens.ratioOf };
  let rules = rulesOf(options, kept);
  const keyOf = createCacheKeys(cacheSecret, previousCacheSecrets);
  const tenantName = createOpaqueNames(cacheSecret, 'tenant');
  const authorName = createOpaqueNames(cacheSecret, 'author');
  const sealer = createSealer(cacheSecret, previousCacheSecrets, date);
  const maxBytes = options.cache?.maxBytes ?? MAX_CACHE_BYTES;
  const cache = createPromptCache({
    ...options,
    maxBytes: maxBytes * (1 - CONTINUATIONS_SHARE),
    sealer,
    now,
    date,
    random,
    onCacheError,
  });
  const continuations = createContinuations(maxBytes * CONTINUATIONS_SHARE, now);
  const flights = createSingleFlight<FlightEvent, Bill>(isRetryable);
  let joined = 0;

  async function* complete(
    request: CompletionRequest,
    tenant: EngineTenant,
    signal: AbortSignal,
    about: CompleteOptions = {},
  ): AsyncGenerator<CompletionEvent> {
    signal.throwIfAborted();
    // A request keeps to the rules that it began under.
    const { guardOf, prompts, choice, epochOf } = rules;
    const guard = guardOf(tenant.org);
    const model = about.spend === 'cheapest' ? choice.cheapest : choice.first;
    const author = authorName(JSON.stringify([tenant.org, tenant.user, request.session_id]));
    const present = createPresenter(now, author, () => newCompletionId(tenant.org));
    const excluded = exclusionOf(request, guard);
    if (excluded) {
      onDecision({ action: 'excluded', reason: excluded });
      for (const event of EXCLUDED) yield present.event(event, false);
      return;
    }
    const safe = makeSafe(request, guard.isExcluded, author);
    const scope = {
      affinity: `${tenant.org}/${request.session_id ?? request.workspace ?? tenant.user}`,
      tenant: tenantName(tenant.org),
      traceparent: about.traceparent,
    };
    const sampling = chooseSampling(request);
    const prompt = prompts.build(safe, sampling, tokens.contextOf(model), scope);
    const key = request.resume ? undefined : keyOf(prompt, { org: tenant.org, epoch: epochOf(guard, model) });
    const free =
      about.spend === 'nothing' && model.embedded !== 'all'
        ? (): Asked['free'] => {
            const { embedded } = choice;
            if (!embedded) return 'nobody';
            return {
              model: embedded,
              prompt: prompts.build(safe, sampling, embedded, { ...scope, embeddedOnly: true }),
            };
          }
        : undefined;
    present.promptBuilt();
    // A placeholder in it stands for many secrets: an answer to one prompt is none to another.
    const cached = prompt.redacted ? undefined : key;
    const owner = { org: tenant.org, user: tenant.user, workspace: request.workspace };
    const known = cached && recall(cached, prompt, owner);
    const flight = known
      ? readerOf(replay(known.answer, known.from, present.sincePrompt()))
      : !free && isHopeless(about.deadlineAt, model.name, key?.exact)
        ? readerOf(TOO_LATE)
        : flights.join(
            // What costs nothing joins nothing that costs.
            free && key ? `free ${key.exact}` : key?.exact,
            signal,
            (output, abort) => void answer({ model, prompt, guard, key, author, free: free?.() }, output, abort),
          );
    if (flight.joined) joined += 1;

    try {
      for (;;) {
        const event = flight.read();
        if (event) yield present.event(event, flight.joined);
        else if (!(await flight.wait())) break;
      }
      const kept = cached && cache.peek(cached);
      if (kept) continuations.note(owner, prompt, cached, kept.answer, kept.ttlMs);
    } finally {
      const bill = flight.leave();
      about.onBill?.(bill);
    }
  }

  /** Nothing that is asked for now has a first token by then; a flight that is under way may. */
  function isHopeless(deadlineAt: number | undefined, model: string, key: string | undefined): boolean {
    if (deadlineAt === undefined || (key !== undefined && flights.has(key))) return false;
    return deadlineAt - now() <= (inference.soonestMs?.(model) ?? 0);
  }

  function recall(key: PromptKey, prompt: Prompt, owner: Owner): Recalled | undefined {
    const same = cache.recall(key);
    if (same) return { answer: same, from: 'memory' };
    const rest = continuations.find(owner, prompt, key);
    if (rest) return { answer: rest, from: 'continuation' };
    if (!options.sharedCache) cache.noteMiss();
    return undefined;
  }

  /** The work of one flight: what another gateway has answered already, or else a new answer. */
  async function answer(
    { model, prompt, guard, key, author, free }: Asked,
    output: FlightOutput<FlightEvent, Bill>,
    abort: AbortController,
  ): Promise<void> {
    const began = now();
    const cached = prompt.redacted ? undefined : key;
    if (cached && options.sharedCache) {
      const shared = await cache.recallShared(cached);
      if (abort.signal.aborted) return;
      if (shared) {
        for (const event of replay(shared, 'redis', now() - began)) output.push(event);
        output.end();
        return;
      }
    }
    if (free === 'nobody') {
      for (const event of USE_LOCAL) output.push(event);
      output.end();
      return;
    }
    const keep = (done: Answer) => {
      // In place of what another model would have said it must not be given again.
      if (cached && !free) cache.store(cached, done);
    };
    const cacheMs = now() - began;
    let asked = free ?? { model, prompt };
    const { model: answering } = asked;
    output.charge({ model: answering.name, promptTokens: free ? 0 : asked.prompt.estimatedTokens });
    const { prefix, suffix, continuation } = asked.prompt;
    const before = continuation === '' ? prefix : prefix + continuation;
    const newFilter = () => createAnswerFilter({ prefix: before, suffix, blocked: guard.blocked, onDecision });
    const fitting = withOverflowRetry(inference, (refused, overflow) => {
      asked = { model: answering, prompt: tokens.shorten(refused, answering, overflow) };
      return asked.prompt;
    });
    const counted = (promptTokens: number | undefined) => tokens.counted(asked.prompt, answering, promptTokens);
    const how = { inference: fitting, newFilter, author, date, maxStreamMs, cacheMs, keep, counted };
    await generate({ ...how, model: answering.name, prompt: asked.prompt }, output, abort);
  }

  return {
    complete,
    prepare(changes) {
      const next = rulesOf({ ...options, ...changes }, kept);
      return () => void (rules = next);
    },
    stats() {
      const { bytes, ...counts } = cache.stats();
      const { continued, bytes: continuationBytes } = continuations.stats();
      return {
        ...counts,
        ...tokens.stats(),
        bytes: bytes + continuationBytes,
        continued,
        joined,
        inFlight: flights.size(),
      };
    },
  };
}

/** What outlives a change of the rules. */
interface KeptByRules {
  readonly texts: KnownTexts;
  readonly ratioOf: (model: string, language: string) => TokenRatio;
}

/** What of the configuration decides about answers, and can be another one from one request to the next. */
function rulesOf(options: Pick<EngineOptions, 'models' | 'safety' | 'cache'>, { texts, ratioOf }: KeptByRules) {
  const { models, safety = {}, cache } = options;
  for (const { template } of models) templateOf(template);
  const guardOf = createSafeguards(safety);
  const epochs = new Map<Safeguard, Map<EngineModel, string>>();
  return {
    guardOf,
    prompts: createPromptBuilder({ texts, ratioOf }),
    choice: chooseModels(models),
    epochOf(guard: Safeguard, model: EngineModel): string {
      let known = epochs.get(guard);
      if (!known) {
        const policy = { safety: guard.fingerprint, epoch: cache?.epoch ?? '' };
        known = new Map(models.map((each) => [each, policyEpoch(policy, each)]));
        epochs.set(guard, known);
      }
      return known.get(model)!;
    },
  };
}

function exclusionOf({ path, language }: CompletionRequest, guard: Safeguard): 'path' | 'language' | undefined {
  if (guard.excludesLanguage(language)) return 'language';
  return path !== undefined && guard.isExcluded(path) ? 'path' : undefined;
}

/** The error knows, whoever's it is. */
function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
}
