import type { CompletionRequest, FinishReason, StreamEvent } from '@ghostline/protocol';
import { createStopRule, wantsMultiline } from '@ghostline/syntax';
import { pause } from '../../timer.ts';
import type { ReplayClock } from '../clock.ts';
import { type CostedServer, type RequestCost, openCost } from './costs.ts';
import { DEFAULT_KV_CACHE_TOKENS, createKvCache } from './kv-cache.ts';
import type { Oracle } from './oracle.ts';
import { type PromptOrder, layOut } from './prompt.ts';
import { createTokenizer, tokensOf } from './tokens.ts';

export interface EngineOptions {
  readonly order?: PromptOrder;
  /** Between the editor and the engine and back, and what the engine needs for itself. */
  readonly baseMs?: number;
  /** Prefill; one prompt after the other. */
  readonly prefillTokensPerMs?: number;
  /** For one token of each sequence. */
  readonly decodeMs?: number;
  readonly kvCacheTokens?: number;
}

/**
 * A 7B model on one middling GPU (an L4 or A10 with vLLM, 8 bits): 12,000 tokens a second of prefill, 100 of decode, 40 ms for the way
 * there and back.
 */
const DEFAULTS = {
  order: 'prefix-suffix-middle',
  baseMs: 40,
  prefillTokensPerMs: 12,
  decodeMs: 10,
  kvCacheTokens: DEFAULT_KV_CACHE_TOKENS,
} as const satisfies Required<EngineOptions>;

/** As `packages/engine` chooses them. */
const MAX_TOKENS = { automatic: { line: 64, block: 256 }, manual: { line: 128, block: 512 } } as const;

/**
 * A whole server in one object: the oracle's text, cut where the real one cuts it (one line or a block, `max_tokens`), in the time and
 * at the cost of an engine with a KV cache.
 */
export function createScriptedServer(
  oracle: Pick<Oracle, 'continuation'>,
  clock: Pick<ReplayClock, 'now' | 'setTimer'>,
  options: EngineOptions = {},
): CostedServer {
  const { order, baseMs, prefillTokensPerMs, decodeMs, kvCacheTokens } = { ...DEFAULTS, ...options };
  const { now, setTimer } = clock;
  const began = now();
  const tokenize = createTokenizer();
  const kv = createKvCache(kvCacheTokens);
  const costs: RequestCost[] = [];
  let prefillFreeAt = began;

  async function prefill(prompt: readonly number[], cost: RequestCost, signal: AbortSignal): Promise<void> {
    await pause(Math.max(baseMs, prefillFreeAt - now()), setTimer, signal);
    while (prefillFreeAt > now()) await pause(prefillFreeAt - now(), setTimer, signal);
    cost.cachedTokens = kv.lookUp(prompt);
    const missing = prompt.length - cost.cachedTokens;
    const startedAt = now();
    const takesMs = Math.ceil(missing / prefillTokensPerMs);
    prefillFreeAt = startedAt + takesMs;
    try {
      await pause(takesMs, setTimer, signal);
      cost.prefillTokens = missing;
    } catch (error) {
      // The chunk under way is finished; what is computed stays in the cache.
      cost.prefillTokens = Math.min(missing, Math.ceil((now() - startedAt) * prefillTokensPerMs));
      prefillFreeAt = now();
      throw error;
    } finally {
      kv.store(prompt, cost.cachedTokens + cost.prefillTokens);
    }
  }

  async function* complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    signal.throwIfAborted();
    const prompt = tokenize(layOut(request, order));
    const cost = openCost(request.trigger, now() - began, prompt.length);
    const id = `cmp_scripted${String(costs.length).padStart(6, '0')}`;
    costs.push(cost);
    try {
      const choices = Array.from({ length: request.max_candidates ?? 1 }, (_, index) => choice(request, index));
      await prefill(prompt, cost, signal);
      const firstTokenAt = now();
      let started = false;
      for (let position = 0; choices.some(({ pieces }) => position < pieces.length); position++) {
        await pause(decodeMs, setTimer, signal);
        for (const [index, { pieces, finish }] of choices.entries()) {
          const piece = pieces[position];
          if (piece === undefined) continue;
          cost.decodedTokens += 1;
          if (piece !== '') {
            if (!started) yield startEvent(id);
            started = true;
            yield { event: 'delta', data: { index, text: piece } };
          }
          if (position === pieces.length - 1 && started) yield { event: 'finish', data: { index, reason: finish } };
        }
      }
      if (!started) yield startEvent(id);
      cost.end = 'done';
      yield doneEvent(cost, { first: firstTokenAt - began - cost.at, total: now() - began - cost.at }, started);
    } finally {
      // Left by the reader, or by an abort's exception.
      if (cost.end === 'open') cost.end = 'aborted';
    }
  }

  function choice(request: CompletionRequest, index: number) {
    const { prefix, suffix, language, trigger, multiline: wanted = 'auto' } = request;
    const multiline = wanted === 'auto' ? wantsMultiline(prefix, suffix, language) : wanted === 'always';
    const limits = trigger === 'manual' ? MAX_TOKENS.manual : MAX_TOKENS.automatic;
    const limit = request.max_tokens ?? (multiline ? limits.block : limits.line);
    return answer(oracle.continuation(request, index), limit, { prefix, suffix, language, multiline });
  }

  return {
    costs,
    transport: {
      complete,
      sendTelemetry: async (events) => ({ accepted: events.length, duplicates: 0, rejected: [] }),
      check: async () => undefined,
    },
  };
}

interface Choice {
  /** What becomes visible with each token; nothing with some. */
  readonly pieces: readonly string[];
  readonly finish: FinishReason;
}

/** The model's tokens up to where the server stops it. */
function answer(text: string, maxTokens: number, input: Parameters<typeof createStopRule>[0]): Choice {
  const rule = createStopRule({ ...input, lineEnds: true });
  const pieces: string[] = [];
  for (const token of tokensOf(text)) {
    if (pieces.length === maxTokens) return { pieces, finish: 'length' };
    const { emit, done } = rule.feed(token);
    pieces.push(emit);
    if (done) return { pieces, finish: 'block_end' };
  }
  // The token that says so.
  pieces.push(rule.end());
  return { pieces, finish: 'stop' };
}

function startEvent(id: string): StreamEvent {
  return {
    event: 'start',
    data: { completion_id: id, model: 'oracle', region: 'replay', endpoint: 'script', cache: 'miss' },
  };
}

function doneEvent(cost: RequestCost, ms: { first: number; total: number }, spoke: boolean): StreamEvent {
  return {
    event: 'done',
    data: {
      usage: { prompt_tokens: cost.promptTokens, completion_tokens: cost.decodedTokens },
      timings: { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: ms.first, total_ms: ms.total },
      ...(spoke ? {} : { reason: 'silent' }),
    },
  };
}
