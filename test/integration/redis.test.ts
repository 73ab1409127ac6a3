import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { complete, readiness } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { startRedis } from '../harness/redis-server.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';

const soon = { timeout: 20_000, interval: 50 };
let folder: string;
let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
const servers: GhostlineServer[] = [];
/** Whatever else a test has started, to be stopped in the reverse order. */
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-redis-test-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    // Nothing that became of Redis was forgotten by whoever had asked for it.
    expect(server.output()).not.toMatch(/unhandled|UnhandledPromise/i);
  }
  for (const stop of stops.splice(0).toReversed()) await stop();
  await redis?.stop();
  redis = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A gateway of a group that shares this Redis and its keys. */
async function gateway(name: string, redisUrl: string, secrets = 'cacheKey: { env: CACHE_KEY }') {
  const config = path.join(folder, `${name}.yaml`);
  const limits = 'limits: { requestsPerMinute: 100000 }';
  await writeFile(
    config,
    `redis: { url: "${redisUrl}" }\nsecrets: { ${secrets}, idKey: { env: ID_KEY } }\n${limits}\n`,
  );
  const keys = { CACHE_KEY: 'c'.repeat(32), NEW_CACHE_KEY: 'n'.repeat(32), ID_KEY: 'i'.repeat(32) };
  const env = { ...process.env, ...keys };
  const server = await startGhostline({ dataDir: path.join(folder, name), config, env });
  servers.push(server);
  return server;
}

/** A Redis for as long as the test runs, and a client of its own. */
async function redisWithClient(more: readonly string[] = []) {
  const server = await startRedis(undefined, more);
  const client = new Redis(server.url);
  client.on('error', () => {});
  stops.push(() => server.stop());
  stops.push(() => client.disconnect());
  return { ...server, client };
}

async function stateOf(url: string) {
  const { body } = await readiness(url);
  expect(body.ready).toBe(true);
  return body.components['redis'];
}

const isOk = (url: string) => vi.waitFor(async () => expect(await stateOf(url)).toEqual({ state: 'ok' }), soon);

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

let question = 0;
/** Something nobody has asked before. */
const another = () => ({ path: `src/question-${(question += 1)}.ts` });

/** A completion waits a few milliseconds for Redis, and no longer on a busy machine: then the next one is told. */
async function isTold(from: string, to: string): Promise<void> {
  await vi.waitFor(async () => {
    const asked = another();
    const told = await complete(from, asked);
    expect(told.body).toMatchObject({ cache: 'miss', choices: [expect.anything()] });
    expect((await complete(to, asked)).body).toMatchObject({ cache: 'redis', choices: told.body.choices });
  }, soon);
}

describe('gateways that share a Redis', () => {
  it('answer from what another one was told', async () => {
    redis = await startRedis();
    const first = await gateway('first', redis.url);
    const second = await gateway('second', redis.url);
    await isOk(second.url);
    await isTold(first.url, second.url);
  });

  it('leave nothing in it that it could read', async () => {
    const { url: redisUrl, client } = await redisWithClient();
    const { url } = await gateway('only', redisUrl);
    await isOk(url);
    const { body } = await complete(url, another());
    const said = body.choices[0]!.text;
    expect(said.length).toBeGreaterThan(5);
    const [key] = await vi.waitFor(async () => {
      const keys = await client.keys('ghostline:cache:*');
      expect(keys).toHaveLength(1);
      return keys;
    }, soon);
    expect(key).toMatch(/^ghostline:cache:[\w-]{43}$/);
    const value = (await client.getBuffer(key!))!;
    for (const shown of [said, 'house', 'src/', 'local', 'ngram', '"stop"'])
      expect(value.includes(shown), shown).toBe(false);
    expect(value.length).toBeGreaterThan(100);
  });

  it('take a value that somebody has changed for none, and count it', async () => {
    const { url: redisUrl, client } = await redisWithClient();
    const first = await gateway('first', redisUrl);
    const second = await gateway('second', redisUrl);
    await Promise.all([isOk(first.url), isOk(second.url)]);
    await vi.waitFor(async () => {
      const asked = another();
      await complete(first.url, asked);
      for (const key of await client.keys('ghostline:cache:*')) await client.append(key, 'x');
      expect((await complete(second.url, asked)).body.cache).toBe('miss');
      expect(await metric(second.url, 'ghostline_shared_cache_unreadable_total')).toBeGreaterThan(0);
    }, soon);
    expect(await stateOf(second.url)).toEqual({ state: 'ok' });
  });

  it('answer from what those said that still have the key from before a change', async () => {
    redis = await startRedis();
    const before = await gateway('before', redis.url);
    const after = await gateway(
      'after',
      redis.url,
      'cacheKey: { env: NEW_CACHE_KEY }, previousCacheKeys: [{ env: CACHE_KEY }]',
    );
    const stranger = await gateway('stranger', redis.url, 'cacheKey: { env: NEW_CACHE_KEY }');
    await Promise.all([isOk(before.url), isOk(after.url), isOk(stranger.url)]);
    await isTold(before.url, after.url);
    await isTold(after.url, stranger.url);
    const asked = another();
    await complete(before.url, asked);
    expect((await complete(stranger.url, asked)).body.cache).toBe('miss');
  });

  it('go on without it, say so, and use it again when it is back', async () => {
    redis = await startRedis();
    const { port } = redis;
    const { url } = await gateway('only', redis.url);
    await vi.waitFor(
      async () => expect((await readiness(url)).body.components['redis']).toEqual({ state: 'ok' }),
      soon,
    );
    await redis.stop();
    expect(await complete(url)).toMatchObject({ status: 200, body: { cache: 'miss' } });
    await vi.waitFor(
      async () =>
        expect((await readiness(url)).body).toMatchObject({
          ready: true,
          components: { redis: { state: 'degraded' } },
        }),
      soon,
    );
    redis = await startRedis(port);
    await vi.waitFor(
      async () => expect((await readiness(url)).body.components['redis']).toEqual({ state: 'ok' }),
      soon,
    );
  });

  it('start without it', async () => {
    const { url } = await gateway('only', `redis://127.0.0.1:${await freePort()}`);
    expect(await complete(url)).toMatchObject({ status: 200, body: { cache: 'miss' } });
    expect((await readiness(url)).body.components['redis']).toMatchObject({ state: 'degraded' });
  });
});

describe('a Redis that takes commands and never answers', () => {
  it('costs completions nothing they can feel, and shows', async () => {
    const hung = createServer((socket) => socket.on('data', () => {}).on('error', () => {}));
    hung.listen(0, '127.0.0.1');
    await once(hung, 'listening');
    const { port } = hung.address() as AddressInfo;
    const { url } = await gateway('only', `redis://127.0.0.1:${port}`);
    for (let i = 0; i < 50; i++) {
      const { status, body } = await complete(url, { prefix: `let value${i} = items;\nlet value${i} = it` });
      expect(status).toBe(200);
      expect(body.cache).toBe('miss');
    }
    expect((await readiness(url)).body).toMatchObject({ ready: true, components: { redis: { state: 'degraded' } } });
    hung.close();
  });
});

describe('a Redis that answers a second late', () => {
  it('is left alone until it is quick again, and nothing piles up before it', async () => {
    const { port } = await redisWithClient();
    const proxy = await startTcpProxy(port);
    stops.push(proxy.stop);
    const { url } = await gateway('only', `redis://127.0.0.1:${proxy.port}`);
    await isOk(url);
    proxy.delay(1000);
    const answers = [];
    for (let round = 0; round < 20; round++)
      answers.push(...(await Promise.all(Array.from({ length: 10 }, () => complete(url, another())))));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.cache}`))).toEqual(new Set(['200 miss']));
    expect(await stateOf(url)).toMatchObject({ state: 'degraded' });
    expect(await metric(url, 'ghostline_shared_cache_errors_total')).toBeGreaterThan(0);
    // 200 completions are 200 lookups and values, 60 KB of them; after the first few it gets one lookup a second.
    const sent = proxy.bytesUp;
    await Promise.all(Array.from({ length: 50 }, () => complete(url, another())));
    expect(proxy.bytesUp - sent).toBeLessThan(2_000);
    await vi.waitFor(async () => {
      await complete(url, another());
      expect(await metric(url, 'ghostline_shared_cache_readable')).toBe(0);
    }, soon);
    proxy.delay(0);
    await vi.waitFor(async () => {
      await complete(url, another());
      expect(await metric(url, 'ghostline_shared_cache_readable')).toBe(1);
      expect(await stateOf(url)).toEqual({ state: 'ok' });
    }, soon);
  });
});

describe('a Redis that takes no values', () => {
  async function isTold(url: string, detail: RegExp): Promise<void> {
    await vi.waitFor(async () => {
      expect((await complete(url, another())).status).toBe(200);
      expect(await stateOf(url)).toMatchObject({ state: 'degraded', detail: expect.stringMatching(detail) });
    }, soon);
    expect(await metric(url, 'ghostline_shared_cache_writable')).toBe(0);
    expect(await metric(url, 'ghostline_shared_cache_readable')).toBe(1);
  }

  /** `first` stores what `second` can read though it cannot store. */
  async function isRead(first: string, second: string): Promise<void> {
    await vi.waitFor(async () => {
      const asked = another();
      await complete(first, asked);
      expect((await complete(second, asked)).body.cache).toBe('redis');
    }, soon);
  }

  it('as it is a replica is read, and told with what helps', async () => {
    const primary = await redisWithClient();
    const replica = await redisWithClient(['--replicaof', '127.0.0.1', String(primary.port)]);
    await vi.waitFor(async () => expect(await replica.client.info()).toContain('master_link_status:up'), soon);
    const writer = await gateway('writer', primary.url);
    const reader = await gateway('reader', replica.url);
    await Promise.all([isOk(writer.url), isOk(reader.url)]);
    await isTold(reader.url, /it is read-only; its address must lead to the primary/);
    await isRead(writer.url, reader.url);
  });

  it('as it is full is read, told with what helps, and used again when there is room', async () => {
    const { url: redisUrl, client } = await redisWithClient(['--maxmemory-policy', 'noeviction']);
    const first = await gateway('first', redisUrl);
    const second = await gateway('second', redisUrl);
    await Promise.all([isOk(first.url), isOk(second.url)]);
    const asked = another();
    const told = await complete(first.url, asked);
    await vi.waitFor(async () => expect(await client.keys('ghostline:cache:*')).toHaveLength(1), soon);
    await client.config('SET', 'maxmemory', '1');
    await isTold(second.url, /its memory is full; raise maxmemory/);
    await vi.waitFor(async () => {
      // In case this process was too busy for its few milliseconds, another gateway's memory does not help.
      const known = await complete(second.url, asked);
      expect(known.body.choices).toEqual(told.body.choices);
      expect(['redis', 'memory']).toContain(known.body.cache);
    }, soon);
    await client.config('SET', 'maxmemory', '0');
    await vi.waitFor(async () => {
      await complete(second.url, another());
      expect(await stateOf(second.url)).toEqual({ state: 'ok' });
    }, soon);
    expect(await metric(second.url, 'ghostline_shared_cache_writable')).toBe(1);
  });
});

describe('a Redis that fails over', () => {
  it('is found again at the replica that was promoted', async () => {
    const old = await redisWithClient();
    const heir = await redisWithClient(['--replicaof', '127.0.0.1', String(old.port)]);
    await vi.waitFor(async () => expect(await heir.client.info()).toContain('master_link_status:up'), soon);
    const proxy = await startTcpProxy(old.port);
    stops.push(proxy.stop);
    const first = await gateway('first', `redis://127.0.0.1:${proxy.port}`);
    const second = await gateway('second', `redis://127.0.0.1:${proxy.port}`);
    await Promise.all([isOk(first.url), isOk(second.url)]);
    await isTold(first.url, second.url);
    // As an operator, or a sentinel, does it: the address leads to the heir, and connections to the old one stay open.
    await heir.client.replicaof('NO', 'ONE');
    await old.client.replicaof('127.0.0.1', heir.port);
    proxy.leadTo(heir.port);
    await vi.waitFor(async () => {
      const asked = another();
      expect((await complete(first.url, asked)).status).toBe(200);
      expect((await complete(second.url, asked)).status).toBe(200);
      expect([await stateOf(first.url), await stateOf(second.url)]).toEqual([{ state: 'ok' }, { state: 'ok' }]);
    }, soon);
    await isTold(first.url, second.url);
    expect(await heir.client.keys('ghostline:cache:*')).not.toEqual([]);
  });

  it('is found again after the old one has died', async () => {
    const old = await redisWithClient();
    const heir = await redisWithClient(['--replicaof', '127.0.0.1', String(old.port)]);
    await vi.waitFor(async () => expect(await heir.client.info()).toContain('master_link_status:up'), soon);
    const proxy = await startTcpProxy(old.port);
    stops.push(proxy.stop);
    const { url } = await gateway('only', `redis://127.0.0.1:${proxy.port}`);
    await isOk(url);
    await old.stop();
    for (let i = 0; i < 20; i++) expect((await complete(url, another())).status).toBe(200);
    await heir.client.replicaof('NO', 'ONE');
    proxy.leadTo(heir.port);
    await vi.waitFor(async () => {
      await complete(url, another());
      expect(await stateOf(url)).toEqual({ state: 'ok' });
      expect(await heir.client.keys('ghostline:cache:*')).not.toEqual([]);
    }, soon);
  });
});
