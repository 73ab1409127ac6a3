import { afterEach, describe, expect, it } from 'vitest';
import { describeTokenCounter } from '../testing/contracts.ts';
import { createTiktokenCounter } from './tiktoken-counter.ts';

const counters: ReturnType<typeof createTiktokenCounter>[] = [];
function open(options: Partial<Parameters<typeof createTiktokenCounter>[0]> = {}) {
  const counter = createTiktokenCounter({ encoding: 'o200k_base', ...options });
  counters.push(counter);
  return counter;
}
afterEach(async () => {
  await Promise.all(counters.splice(0).map((counter) => counter.close()));
});
const never = new AbortController().signal;

describeTokenCounter('tiktoken in a thread', () => open());

describe('tiktoken in a thread', () => {
  it('counts what the encoding says', async () => {
    // From the tokeniser’s own documentation: “hello world” is two tokens in both.
    for (const encoding of ['o200k_base', 'cl100k_base'] as const)
      expect(await open({ encoding }).count('hello world', never)).toBe(2);
  });

  it('goes on in a new thread after one that ended', async () => {
    const crashing = new URL('data:text/javascript,process.exit(1)');
    const counter = open({ workerUrl: crashing });
    await expect(counter.count('x', never)).rejects.toThrow('a thread of the counter of tokens ended');
    await expect(counter.count('y', never)).rejects.toThrow('a thread of the counter of tokens ended');
  });

  it('refuses what waits for too long a queue', async () => {
    const counter = open({ maxQueued: 1 });
    const counts = ['a', 'b', 'c'].map((text) => counter.count(text, never));
    const settled = await Promise.allSettled(counts);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});
