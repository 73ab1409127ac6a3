import type { CompletionRequest, StreamEvent, Trigger } from '@ghostline/protocol';
import type { Transport } from '../../types.ts';
import { DEFAULT_KV_CACHE_TOKENS, createKvCache } from './kv-cache.ts';
import { type PromptOrder, layOut } from './prompt.ts';
import { createTokenizer, tokensOf } from './tokens.ts';

/** What one request cost the engine. */
export interface RequestCost {
  readonly trigger: Trigger;
  /** Since the replay began, in ms. */
  readonly at: number;
  readonly promptTokens: number;
  /** Of the prompt, found in the engine's KV cache. */
  cachedTokens: number;
  /** Of the prompt, computed; less than the rest of it when the request was aborted meanwhile. */
  prefillTokens: number;
  /** Generated, whether anybody got them or not. */
  decodedTokens: number;
  end: 'open' | 'done' | 'aborted' | 'failed';
}

/** A server that says what its answers cost. */
export interface CostedServer {
  readonly transport: Transport;
  readonly costs: readonly RequestCost[];
}

export function openCost(trigger: Trigger, at: number, promptTokens: number): RequestCost {
  return { trigger, at, promptTokens, cachedTokens: 0, prefillTokens: 0, decodedTokens: 0, end: 'open' };
}

/**
 * A live server with an estimate of its costs: as if each request went to one engine with a prefix cache of its own, laid out
 * for Qwen2.5-Coder. What the server answers from its own cache costs nothing.
 */
export function estimateCosts(
  transport: Transport,
  now: () => number,
  { order = 'prefix-suffix-middle' }: { readonly order?: PromptOrder } = {},
): CostedServer {
  const tokenize = createTokenizer();
  const kv = createKvCache(DEFAULT_KV_CACHE_TOKENS);
  const costs: RequestCost[] = [];
  const began = now();

  async function* complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const prompt = tokenize(layOut(request, order));
    const cost = openCost(request.trigger, now() - began, prompt.length);
    costs.push(cost);
    cost.cachedTokens = kv.lookUp(prompt);
    cost.prefillTokens = prompt.length - cost.cachedTokens;
    kv.store(prompt, prompt.length);
    let isFree = false;
    try {
      for await (const event of transport.complete(request, signal)) {
        if (event.event === 'start' && event.data.cache !== 'miss') {
          isFree = true;
          cost.prefillTokens = 0;
        }
        if (event.event === 'delta' && !isFree) cost.decodedTokens += tokensOf(event.data.text).length;
        // Before the reader leaves at it.
        if (event.event === 'done') cost.end = 'done';
        if (event.event === 'error') cost.end = 'failed';
        yield event;
      }
    } catch (error) {
      if (!signal.aborted) cost.end = 'failed';
      throw error;
    } finally {
      if (cost.end === 'open') cost.end = 'aborted';
    }
  }

  return { transport: { ...transport, complete }, costs };
}
