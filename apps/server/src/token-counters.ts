import { createTiktokenCounter } from '@ghostline/engine';
import { type TokenCounter, createEndpointTokenizer } from '@ghostline/inference';
import type { ModelSettings } from './config.ts';

/** The tokenisers that the models are configured with, by model; those that learn from what endpoints say have none. */
export function createTokenCounters(
  models: readonly ModelSettings[],
  worker: { readonly workerUrl?: URL },
): ReadonlyMap<string, TokenCounter> {
  return new Map(models.flatMap((model) => entryFor(model, worker)));
}

function entryFor(model: ModelSettings, worker: { readonly workerUrl?: URL }): [string, TokenCounter][] {
  const { name, tokenizer, endpoints } = model;
  if (tokenizer.kind === 'tiktoken')
    return [[name, createTiktokenCounter({ ...worker, encoding: tokenizer.encoding })]];
  const served = endpoints.find((endpoint) => endpoint.kind === 'openai');
  if (tokenizer.kind === 'learned' || !served) return [];
  const { url, secret } = served;
  return [[name, createEndpointTokenizer({ name: served.name, url, model: served.model ?? name, apiKey: secret })]];
}
