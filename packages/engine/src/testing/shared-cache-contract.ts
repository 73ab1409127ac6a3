import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SharedCache } from '../types.ts';

interface SharedCacheCase {
  readonly name: string;
  /** Gives what is to equal `expected`. `elapse` comes back when so many milliseconds have passed for the cache. */
  readonly run: (cache: SharedCache, elapse: (ms: number) => Promise<void>) => Promise<unknown>;
  readonly expected: unknown;
}

const MINUTE = 60_000;
const { signal } = new AbortController();
const text = (value: string) => new TextEncoder().encode(value);
const read = async (cache: SharedCache, name: string) => {
  const value = await cache.get(name, signal);
  return value && new TextDecoder().decode(value);
};

const NAMES = ['a', 'A', 'a:b', '{a}', '{a}b', 'a b', 'a\nb', 'ä', '*', 'x'.repeat(500)];

const CASES: readonly SharedCacheCase[] = [
  {
    name: 'has nothing under a name that was never set',
    run: (cache) => cache.get('never set', signal),
    expected: undefined,
  },
  {
    name: 'gives every byte back as it was',
    async run(cache) {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
      await cache.set('bytes', bytes, MINUTE);
      const value = await cache.get('bytes', signal);
      return value?.length === bytes.length && value.every((byte, index) => byte === index % 256);
    },
    expected: true,
  },
  {
    name: 'gives a part of an array back without the rest of it',
    async run(cache) {
      await cache.set('part', text('before value after').subarray(7, 12), MINUTE);
      return read(cache, 'part');
    },
    expected: 'value',
  },
  {
    name: 'tells an empty value from none',
    async run(cache) {
      await cache.set('empty', new Uint8Array(), MINUTE);
      return (await cache.get('empty', signal))?.length;
    },
    expected: 0,
  },
  {
    name: 'gives the value that was set last, however short-lived the one before was',
    async run(cache, elapse) {
      await cache.set('twice', text('first'), 20);
      await cache.set('twice', text('second'), MINUTE);
      await elapse(40);
      return read(cache, 'twice');
    },
    expected: 'second',
  },
  {
    name: 'keeps names apart, whatever is in them',
    async run(cache) {
      await Promise.all(NAMES.map((name, index) => cache.set(name, text(`${index}`), MINUTE)));
      return Promise.all(NAMES.map((name) => read(cache, name)));
    },
    expected: NAMES.map((_, index) => `${index}`),
  },
  {
    name: 'keeps a value for its time and no longer',
    async run(cache, elapse) {
      await cache.set('short', text('value'), 50);
      await cache.set('long', text('value'), MINUTE);
      const before = await read(cache, 'long');
      await elapse(60);
      return [before, await read(cache, 'short'), await read(cache, 'long')];
    },
    expected: ['value', undefined, 'value'],
  },
  {
    name: 'takes times that are no whole milliseconds, and less than one',
    async run(cache, elapse) {
      await cache.set('fraction', text('value'), 59_999.7);
      await cache.set('instant', text('value'), 0.2);
      await elapse(20);
      return [await read(cache, 'fraction'), await read(cache, 'instant')];
    },
    expected: ['value', undefined],
  },
  {
    name: 'is not changed by what happens to an array afterwards',
    async run(cache) {
      const value = text('value');
      await cache.set('kept', value, MINUTE);
      value.fill(0);
      (await cache.get('kept', signal))?.fill(0);
      return read(cache, 'kept');
    },
    expected: 'value',
  },
  {
    name: 'answers many at once, each with its own',
    async run(cache) {
      const names = Array.from({ length: 500 }, (_, index) => `many ${index}`);
      await Promise.all(names.map((name) => cache.set(name, text(name), MINUTE)));
      const values = await Promise.all(names.map((name) => read(cache, name)));
      return names.filter((name, index) => values[index] !== name);
    },
    expected: [],
  },
];

/** A cache that holds nothing yet. */
export interface SharedCacheUnderTest {
  readonly cache: SharedCache;
  /** Comes back when so many milliseconds have passed for the cache. */
  elapse(ms: number): Promise<void>;
  close?(): Promise<void>;
}

/** The contract of `SharedCache`, for each implementation. `open` is called once: no test uses the names of another. */
export function describeSharedCache(
  name: string,
  open: () => Promise<SharedCacheUnderTest> | SharedCacheUnderTest,
): void {
  describe(`${name} as a shared cache`, () => {
    let subject: SharedCacheUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close?.());

    it.each(CASES)('$name', async ({ run, expected }) => {
      expect(await run(subject.cache, (ms) => subject.elapse(ms))).toEqual(expected);
    });
  });
}
