import { createScriptedInference, spoken } from '@ghostline/inference/testing';
import type { CompletionRequest } from '@ghostline/protocol';
import { describe, expect, it, vi } from 'vitest';
import { createEngine } from './engine.ts';
import { chooseModels } from './model-choice.ts';
import { createMemorySharedCache } from './testing/index.ts';
import type { Bill, CompletionEvent, EngineModel, SharedCache, Spend } from './types.ts';

const dear: EngineModel = {
  name: 'dear',
  template: 'qwen2.5-coder',
  contextTokens: 4096,
  price: { inputPerMillion: 1, outputPerMillion: 2 },
};
const cheap: EngineModel = { ...dear, name: 'cheap', price: { inputPerMillion: 0.1, outputPerMillion: 9 } };
const embedded: EngineModel = { name: 'ngram', template: 'plain', contextTokens: 65_536, embedded: 'all' };
const acme = { org: 'acme', user: 'alice' };
const request: CompletionRequest = { prefix: 'const x = ', suffix: '', language: 'typescript', trigger: 'automatic' };
let ids = 0;

/** Each model says its name; a promise holds back what costs something. */
function engineOf(
  models: readonly [EngineModel, ...EngineModel[]],
  { hold, sharedCache }: { hold?: Promise<unknown>; sharedCache?: SharedCache } = {},
) {
  const asked: string[] = [];
  const bills: (Bill | undefined)[] = [];
  const engine = createEngine({
    inference: {
      async *stream(prompt, model, signal) {
        asked.push(prompt.embeddedOnly ? `${model}, embedded only` : model);
        const steps = prompt.embeddedOnly || !hold ? spoken(model) : [hold, ...spoken(model)];
        yield* createScriptedInference(() => steps).stream(prompt, model, signal);
      },
    },
    models,
    cacheSecret: new Uint8Array(32),
    newCompletionId: () => `cmp_${(ids += 1)}`,
    ...(sharedCache && { sharedCache }),
  });
  const onBill = (bill: Bill | undefined) => void bills.push(bill);
  const complete = async (spend: Spend, signal = new AbortController().signal): Promise<string> => {
    const events: CompletionEvent[] = [];
    for await (const event of engine.complete(request, acme, signal, { spend, onBill })) events.push(event);
    return events
      .flatMap((event) => {
        if (event.type === 'start') return event.cache;
        if (event.type === 'delta') return event.text;
        return event.type === 'done' && event.reason ? event.reason : [];
      })
      .join(' ');
  };
  return { complete, asked, bills };
}

describe('what an answer may cost', () => {
  it('is the first model’s price, or the cheapest one’s', async () => {
    const { complete, asked } = engineOf([dear, cheap]);
    expect(await complete('any')).toBe('miss dear');
    expect(await complete('cheapest')).toBe('miss cheap');
    expect(asked).toEqual(['dear', 'cheap']);
    // Each answers for itself.
    expect([await complete('any'), await complete('cheapest')]).toEqual(['memory dear', 'memory cheap']);
  });

  it('counts the prompt, which is the most of it', () => {
    expect(chooseModels([dear, cheap]).cheapest.name).toBe('cheap');
    expect(chooseModels([cheap, dear]).cheapest.name).toBe('cheap');
    expect(chooseModels([dear, cheap, embedded]).cheapest.name).toBe('ngram');
    expect(chooseModels([dear]).cheapest.name).toBe('dear');
  });
});

describe('an answer that may cost nothing', () => {
  it('comes from the cache, whoever answered then', async () => {
    const { complete, asked } = engineOf([dear]);
    await complete('any');
    expect(await complete('nothing')).toBe('memory dear');
    expect(asked).toEqual(['dear']);
  });

  it('comes from the cache that gateways share', async () => {
    const sharedCache = createMemorySharedCache();
    await engineOf([dear], { sharedCache }).complete('any');
    const { complete, asked } = engineOf([dear], { sharedCache });
    expect(await complete('nothing')).toBe('redis dear');
    expect(asked).toEqual([]);
  });

  it('is the client’s to find when there is no embedded model', async () => {
    const { complete, asked } = engineOf([dear, cheap]);
    expect(await complete('nothing')).toBe('miss use_local');
    expect(asked).toEqual([]);
  });

  it('comes from the embedded model, and is not given again to those who may spend', async () => {
    const { complete, asked } = engineOf([dear, embedded]);
    expect(await complete('nothing')).toBe('miss ngram');
    expect(await complete('any')).toBe('miss dear');
    expect(asked).toEqual(['ngram, embedded only', 'dear']);
  });

  it('comes from the embedded endpoint of a model that has others', async () => {
    const { complete, asked } = engineOf([{ ...dear, embedded: 'some' }]);
    expect(await complete('nothing')).toBe('miss dear');
    expect(asked).toEqual(['dear, embedded only']);
  });

  it('is any answer where all of them are embedded', async () => {
    const { complete, asked } = engineOf([embedded]);
    expect(await complete('nothing')).toBe('miss ngram');
    expect(await complete('any')).toBe('memory ngram');
    expect(asked).toEqual(['ngram']);
  });

  it('does not join one that costs something', async () => {
    const { promise: hold, resolve } = Promise.withResolvers<void>();
    const { complete, asked } = engineOf([dear, embedded], { hold });
    const paid = complete('any');
    expect(await complete('nothing')).toBe('miss ngram');
    resolve();
    expect(await paid).toBe('miss dear');
    expect(asked).toEqual(['dear', 'ngram, embedded only']);
  });
});

describe('the bill of a request', () => {
  const bill = { model: 'dear', promptTokens: expect.any(Number) };

  it('names the model and the length of the prompt, for who had a model asked', async () => {
    const { complete, bills } = engineOf([dear]);
    await complete('any');
    expect(bills).toEqual([bill]);
    expect(bills[0]!.promptTokens).toBeGreaterThan(0);
  });

  it('is nothing for what a cache knows, for what nobody is asked, and for the embedded model', async () => {
    const sharedCache = createMemorySharedCache();
    const first = engineOf([dear], { sharedCache });
    await first.complete('any');
    await first.complete('any');
    expect(first.bills).toEqual([bill, undefined]);
    const second = engineOf([dear], { sharedCache });
    await second.complete('any');
    expect(second.bills).toEqual([undefined]);
    const third = engineOf([dear]);
    expect(await third.complete('nothing')).toBe('miss use_local');
    expect(third.bills).toEqual([undefined]);
    const fourth = engineOf([dear, embedded]);
    await fourth.complete('nothing');
    expect(fourth.bills).toEqual([{ model: 'ngram', promptTokens: 0 }]);
  });

  it('is for who leaves before the first text, when nobody else waits for it', async () => {
    const { complete, asked, bills } = engineOf([dear], { hold: new Promise(() => {}) });
    const aborts = [new AbortController(), new AbortController()];
    const both = aborts.map(({ signal }) => complete('any', signal));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    for (const [index, abort] of aborts.entries()) {
      abort.abort(new Error('left'));
      await expect(both[index]).rejects.toThrow('left');
    }
    expect(bills).toEqual([undefined, bill]);
  });

  it('is for who stays when the one who began has left', async () => {
    const { promise: hold, resolve } = Promise.withResolvers<void>();
    const { complete, asked, bills } = engineOf([dear], { hold });
    const abort = new AbortController();
    const first = complete('any', abort.signal);
    const second = complete('any');
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    abort.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    resolve();
    expect(await second).toBe('inflight dear');
    expect(bills).toEqual([undefined, bill]);
  });
});
