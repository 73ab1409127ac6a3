import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemorySharedCache } from '../testing/index.ts';
import { type Answer, decodeAnswer, encodeAnswer } from './answer.ts';
import type { PromptKey } from './cache-key.ts';
import { createPromptCache } from './prompt-cache.ts';
import { createSealer } from './sealed-value.ts';

const START = Date.UTC(2026, 10, 21);
const secret = new Uint8Array(32).fill(1);

const answer: Answer = {
  author: 'alice',
  madeAt: START,
  model: 'fast',
  endpoint: 'a',
  region: 'eu',
  choices: [{ text: 'add(1, 2)', reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 3 },
  usageEstimated: false,
};
const silent: Answer = { ...answer, choices: [] };

function harness({ random = (): number => 0.5, cache = {}, maxBytes = 1024 * 1024, shared = true } = {}) {
  let time = 1000;
  const date = () => START + time - 1000;
  const sealer = createSealer(secret, [], date);
  const errors: unknown[] = [];
  const sharedCache = createMemorySharedCache();
  const prompts = createPromptCache({
    cache,
    maxBytes,
    sealer,
    now: () => time,
    date,
    random,
    onCacheError: (error) => errors.push(error),
    ...(shared && { sharedCache }),
  });
  return {
    ...prompts,
    /** Named by what they are called in a test. */
    recall: (name: string) => prompts.recall(key(name)),
    recallShared: (name: string) => prompts.recallShared(key(name)),
    store: (name: string, kept: Answer) => prompts.store(key(name), kept),
    /** As another gateway has put it there. */
    plant: (name: string, kept: Answer | string) =>
      sharedCache.entries.set(name, {
        value: sealer.seal(typeof kept === 'string' ? kept : encodeAnswer(kept), { name, org: 'acme' }),
        ttlMs: 1,
        setAt: 0,
      }),
    opened: (name: string) => sealer.open(sharedCache.entries.get(name)!.value, { name, org: 'acme' }),
    sharedCache,
    errors,
    pass(ms: number) {
      time += ms;
    },
  };
}

function key(exact: string): PromptKey {
  return { org: 'acme', exact, previous: () => [], context: '', prefix: () => '' };
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
    const { store, recall, stats } = harness({ maxBytes: 100_000 });
    const long: Answer = { ...answer, choices: [{ text: 'x'.repeat(1600), reason: 'stop' }] };
    for (let i = 0; i < 100; i++) store(`key${i}`, long);
    expect(stats().bytes).toBeLessThanOrEqual(100_000);
    expect(stats().bytes).toBeGreaterThan(95_000);
    expect([recall('key99'), recall('key0')]).toEqual([expect.anything(), undefined]);
    const before = stats().entries;
    store('wide', { ...answer, choices: [{ text: '變'.repeat(800), reason: 'stop' }] });
    expect(stats().entries).toBe(before);
  });

  it('one huge answer is not kept, and costs no other its place', () => {
    const { store, recall, stats } = harness({ maxBytes: 100_000 });
    for (let i = 0; i < 10; i++) store(`key${i}`, answer);
    store('huge', { ...answer, choices: [{ text: 'x'.repeat(4000), reason: 'stop' }] });
    expect(recall('huge')).toBeUndefined();
    expect(stats().entries).toBe(10);
  });
});

describe('the shared cache', () => {
  it('gives what another gateway has stored, and is asked once', async () => {
    const { plant, recall, recallShared, stats } = harness();
    plant('a', answer);
    expect(await recallShared('a')).toEqual(answer);
    expect(recall('a')).toEqual(answer);
    expect(stats()).toMatchObject({ sharedHits: 1, memoryHits: 1, misses: 0 });
  });

  it('gets what is stored here, with its lifetime', async () => {
    const { sharedCache, store, opened } = harness();
    store('a', answer);
    await vi.waitFor(() => expect(sharedCache.entries.get('a')?.ttlMs).toBe(600_000));
    expect(opened('a')).toBe(encodeAnswer(answer));
  });

  it('gives answers their age, so that they live no longer than where they were made', async () => {
    const { plant, recall, recallShared, pass, stats } = harness();
    plant('a', answer);
    plant('silent', silent);
    pass(9 * 60_000);
    expect(await recallShared('a')).toEqual(answer);
    expect(await recallShared('silent')).toBeUndefined();
    pass(61_000);
    expect(recall('a')).toBeUndefined();
    expect(await recallShared('a')).toBeUndefined();
    expect(stats()).toMatchObject({ sharedHits: 1, misses: 2, sharedUnreadable: 0 });
  });

  it('that takes nothing is read on, told, and written to once a second until it does', async () => {
    const { sharedCache, plant, store, recallShared, stats, pass, errors } = harness();
    const refusal = new Error('READONLY You can’t write against a read only replica.');
    const set = vi.spyOn(sharedCache, 'set').mockRejectedValue(refusal);
    for (let i = 0; i < 8; i++) {
      pass(1);
      store(`key${i}`, answer);
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(set).toHaveBeenCalledTimes(5);
    expect(errors).toHaveLength(5);
    plant('a', answer);
    expect(await recallShared('a')).toEqual(answer);
    expect(stats()).toMatchObject({ sharedWrites: 'resting', sharedWriteError: refusal.message, sharedCache: 'ok' });
    pass(1000);
    set.mockRestore();
    store('b', answer);
    await vi.advanceTimersByTimeAsync(0);
    expect(stats()).toMatchObject({ sharedWrites: 'ok' });
    expect(stats()).not.toHaveProperty('sharedWriteError');
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
    const { sharedCache, plant, recallShared, store, stats, pass } = harness();
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
    plant('a', answer);
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
    '[2]',
    '[1,"a",5,"m","e","r",[],[1,2,false]]',
    '[2,7,5,"m","e","r",[],[1,2,false]]',
    '[2,"a","now","m","e","r",[],[1,2,false]]',
    '[2,"a",5,"m","e","r",[["text","length"]],[1,2,false]]',
    '[2,"a",5,"m","e","r",[[5,"stop"]],[1,2,false]]',
    '[2,"a",5,"m","e","r","x",[1,2,false]]',
    '[2,"a",5,"m","e",null,[],[1,2,false]]',
    '[2,"a",5,"m","e","r",[],[1,-2,false]]',
    '[2,"a",5,"m","e","r",[],[1,2]]',
  ])('holds foreign forms, which are misses: %s', async (text) => {
    expect(decodeAnswer(text)).toBeUndefined();
    const { plant, recallShared, stats } = harness();
    plant('a', text);
    expect(await recallShared('a')).toBeUndefined();
    expect(stats()).toMatchObject({ misses: 1, sharedUnreadable: 1, sharedErrors: 0 });
  });

  it('holds what nobody here has sealed, or for another place, which is a miss and counted', async () => {
    const { sharedCache, plant, recallShared, stats } = harness();
    sharedCache.entries.set('a', { value: Buffer.from(encodeAnswer(answer)), ttlMs: 1, setAt: 0 });
    plant('b', answer);
    sharedCache.entries.set('c', sharedCache.entries.get('b')!);
    expect([await recallShared('a'), await recallShared('b'), await recallShared('c')]).toEqual([
      undefined,
      answer,
      undefined,
    ]);
    expect(stats()).toMatchObject({ misses: 2, sharedUnreadable: 2, sharedCache: 'ok' });
  });

  it('is asked under the names of secrets before as well', async () => {
    const { sharedCache, plant } = harness();
    plant('old', answer);
    const newer = new Uint8Array(32).fill(2);
    const rotated = createPromptCache({
      sharedCache,
      maxBytes: 100_000,
      sealer: createSealer(newer, [secret], () => START),
      now: () => 1000,
      date: () => START,
      random: () => 0.5,
      onCacheError: () => {},
    });
    expect(await rotated.recallShared({ ...key('new'), previous: () => ['old'] })).toEqual(answer);
    expect(rotated.recall(key('new'))).toEqual(answer);
  });
});
