import { createRedisPermitStore } from '@ghostline/limits';
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
