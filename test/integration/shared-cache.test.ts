import { randomBytes } from 'node:crypto';
import { SHARED_CACHE_CASES } from '@ghostline/engine/testing';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRedisCache } from '../../apps/server/src/redis/redis-cache.ts';
import { startRedis } from '../harness/redis-server.ts';

/** Back when a key that lives so long has gone: Redis says when the time is over, nobody guesses. */
function elapseIn(redis: Pick<Redis, 'set' | 'exists'>) {
  return async (ms: number) => {
    const key = `elapsed:${randomBytes(8).toString('hex')}`;
    await redis.set(key, '1', 'PX', ms);
    await vi.waitFor(async () => expect(await redis.exists(key)).toBe(0), { timeout: 10_000, interval: 5 });
  };
}

describe('the shared cache in Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    await vi.waitFor(() => expect(redis.status).toBe('ready'), 10_000);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it.each(SHARED_CACHE_CASES)('$name', async ({ run, expected }) => {
    expect(await run(createRedisCache(redis), elapseIn(redis))).toEqual(expected);
  });

  it('lives under a prefix of its own, with a time to live for every key', async () => {
    await redis.flushall();
    await createRedisCache(redis).set('name', Buffer.from('value'), 5000);
    expect(await redis.keys('*')).toEqual(['ghostline:cache:name']);
    expect(await redis.pttl('ghostline:cache:name')).toBeGreaterThan(0);
  });
});

describe('the shared cache in a Redis Cluster', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let cluster: Cluster;
  beforeAll(async () => {
    server = await startRedis(undefined, ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']);
    const node = new Redis(server.url);
    await node.cluster('ADDSLOTSRANGE', 0, 16_383);
    await vi.waitFor(async () => expect(await node.cluster('INFO')).toContain('cluster_state:ok'), {
      timeout: 20_000,
      interval: 50,
    });
    node.disconnect();
    cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    await vi.waitFor(() => expect(cluster.status).toBe('ready'), 10_000);
  });
  afterAll(async () => {
    cluster.disconnect();
    await server.stop();
  });

  it.each(SHARED_CACHE_CASES)('$name', async ({ run, expected }) => {
    expect(await run(createRedisCache(cluster), elapseIn(cluster))).toEqual(expected);
  });
});
