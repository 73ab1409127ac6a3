import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, decodeAnswer, encodeAnswer } from './answer.ts';
import { createPromptCache } from './prompt-cache.ts';
import { createMemorySharedCache } from './testing/index.ts';

const answer: Answer = {
  model: 'fast',
  endpoint: 'a',
  region: 'eu',
  choices: [{ text: 'add(1, 2)', reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 3 },
  usageEstimated: false,
};
const silent: Answer = { ...answer, choices: [] };

function harness({ random = (): number => 0.5, cache = {}, shared = true } = {}) {
  let time = 1000;
  const errors: unknown[] = [];
  const sharedCache = createMemorySharedCache();
  const prompts = createPromptCache({
    cache,
    now: () => time,
    random,
    onCacheError: (error) => errors.push(error),
    ...(shared && { sharedCache }),
  });
  return {
    ...prompts,
    sharedCache,
    errors,
    pass(ms: number) {
      time += ms;
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('in this process', () => {
  it('answers are kept for ten minutes, silence for half of one', () => {
    const { store, recall, pass } = harness();
    store('a', answer);
    store('b', silent);
    pass(29_000);
    expect([recall('a'), recall('b')]).toEqual([answer, silent]);
    pass(2000);
    expect([recall('a'), recall('b')]).toEqual([answer, undefined]);
    pass(10 * 60_000);
    expect(recall('a')).toBeUndefined();
  });

  it('what is written together does not expire together', () => {
    const numbers = [0, 0.999];
    const { store, recall, pass } = harness({ random: () => numbers.pop()!, cache: { ttlMs: 1000 } });
    store('late', answer);
    store('early', answer);
    pass(950);
    expect([recall('early'), recall('late')]).toEqual([undefined, answer]);
  });

  it('memory is bounded by bytes, oldest out first', () => {
    const { store, recall, stats } = harness({ cache: { maxBytes: 10_000 } });
    for (let i = 0; i < 100; i++) store(`key${i}`, { ...answer, choices: [{ text: 'x'.repeat(400), reason: 'stop' }] });
    expect(stats().bytes).toBeLessThanOrEqual(10_000);
    expect(stats().entries).toBe(8);
    expect([recall('key99'), recall('key0')]).toEqual([expect.anything(), undefined]);
    store('huge', { ...answer, choices: [{ text: 'x'.repeat(40_000), reason: 'stop' }] });
    expect(recall('huge')).toBeUndefined();
  });
});

describe('the shared cache', () => {
  it('gives what another gateway has stored, and is asked once', async () => {
    const { sharedCache, recall, recallShared, stats } = harness();
    sharedCache.entries.set('a', { value: encodeAnswer(answer), ttlMs: 1 });
    expect(await recallShared('a')).toEqual(answer);
    expect(recall('a')).toEqual(answer);
    expect(stats()).toMatchObject({ sharedHits: 1, memoryHits: 1, misses: 0 });
  });

  it('gets what is stored here, with its lifetime', async () => {
    const { sharedCache, store } = harness();
    store('a', answer);
    await vi.waitFor(() =>
      expect(sharedCache.entries.get('a')).toEqual({ value: encodeAnswer(answer), ttlMs: 600_000 }),
    );
  });

  it('is not waited for beyond its deadline', async () => {
    const { sharedCache, recallShared, stats, errors } = harness();
    sharedCache.mode = 'hang';
    const asked = recallShared('a');
    await vi.advanceTimersByTimeAsync(5);
    expect(await asked).toBeUndefined();
    expect(stats()).toMatchObject({ sharedTimeouts: 1, sharedErrors: 0, misses: 1 });
    expect(errors.map(String)).toEqual(['TimeoutError: the shared cache did not answer within 5 ms']);
  });

  it('that hangs is left alone after five late answers, and tried once a second', async () => {
    const { sharedCache, recallShared, store, stats, pass } = harness();
    sharedCache.mode = 'hang';
    const get = vi.spyOn(sharedCache, 'get');
    const set = vi.spyOn(sharedCache, 'set');
    const lookUp = async (ms: number) => {
      const asked = recallShared('a');
      pass(ms);
      await vi.advanceTimersByTimeAsync(ms);
      return asked;
    };
    for (let i = 0; i < 5; i++) await lookUp(5);
    expect(stats()).toMatchObject({ sharedTimeouts: 5, sharedCache: 'resting' });
    expect(await lookUp(0)).toBeUndefined();
    store('b', answer);
    expect([get.mock.calls.length, set.mock.calls.length]).toEqual([5, 0]);
    pass(1000);
    store('b', answer);
    await Promise.all([lookUp(5), lookUp(0)]);
    expect([get.mock.calls.length, set.mock.calls.length]).toEqual([6, 0]);
    expect(stats()).toMatchObject({ sharedTimeouts: 6, sharedCache: 'resting', misses: 8 });
    pass(1000);
    sharedCache.mode = 'ok';
    sharedCache.entries.set('a', { value: encodeAnswer(answer), ttlMs: 1 });
    expect(await lookUp(0)).toEqual(answer);
    store('b', answer);
    expect(set).toHaveBeenCalledOnce();
    expect(stats().sharedCache).toBe('ok');
  });

  it('is a miss when it fails, and the failure is reported', async () => {
    const { sharedCache, recallShared, store, stats, errors } = harness();
    sharedCache.mode = 'fail';
    expect(await recallShared('a')).toBeUndefined();
    store('a', answer);
    await vi.waitFor(() => expect(errors).toHaveLength(2));
    expect(stats()).toMatchObject({ sharedErrors: 2, misses: 1, stored: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds up nobody who writes', () => {
    const { sharedCache, store, recall } = harness();
    sharedCache.mode = 'hang';
    store('a', answer);
    expect(recall('a')).toEqual(answer);
  });

  it.each([
    '',
    'null',
    '{}',
    'not json',
    '[1]',
    '[2,"m","e","r",[],[1,2,false]]',
    '[1,"m","e","r",[["text","length"]],[1,2,false]]',
    '[1,"m","e","r",[[5,"stop"]],[1,2,false]]',
    '[1,"m","e","r","x",[1,2,false]]',
    '[1,"m","e",null,[],[1,2,false]]',
    '[1,"m","e","r",[],[1,-2,false]]',
    '[1,"m","e","r",[],[1,2]]',
  ])('holds foreign values, which are misses: %s', async (value) => {
    expect(decodeAnswer(value)).toBeUndefined();
    const { sharedCache, recallShared, stats } = harness();
    sharedCache.entries.set('a', { value, ttlMs: 1 });
    expect(await recallShared('a')).toBeUndefined();
    expect(stats().misses).toBe(1);
  });
});
