import { describe, expect, it } from 'vitest';
import { createMemorySharedCache } from './memory-shared-cache.ts';
import { SHARED_CACHE_CASES } from './shared-cache-cases.ts';

describe('the shared cache in this process', () => {
  it.each(SHARED_CACHE_CASES)('$name', async ({ run, expected }) => {
    let time = 1000;
    const elapse = async (ms: number) => {
      time += ms;
    };
    expect(
      await run(
        createMemorySharedCache(() => time),
        elapse,
      ),
    ).toEqual(expected);
  });
});
