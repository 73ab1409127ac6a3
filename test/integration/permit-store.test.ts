import { createRedisPermitStore, createRedisStopStore, type Stop } from '@ghostline/limits';
import { describePermitStore } from '@ghostline/limits/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis } from '../harness/redis-server.ts';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describePermitStore('in Redis', () => {
  // A second, so that Redis' own clock, which expires keys, plays no part.
  let now = 1_000_000;
  /** The scripts as they are, but for the clock, which the test moves. */
  const withClock = {
    evalsha: () => Promise.reject(new Error('NOSCRIPT')),
    eval: (script: string, keys: number, ...parameters: string[]) =>
      redis.eval(
        script.replace("redis.call('TIME')", '{ ARGV[#ARGV - 1], ARGV[#ARGV] }'),
        keys,
        ...parameters,
        String(Math.floor(now / 1000)),
        String((now % 1000) * 1000),
      ),
  };
  return { store: createRedisPermitStore(withClock), advance: (ms) => void (now += ms) };
});

describe('pools in a real Redis', () => {
  const pool = { slot: 'acme', name: 'requests', capacity: 5, refillPerMs: 1, holdMs: 1_000 };
  const nothing = { holder: 'a', held: 0, spent: 0, known: 0, born: '', want: 0, need: 0, keep: 0 };

  it('keep Redis’ time, and the script when Redis forgets it', async () => {
    const store = createRedisPermitStore(redis);
    const first = await store.exchange(pool, { ...nothing, want: 5 });
    expect(first).toMatchObject({ granted: 5, available: 0 });
    await redis.script('FLUSH');
    await expect.poll(async () => (await store.exchange(pool, { ...nothing, spent: 5 })).available).toBe(5);
  });

  it('lie in the slot of their organisation, and disappear when they say nothing any more', async () => {
    const store = createRedisPermitStore(redis);
    await store.exchange(pool, { ...nothing, want: 5 });
    expect(await redis.keys('*')).toEqual(['ghostline:limits:{acme}:requests']);
    expect(await redis.pttl('ghostline:limits:{acme}:requests')).toBeLessThanOrEqual(2_005);
  });
});

describe('stops in Redis', () => {
  const stop: Stop = {
    scope: { kind: 'user', org: 'acme', user: 'alice' },
    reason: 'Enough.',
    by: 'hand',
    at: 1,
  };

  it('are read by everybody, and can be told from a Redis that has lost them', async () => {
    const [one, other] = [createRedisStopStore(redis), createRedisStopStore(redis)];
    expect(await one.read()).toBeUndefined();
    await one.put([]);
    expect(await other.read()).toEqual([]);
    await one.put([stop]);
    expect(await other.read()).toEqual([stop]);
    await other.remove(stop.scope);
    expect(await one.read()).toEqual([]);
  });
});
