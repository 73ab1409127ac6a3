import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startScriptedServer } from '@ghostline/inference/testing';
import { SPENDING_PATH, SPENDING_STOP_PATH } from '@ghostline/protocol';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { complete, readiness } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { type LimiterFronts, redisAt, startLimiterFronts } from '../harness/limiter-fronts.ts';
import { startRedis } from '../harness/redis-server.ts';
import { repository } from '../harness/repository.ts';
import { type TcpProxy, startTcpProxy } from '../harness/tcp-proxy.ts';

const run = promisify(execFile);
const soon = { timeout: 20_000, interval: 50 };
const PER_SECOND = 100;
/** A tenth of a minute. */
const BURST = 600;
const LIMITS = { everything: { requestsPerMinute: PER_SECOND * 60 } };
const GATEWAYS = 4;

let folder: string;
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-limits-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

async function redisServer(...more: string[]) {
  const server = await startRedis(undefined, more);
  const client = new Redis(server.url, { lazyConnect: true, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  await client.connect();
  cleanups.push(server.stop, () => client.disconnect());
  return { ...server, client };
}

async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port);
  cleanups.push(proxy.stop);
  return proxy;
}

describe('four gateways that share a Redis, at ten times the limit', () => {
  async function fronts(redisPort: number): Promise<LimiterFronts> {
    const started = await startLimiterFronts(GATEWAYS, redisAt(redisPort), LIMITS);
    cleanups.push(started.stop);
    return started;
  }

  const flood = (all: LimiterFronts, seconds: number) => all.flood(PER_SECOND * 10, seconds);

  const areAway = (all: LimiterFronts, expected: boolean) =>
    vi.waitFor(async () => {
      for (const { away } of await all.reports()) expect(away).toBe(expected);
    }, soon);

  it('let pass what is allowed, within two per cent', async () => {
    const redis = await redisServer();
    const all = await fronts(redis.port);
    const whole = await flood(all, 6);
    const allowed = BURST + PER_SECOND * whole.seconds;
    expect(whole.passed).toBeGreaterThan(allowed * 0.98);
    expect(whole.passed).toBeLessThan(allowed * 1.02);
  });

  it('go on when Redis is killed, with no more than the limit, and share again when it is back', async () => {
    const redis = await redisServer();
    const all = await fronts(redis.port);
    const before = await flood(all, 2);
    process.kill(redis.pid, 'SIGKILL');
    const without = await flood(all, 3);
    expect((await all.reports()).every(({ away }) => away)).toBe(true);
    const total = before.passed + without.passed;
    const allowed = BURST + PER_SECOND * (before.seconds + without.seconds);
    expect(total).toBeLessThan(allowed * 1.02);
    // No outage: what a gateway may by itself is its share of the same rate.
    expect(without.passed).toBeGreaterThan(PER_SECOND * without.seconds * 0.8);

    const again = await startRedis(redis.port);
    cleanups.push(again.stop);
    await areAway(all, false);
    const since = await flood(all, 1.5);
    // It remembers nothing of the first burst.
    expect(since.passed).toBeLessThan((BURST + PER_SECOND * (since.seconds + 1)) * 1.02);
  });

  it('stay within the limit while a replica takes over', async () => {
    const primary = await redisServer();
    const replica = await redisServer('--replicaof', '127.0.0.1', String(primary.port));
    const proxy = await proxyTo(primary.port);
    const all = await fronts(proxy.port);
    await vi.waitFor(async () => expect(await replica.client.info('replication')).toContain('link_status:up'), soon);
    const began = performance.now();
    const before = await flood(all, 1);
    // How much a replica had not heard is for the tests on a clock of their own (packages/limits/src/outages.test.ts): under load it
    // may be a second, and costs as much of the rate.
    expect(await primary.client.wait(1, 10_000)).toBe(1);
    // Connections are open to a server that takes no writes any more; new ones lead to the one that does. In this order, as a
    // connection that is made anew and still leads to the old one stays for two seconds.
    await replica.client.replicaof('NO', 'ONE');
    proxy.leadTo(replica.port);
    await primary.client.replicaof('127.0.0.1', replica.port);
    const after = await flood(all, 3);
    const seconds = (performance.now() - began) / 1000;
    expect(before.passed + after.passed).toBeLessThan((BURST + PER_SECOND * seconds) * 1.02);
    expect(before.passed + after.passed).toBeGreaterThan((BURST + PER_SECOND * (before.seconds + after.seconds)) * 0.9);
    expect((await all.reports()).some(({ away }) => away)).toBe(false);
  });

  it('stay within the limit with a Redis that is read-only, then full, then slow', async () => {
    const redis = await redisServer('--maxmemory-policy', 'noeviction');
    const proxy = await proxyTo(redis.port);
    const all = await fronts(proxy.port);
    const began = performance.now();
    let passed = (await flood(all, 1)).passed;

    /** Without Redis each gateway allows its share, and together no more than with it. */
    async function endure() {
      const during = await flood(all, 2);
      passed += during.passed;
      expect(during.passed).toBeGreaterThan(0);
      await areAway(all, true);
    }
    async function recover() {
      await areAway(all, false);
      expect(passed).toBeLessThan((BURST + (PER_SECOND * (performance.now() - began)) / 1000) * 1.02);
    }

    await redis.client.replicaof('127.0.0.1', 1);
    await endure();
    await redis.client.replicaof('NO', 'ONE');
    await recover();
    await redis.client.config('SET', 'maxmemory', '1');
    await endure();
    await redis.client.config('SET', 'maxmemory', '0');
    await recover();
    proxy.delay(1_000);
    await endure();
    proxy.delay(0);
    await recover();
  });
});

describe('real gateways', () => {
  const model = (url: string) => `models:
  - name: coder
    template: qwen2.5-coder
    price: { inputPerMillion: 1, outputPerMillion: 1 }
    endpoints: [{ name: gpu, kind: openai, url: "${url}/v1" }]
`;

  async function gateway(name: string, yaml: string, redisUrl?: string): Promise<GhostlineServer> {
    const config = path.join(folder, `${name}.yaml`);
    const shared = `redis: { url: "${redisUrl}" }\nsecrets: { cacheKey: { env: CACHE_KEY }, idKey: { env: ID_KEY } }\n`;
    await writeFile(config, `${redisUrl === undefined ? '' : shared}log: { level: error }\n${yaml}`);
    const env = { ...process.env, CACHE_KEY: 'c'.repeat(32), ID_KEY: 'i'.repeat(32) };
    const server = await startGhostline({ dataDir: path.join(folder, name), config, env });
    cleanups.push(server.stop);
    return server;
  }

  async function gpu() {
    const server = await startScriptedServer({ tokens: () => ['1', ';'] });
    cleanups.push(server.close);
    return server;
  }

  let question = 0;
  /** Something that no cache knows. */
  const anew = (url: string, headers: Record<string, string> = {}) =>
    complete(url, { prefix: `const answer${(question += 1)} = `, trigger: 'manual' }, headers);

  /** Until it does: what another gateway was told comes within a second, and a limit may have been reached. */
  const answers = ({ url }: GhostlineServer, body: object) =>
    vi.waitFor(async () => expect((await anew(url)).body).toMatchObject(body), soon);

  async function send(url: string, method: string, at: string) {
    const body = method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: '{}' } : {};
    const response = await fetch(new URL(at, url), { method, ...body });
    return (await response.json()) as Record<string, unknown>;
  }

  it('share a limit, name it when it is reached, and stop spending within seconds wherever it was said', async () => {
    const redis = await redisServer();
    const upstream = await gpu();
    const yaml = `limits: { everything: { requestsPerMinute: 600 } }\n${model(upstream.url)}`;
    const [first, second] = await Promise.all([gateway('first', yaml, redis.url), gateway('second', yaml, redis.url)]);
    for (const { url } of [first, second]) {
      await vi.waitFor(
        async () => expect((await readiness(url)).body.components['limits']).toEqual({ state: 'ok' }),
        soon,
      );
    }
    const began = performance.now();
    const all = [];
    for (let i = 0; i < 150; i++) all.push(await anew(i % 2 === 0 ? first.url : second.url));
    const seconds = (performance.now() - began) / 1000;
    const passed = all.filter(({ status }) => status === 200).length;
    expect(passed).toBeLessThanOrEqual(60 + 10 * seconds);
    expect(passed).toBeGreaterThanOrEqual(60);
    const refused = all.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({
      limit: { name: 'requests_per_minute', scope: 'everything' },
      detail: expect.stringContaining('limits.everything.requestsPerMinute'),
    });

    const cli = path.join(repository, 'apps/cli/src/main.ts');
    const said = await run(process.execPath, [cli, 'stop-spending', '--reason', 'A test.', '--server', first.url]);
    expect(said.stdout).toContain('Spending is stopped for everybody.');
    await answers(second, { reason: 'use_local', model: 'none' });
    const asked = upstream.requests.length;
    await answers(second, { reason: 'use_local' });
    expect(upstream.requests).toHaveLength(asked);

    // What was stopped stays stopped when the store has lost everything, and is told to it.
    process.kill(redis.pid, 'SIGKILL');
    await vi.waitFor(
      async () => expect((await readiness(second.url)).body.components['limits']).toMatchObject({ state: 'degraded' }),
      soon,
    );
    await answers(second, { reason: 'use_local' });
    const again = await startRedis(redis.port);
    cleanups.push(again.stop);
    await vi.waitFor(
      async () => expect((await readiness(second.url)).body.components['limits']).toEqual({ state: 'ok' }),
      soon,
    );
    // By its first request already.
    const third = await gateway('third', yaml, redis.url);
    expect((await anew(third.url)).body).toMatchObject({ reason: 'use_local' });

    // One that starts while the store is away keeps to what it knew.
    await third.stop();
    await again.stop();
    const restarted = await gateway('third', yaml, redis.url);
    expect((await anew(restarted.url)).body).toMatchObject({ reason: 'use_local' });
    cleanups.push((await startRedis(redis.port)).stop);
    await vi.waitFor(
      async () =>
        expect((await readiness(restarted.url)).body.components['limits']).toEqual({
          state: 'ok',
        }),
      soon,
    );
    await answers(restarted, { reason: 'use_local' });
    await send(restarted.url, 'DELETE', SPENDING_STOP_PATH);
    await answers(first, { model: 'coder' });
  });

  /** A Redis that keeps its data over `kill -9`. */
  async function lastingRedis() {
    const settings = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder];
    const first = await redisServer(...settings);
    return {
      url: first.url,
      kill: () => process.kill(first.pid, 'SIGKILL'),
      restart: async () => void cleanups.push((await startRedis(first.port, settings)).stop),
    };
  }

  const limitsOf = async ({ url }: GhostlineServer) => (await readiness(url)).body.components['limits'];
  const limitsBecome = (server: GhostlineServer, state: object) =>
    vi.waitFor(async () => expect(await limitsOf(server)).toMatchObject(state), soon);

  it('keep a stop that was told while Redis was away, over kill -9, and tell it to a Redis that knew of none', async () => {
    const redis = await lastingRedis();
    const upstream = await gpu();
    const yaml = model(upstream.url);
    const first = await gateway('first', yaml, redis.url);
    await limitsBecome(first, { state: 'ok' });
    await answers(first, { model: 'coder' });
    redis.kill();
    await limitsBecome(first, { state: 'degraded' });
    expect(await send(first.url, 'POST', SPENDING_STOP_PATH)).toEqual({ found: true, everywhere: false });
    await first.kill();

    const restarted = await gateway('first', yaml, redis.url);
    const asked = upstream.requests.length;
    expect((await anew(restarted.url)).body).toMatchObject({ reason: 'use_local' });
    await redis.restart();
    await limitsBecome(restarted, { state: 'ok' });
    const second = await gateway('second', yaml, redis.url);
    await answers(second, { reason: 'use_local' });
    expect((await anew(restarted.url)).body).toMatchObject({ reason: 'use_local' });
    expect(upstream.requests).toHaveLength(asked);
    await send(second.url, 'DELETE', SPENDING_STOP_PATH);
    await answers(restarted, { model: 'coder' });
  });

  it('spend nothing before they have heard what is stopped, unless somebody says so or nothing has a price', async () => {
    const redis = await lastingRedis();
    const upstream = await gpu();
    const yaml = model(upstream.url);
    const stopper = await gateway('stopper', yaml, redis.url);
    await limitsBecome(stopper, { state: 'ok' });
    await send(stopper.url, 'POST', SPENDING_STOP_PATH);
    await stopper.stop();
    redis.kill();

    const [priced, free] = await Promise.all([
      gateway('priced', yaml, redis.url),
      gateway('free', yaml.replace(/ *price: .*\n/, ''), redis.url),
    ]);
    expect((await anew(priced.url)).body).toMatchObject({ reason: 'use_local' });
    expect(await limitsOf(priced)).toMatchObject({
      detail: expect.stringContaining('has not heard yet what is stopped'),
    });
    expect((await anew(free.url)).body).toMatchObject({ model: 'coder' });
    await send(priced.url, 'DELETE', SPENDING_STOP_PATH);
    expect((await anew(priced.url)).body).toMatchObject({ model: 'coder' });

    await redis.restart();
    await answers(priced, { reason: 'use_local' });
    await answers(free, { reason: 'use_local' });
  });

  it('count the prompt of who always leaves before the first text', async () => {
    const upstream = await startScriptedServer({ neverAnswer: true });
    cleanups.push(upstream.close);
    const { url } = await gateway('left', `budgets: { perUser: { day: 1 } }\n${model(upstream.url)}`);
    const prefix = 'const a = 1;\n'.repeat(400);
    for (let i = 0; i < 3; i++) {
      const leave = new AbortController();
      const asked = upstream.nextRequest();
      const left = complete(url, { prefix: `${prefix}const b${i} = `, trigger: 'manual' }, {}, leave.signal);
      await asked;
      leave.abort();
      await expect(left).rejects.toThrow();
    }
    // A token costs a millionth, and has three or four of 5,200 characters.
    await vi.waitFor(async () => {
      const { budgets } = (await send(url, 'GET', SPENDING_PATH)) as { budgets: Record<string, number>[] };
      expect(budgets[0]!['spent']).toBeGreaterThan(0.003);
      expect(budgets[0]!['spent']).toBeLessThan(0.01);
    }, soon);
  });

  it('keep to a budget over a restart, and go on with what costs nothing', async () => {
    const upstream = await gpu();
    // A request is reserved at about 130 tokens, a millionth each.
    const yaml = `budgets: { perUser: { day: 0.002 } }\n${model(upstream.url)}`;
    const server = await gateway('only', yaml);
    await complete(server.url, { prefix: 'const cached = ' });
    await vi.waitFor(async () => expect((await anew(server.url)).body).toMatchObject({ reason: 'use_local' }), soon);
    expect((await complete(server.url, { prefix: 'const cached = ' })).body).toMatchObject({ cache: 'memory' });
    const { budgets } = (await send(server.url, 'GET', SPENDING_PATH)) as { budgets: Record<string, number>[] };
    expect(budgets).toMatchObject([{ scope: 'user', owner: 'local', period: 'day', budget: 0.002 }]);
    expect(budgets[0]!['spent']).toBeLessThanOrEqual(0.002);
    await server.stop();
    const restarted = await gateway('only', yaml);
    expect((await anew(restarted.url)).body).toMatchObject({ reason: 'use_local' });
  });
});
