import { createRedisKeyStore, createKey, listKeys, revokeKey } from '@ghostline/access';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../harness/redis-server.ts';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;
let namespaces = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url, { maxRetriesPerRequest: 0 });
});
afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
});

const signal = new AbortController().signal;
const newNamespace = () => `test:{${(namespaces += 1)}}:`;
const key = { id: 'alice', org: 'acme', team: 'web', user: 'alice', roles: ['developer'], expires: undefined } as const;

describe('the store in Redis', () => {
  it('is whole again from the start when Redis has lost data', async () => {
    const namespace = newNamespace();
    const store = createRedisKeyStore(redis, namespace);
    await createKey(store, key, signal);
    await revokeKey(store, 'alice', signal);
    const { cursor } = await store.read(undefined, signal);
    await redis.del(`${namespace}journal`);
    await createKey(store, { ...key, id: 'bob' }, signal);
    expect(await store.read(cursor, signal)).toMatchObject({ whole: true, entries: [{ id: 'bob' }] });
  });

  it('skips what is not of this version, and counts it', async () => {
    const namespace = newNamespace();
    const store = createRedisKeyStore(redis, namespace);
    await redis.xadd(`${namespace}journal`, '*', 'entry', '{"v":2,"type":"suspended"}');
    await redis.xadd(`${namespace}journal`, '*', 'other', 'no entry');
    await createKey(store, key, signal);
    expect(await store.read(undefined, signal)).toMatchObject({ entries: [{ id: 'alice' }], foreign: 1 });
  });

  it('keeps to one slot of a cluster', async () => {
    const store = createRedisKeyStore(redis);
    await createKey(store, key, signal);
    await store.touch(new Map([['alice', 1]]), signal);
    expect(await listKeys(store, signal)).toMatchObject([{ lastUsed: 1 }]);
    const names = await redis.keys('ghostline:*');
    expect(names.toSorted()).toEqual(['ghostline:{keys}:journal', 'ghostline:{keys}:used']);
  });

  it('fails rather than waits when its caller has no more time', async () => {
    const paused = new Redis(server.url);
    await paused.call('CLIENT', 'PAUSE', '300');
    await expect(createRedisKeyStore(redis, newNamespace()).read(undefined, AbortSignal.timeout(20))).rejects.toThrow();
    paused.disconnect();
  });
});
