import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { complete } from '../harness/ghostline-api.ts';
import { REDIS_ACCESS, startLimiterFronts } from '../harness/limiter-fronts.ts';
import { type RedisCluster, startLoneClusterNode, startRedisCluster } from '../harness/redis-cluster.ts';
import { type RedisGroup, createRedisGroup } from '../harness/redis-group.ts';

const soon = { timeout: 30_000, interval: 50 };
/** The pool that all share. */
const POOL = 'ghostline:limits:{everything}:requestsPerMinute:everything:';
const PER_SECOND = 100;
/** A tenth of a minute. */
const BURST = 600;
const LIMITS = { everything: { requestsPerMinute: PER_SECOND * 60 } };
const GATEWAYS = 2;

let cluster: RedisCluster;
const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  cluster = await startRedisCluster();
});
afterEach(async () => {
  try {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  } finally {
    await cluster.stop();
  }
});

async function groupOf(nodes = cluster.nodes.slice(0, 2)): Promise<RedisGroup> {
  const group = await createRedisGroup(`{ cluster: { nodes: [${nodes.map(({ name }) => name).join(', ')}] } }`);
  cleanups.push(group.stop);
  return group;
}

async function fronts() {
  const nodes = cluster.nodes.slice(0, 2).map(({ port }) => ({ host: '127.0.0.1', port }));
  const started = await startLimiterFronts(GATEWAYS, { ...REDIS_ACCESS, kind: 'cluster', nodes }, LIMITS);
  cleanups.push(started.stop);
  return started;
}

describe('gateways that share a Redis Cluster', () => {
  it('share answers and keys, and the doctor finds it well', async () => {
    const group = await groupOf();
    const first = await group.gateway('first', 'auth: {}\nlimits: { requestsPerMinute: 100000 }');
    const made = await group.command('first', 'keys', 'create', '--org', 'acme', '--team', 'web', '--user', 'alice');
    const secret = /gl_\S+_[0-9A-Za-z]{49}/.exec(made.output)?.[0];
    const authorization = `Bearer ${secret}`;
    await vi.waitFor(async () => expect((await complete(first.url, {}, { authorization })).status).toBe(200), soon);

    const second = await group.gateway('second');
    const third = await group.gateway('third');
    await group.isOk(first, second, third);
    for (const { output } of [first, second, third]) expect(output()).not.toMatch(/does not answer|is away/);
    expect((await complete(second.url)).status).toBe(401);
    expect((await complete(second.url, {}, { authorization })).status).toBe(200);
    await vi.waitFor(async () => {
      const asked = group.another();
      await complete(second.url, asked, { authorization });
      expect((await complete(third.url, asked, { authorization })).body.cache).toBe('redis');
    }, soon);
    // Whatever lies there, no two of its primaries have all of it.
    const sizes = await Promise.all(cluster.nodes.slice(0, 3).map(({ client }) => client.dbsize()));
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(1);

    const { code, output } = await group.command('second', 'doctor');
    expect(output).toMatch(/✓ Redis Cluster +all slots are served by 3 primaries, each with a replica/);
    for (const { name } of cluster.nodes.slice(0, 3)) expect(output).toMatch(new RegExp(`[✓!] Redis ${name} `));
    expect(code).toBe(0);
  });

  it('go on when one of its primaries is killed, say which, and use the replica that takes over', async () => {
    const group = await groupOf();
    const [first, second] = await Promise.all([group.gateway('first'), group.gateway('second')]);
    await group.isOk(first, second);
    await group.isTold(first, second);
    await group.stopSpending(true, first, second);
    const killed = await cluster.primaryOf('ghostline:limits:{stops}');
    expect(await killed.client.wait(1, 10_000)).toBe(1);
    killed.kill();
    const answers: number[] = [];
    await vi.waitFor(async () => {
      for (const { url } of [first, second]) answers.push((await complete(url, group.another())).status);
      expect(await group.componentOf(first, 'redis')).toMatchObject({
        state: 'degraded',
        detail: expect.stringContaining(`${killed.name} of the cluster is away`),
      });
    }, soon);
    await vi.waitFor(async () => {
      for (const { url } of [first, second]) answers.push((await complete(url, group.another())).status);
      expect((await cluster.primaryOf('ghostline:limits:{stops}')).name).not.toBe(killed.name);
      for (const server of [first, second])
        for (const name of ['redis', 'limits']) expect(await group.componentOf(server, name)).toEqual({ state: 'ok' });
    }, soon);
    expect(new Set(answers)).toEqual(new Set([200]));
    await group.isTold(first, second);
    await group.stopSpending(false, second, first);
    await vi.waitFor(() => expect(first.output()).toContain(killed.name), soon);
    const { code, output } = await group.command('second', 'doctor');
    expect(output).toMatch(/! Redis Cluster +nothing takes over from .*: no replica/);
    expect(code).toBe(0);
  });

  it('find it again when all of it was away, as another one, at an address that they were given', async () => {
    const group = await groupOf();
    const server = await group.gateway('only');
    await group.isOk(server);
    for (const node of cluster.nodes) node.kill();
    await vi.waitFor(async () => {
      expect((await complete(server.url, group.another())).status).toBe(200);
      for (const name of ['redis', 'limits'])
        expect(await group.componentOf(server, name)).toMatchObject({ state: 'degraded' });
    }, soon);
    const again = await startLoneClusterNode(cluster.nodes[0]!.port);
    cleanups.push(again.stop);
    await group.isOk(server);
    expect((await complete(server.url, group.another())).status).toBe(200);
  });

  it('start while it is away, and find it when it is there', async () => {
    const group = await groupOf();
    const paused = cluster.nodes.map(({ client }) => client.call('CLIENT', 'PAUSE', 4_000));
    const server = await group.gateway('only');
    expect(await complete(server.url, group.another())).toMatchObject({ status: 200, body: { cache: 'miss' } });
    expect(await group.componentOf(server, 'redis')).toMatchObject({ state: 'degraded' });
    await Promise.all(paused);
    await group.isOk(server);
  });
});

describe('limits in a Redis Cluster, at ten times what is allowed', () => {
  it('hold while the primary that has them is killed and its replica takes over', async () => {
    const all = await fronts();
    const killed = await cluster.primaryOf(POOL);
    const began = performance.now();
    let passed = (await all.flood(PER_SECOND * 10, 2)).passed;
    expect(await killed.client.wait(1, 10_000)).toBe(1);
    killed.kill();
    passed += (await all.flood(PER_SECOND * 10, 2)).passed;
    await vi.waitFor(async () => {
      passed += (await all.flood(PER_SECOND * 10, 0.2)).passed;
      expect((await cluster.primaryOf(POOL)).name).not.toBe(killed.name);
      for (const { away } of await all.reports()) expect(away).toBe(false);
    }, soon);
    // Who reached it first may have had what the other one had used already; that is paid back.
    const after = await all.flood(PER_SECOND * 10, 5);
    passed += after.passed;
    const allowed = BURST + (PER_SECOND * (performance.now() - began)) / 1000;
    expect(passed).toBeLessThan(allowed * 1.02);
    // No outage: gateways allow their shares meanwhile.
    expect(passed).toBeGreaterThan(allowed * 0.8);
    // Less than one burst was to be paid back.
    expect(after.passed).toBeGreaterThan(PER_SECOND * after.seconds - BURST / GATEWAYS);
  });

  it('hold while their slot moves to another primary', async () => {
    const all = await fronts();
    const began = performance.now();
    let passed = (await all.flood(PER_SECOND * 10, 1)).passed;
    const source = await cluster.primaryOf(POOL);
    await cluster.moveSlotOf(POOL, async () => {
      // Asked where it was, told where it is.
      passed += (await all.flood(PER_SECOND * 10, 1)).passed;
    });
    passed += (await all.flood(PER_SECOND * 10, 1)).passed;
    const allowed = BURST + (PER_SECOND * (performance.now() - began)) / 1000;
    expect((await cluster.primaryOf(POOL)).name).not.toBe(source.name);
    expect(passed).toBeLessThan(allowed * 1.02);
    expect(passed).toBeGreaterThan(allowed * 0.9);
    for (const { away } of await all.reports()) expect(away).toBe(false);
  });
});
