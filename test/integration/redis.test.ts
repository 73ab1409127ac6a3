import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { complete, readiness } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { freePort, startRedis } from '../harness/redis-server.ts';

const soon = { timeout: 20_000, interval: 50 };
let folder: string;
let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
const servers: GhostlineServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-redis-test-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await redis?.stop();
  redis = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A gateway of a group that shares this Redis and its keys. */
async function gateway(name: string, redisUrl: string): Promise<GhostlineServer> {
  const config = path.join(folder, `${name}.yaml`);
  await writeFile(
    config,
    `redis: { url: "${redisUrl}" }\nsecrets: { cacheKey: { env: CACHE_KEY }, idKey: { env: ID_KEY } }\n`,
  );
  const env = { ...process.env, CACHE_KEY: 'c'.repeat(32), ID_KEY: 'i'.repeat(32) };
  const server = await startGhostline({ dataDir: path.join(folder, name), config, env });
  servers.push(server);
  return server;
}

describe('gateways that share a Redis', () => {
  it('answer from what another one was told', async () => {
    redis = await startRedis();
    const first = await gateway('first', redis.url);
    const second = await gateway('second', redis.url);
    await vi.waitFor(
      async () => expect((await readiness(second.url)).body.components['redis']).toEqual({ state: 'ok' }),
      soon,
    );
    // A completion waits a few milliseconds for Redis, and no longer on a busy machine: then the next one is told.
    let question = 0;
    await vi.waitFor(async () => {
      const asked = { path: `src/question-${(question += 1)}.ts` };
      const told = await complete(first.url, asked);
      expect(told.body).toMatchObject({ cache: 'miss', choices: [expect.anything()] });
      const known = await complete(second.url, asked);
      expect(known.body).toMatchObject({ cache: 'redis', choices: told.body.choices });
      expect((await complete(second.url, asked)).body.cache).toBe('memory');
    }, soon);
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
