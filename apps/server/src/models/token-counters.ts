import { type TokenCounter, createEndpointTokenizer, createTiktokenCounter } from '@ghostline/inference';
import type { ModelSettings } from '../config/index.ts';

/** The tokenisers that the models are configured with. */
export interface TokenCounters {
  /** Undefined for a model that learns from what its endpoints say. */
  get(model: string): TokenCounter | undefined;
  /** For other models from now on; a tokeniser whose settings are the same goes on. */
  replace(models: readonly ModelSettings[]): void;
  close(): Promise<void>;
}

interface Wanted {
  /** Whatever the tokeniser depends on. */
  readonly settings: string;
  create(): TokenCounter;
}

export function createTokenCounters(
  models: readonly ModelSettings[],
  worker: { readonly workerUrl?: URL },
): TokenCounters {
  let counters = new Map<string, { readonly settings: string; readonly counter: TokenCounter }>();

  function replace(changed: readonly ModelSettings[]): void {
    const before = counters;
    counters = new Map();
    for (const model of changed) {
      const wanted = wantedBy(model, worker);
      if (!wanted) continue;
      const known = before.get(model.name);
      const same = known?.settings === wanted.settings;
      if (same) before.delete(model.name);
      counters.set(model.name, same ? known : { settings: wanted.settings, counter: wanted.create() });
    }
    // What they still count nobody waits for.
    for (const { counter } of before.values()) void counter.close();
  }

  replace(models);
  return {
    get: (model) => counters.get(model)?.counter,
    replace,
    async close() {
      await Promise.all([...counters.values()].map(({ counter }) => counter.close()));
    },
  };
}

function wantedBy(model: ModelSettings, worker: { readonly workerUrl?: URL }): Wanted | undefined {
  const { name, tokenizer, endpoints } = model;
  if (tokenizer.kind === 'tiktoken') {
    const { encoding } = tokenizer;
    return { settings: encoding, create: () => createTiktokenCounter({ ...worker, encoding }) };
  }
  const served = endpoints.find((endpoint) => endpoint.kind === 'openai');
  if (tokenizer.kind === 'learned' || !served) return undefined;
  const { url, secret, allowPrivate } = served;
  const options = { name: served.name, url, model: served.model ?? name, apiKey: secret, allowPrivate };
  return { settings: JSON.stringify(options), create: () => createEndpointTokenizer(options) };
}
