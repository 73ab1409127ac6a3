import type { CompletionRequest } from '@ghostline/protocol';
import { createExclusions } from '@ghostline/safety';
import type { Answer } from './answer.ts';
import { createCacheKeys, createTenantNames } from './cache-key.ts';
import { templateOf } from './fim-template.ts';
import { EXCLUDED, type FlightEvent, generate, replay } from './generation.ts';
import { createPresenter } from './presenter.ts';
import { createPromptCache } from './prompt-cache.ts';
import { type Prompt, chooseSampling, createPromptBuilder } from './prompt.ts';
import { type FlightOutput, createSingleFlight, readerOf } from './single-flight.ts';
import type { CompleteOptions, CompletionEvent, EngineOptions, EngineTenant, MeasuredEngine } from './types.ts';

/**
 * The slowest endpoint worth having says 50 tokens a second: a whole block of 256 takes it 5 s, and nobody watches ghost
 * text grow for longer.
 */
const MAX_STREAM_MS = 5000;

/** HMAC-SHA-256 is as strong as its key, up to its own 32 bytes. */
const MIN_SECRET_BYTES = 32;

/** Throws when the configuration cannot work: an unknown template, a short secret. */
export function createEngine(options: EngineOptions): MeasuredEngine {
  const { inference, models, cacheSecret, newCompletionId, maxStreamMs = MAX_STREAM_MS } = options;
  const { now = () => performance.now(), random = Math.random, onCacheError = () => {} } = options;
  if (cacheSecret.byteLength < MIN_SECRET_BYTES)
    throw new Error(`cacheSecret has ${cacheSecret.byteLength} bytes; give at least ${MIN_SECRET_BYTES} random ones`);
  for (const model of models) templateOf(model.template);

  const isExcluded = createExclusions(options.excludedPaths);
  const prompts = createPromptBuilder(isExcluded);
  const cacheKey = createCacheKeys(cacheSecret);
  const tenantName = createTenantNames(cacheSecret);
  const cache = createPromptCache({ ...options, now, random, onCacheError });
  const flights = createSingleFlight<FlightEvent>(isRetryable);
  let joined = 0;

  async function* complete(
    request: CompletionRequest,
    tenant: EngineTenant,
    signal: AbortSignal,
    about: CompleteOptions = {},
  ): AsyncGenerator<CompletionEvent> {
    signal.throwIfAborted();
    const present = createPresenter(now, () => newCompletionId(tenant.org));
    if (request.path !== undefined && isExcluded(request.path)) {
      for (const event of EXCLUDED) yield present.event(event, false);
      return;
    }
    const safe = prompts.makeSafe(request);
    const [model] = models;
    const prompt = prompts.build(safe, chooseSampling(request), model, {
      affinity: `${tenant.org}/${request.session_id ?? request.workspace ?? tenant.user}`,
      tenant: tenantName(tenant.org),
      traceparent: about.traceparent,
    });
    const key = request.resume
      ? undefined
      : cacheKey(prompt, { org: tenant.org, model: model.name, template: model.template });
    present.promptBuilt();
    const remembered = key !== undefined && !prompt.redacted ? cache.recall(key) : undefined;
    const flight = remembered
      ? readerOf(replay(remembered, 'memory', present.sincePrompt()))
      : flights.join(key, signal, (output, abort) => answer(prompt, key, model.name, output, abort));
    if (flight.joined) joined += 1;
    try {
      for (;;) {
        const event = flight.read();
        if (event) yield present.event(event, flight.joined);
        else if (!(await flight.wait())) return;
      }
    } finally {
      flight.leave();
    }
  }

  /** The work of one flight: what another gateway has answered already, or else a new answer. */
  async function answer(
    prompt: Prompt,
    key: string | undefined,
    model: string,
    output: FlightOutput<FlightEvent>,
    abort: AbortController,
  ): Promise<void> {
    const began = now();
    const cacheable = key !== undefined && !prompt.redacted;
    if (cacheable && options.sharedCache) {
      const shared = await cache.recallShared(key);
      if (abort.signal.aborted) return;
      if (shared) {
        for (const event of replay(shared, 'redis', now() - began)) output.push(event);
        output.end();
        return;
      }
    }
    const keep = (done: Answer) => {
      if (cacheable) cache.store(key, done);
    };
    const cacheMs = now() - began;
    await generate({ inference, model, prompt, maxStreamMs, cacheMs, keep }, output, abort);
  }

  return {
    complete,
    stats: () => ({ ...cache.stats(), joined, inFlight: flights.size() }),
  };
}

/** The error knows, whoever's it is. */
function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
}
