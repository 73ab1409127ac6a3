import { randomBytes } from 'node:crypto';
import { createRedisKeyStore } from '@ghostline/access';
import { describeKeyStore } from '@ghostline/access/testing/contracts';
import { describeSharedCache } from '@ghostline/engine/testing/contracts';
import { createRedisPermitStore, createRedisStopStore } from '@ghostline/limits';
import { describePermitStore, describeStopStore } from '@ghostline/limits/testing/contracts';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRedisCache } from '../../apps/server/src/redis/redis-cache.ts';
import type { RedisClient } from '../../apps/server/src/redis/redis-client.ts';
import { startRedisCluster } from '../harness/redis-cluster.ts';
import { startRedis } from '../harness/redis-server.ts';

/** What gateways share, in each form of Redis: every implementation of a store there, held to the contract of its interface. */
describe('one server', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.stop());
  const connect = () => new Redis(server.url);
  describeStores('Redis', connect);

  it('holds the cache under a prefix of its own, with a time to live for every key', async () => {
    const redis = connect();
    await redis.flushall();
    await createRedisCache(redis).set('name', Buffer.from('value'), 5000);
    expect(await redis.keys('*')).toEqual(['ghostline:cache:name']);
    expect(await redis.pttl('ghostline:cache:name')).toBeGreaterThan(0);
    redis.disconnect();
  });
});

describe('a cluster', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.stop());
  describeStores('a Redis Cluster', () => {
    const { port } = cluster.nodes[0]!;
    return new Cluster([{ host: '127.0.0.1', port }]);
  });
});

function describeStores(name: string, connect: () => RedisClient): void {
  /** A client for as long as one subject is tested. */
  function opened() {
    const redis = connect();
    return { redis, close: async () => redis.disconnect() };
  }
  /** Nobody has used it before. */
  const namespace = () => `test:${randomBytes(8).toString('hex')}:`;

  describeSharedCache(name, () => {
    const { redis, close } = opened();
    return {
      cache: createRedisCache(redis, namespace()),
      /** Back when a key that lives so long has gone: Redis says when the time is over, nobody guesses. */
      async elapse(ms) {
        const key = `${namespace()}elapsed`;
        await redis.set(key, '1', 'PX', ms);
        await vi.waitFor(async () => expect(await redis.exists(key)).toBe(0), { timeout: 10_000, interval: 5 });
      },
      close,
    };
  });

  describePermitStore(name, () => {
    const { redis, close } = opened();
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
    return { store: createRedisPermitStore(withClock, namespace()), advance: (ms) => void (now += ms), close };
  });

  describeStopStore(name, () => {
    const { redis, close } = opened();
    return { store: createRedisStopStore(redis, namespace()), close };
  });

  describeKeyStore(name, () => {
    const [one, other] = [opened(), opened()];
    const place = `test:{${randomBytes(8).toString('hex')}}:`;
    return {
      first: createRedisKeyStore(one.redis, place),
      second: createRedisKeyStore(other.redis, place),
      async close() {
        await Promise.all([one.close(), other.close()]);
      },
    };
  });
}
