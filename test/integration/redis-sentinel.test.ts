import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { complete } from '../harness/ghostline-api.ts';
import { REDIS_ACCESS, startLimiterFronts } from '../harness/limiter-fronts.ts';
import { createRedisGroup } from '../harness/redis-group.ts';
import { type RedisSentinels, startRedisSentinels } from '../harness/redis-sentinels.ts';

const soon = { timeout: 30_000, interval: 50 };
const PASSWORD = 'of-the-servers';
const PER_SECOND = 100;
/** A tenth of a minute. */
const BURST = 600;

let redis: RedisSentinels;
const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  redis = await startRedisSentinels({ password: PASSWORD });
});
afterEach(async () => {
  try {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  } finally {
    await redis.stop();
  }
});

async function groupOf(ports: readonly number[] = redis.ports) {
  const nodes = ports.map((port) => `127.0.0.1:${port}`).join(', ');
  const section = `{ sentinel: { master: ${redis.master}, nodes: [${nodes}] }, password: { env: REDIS_PASSWORD } }`;
  const group = await createRedisGroup(section, { REDIS_PASSWORD: PASSWORD });
  cleanups.push(group.stop);
  return group;
}

describe('gateways that ask sentinels where Redis is', () => {
  it('share answers there, and use the replica that takes over when the primary is killed', async () => {
    const group = await groupOf();
    const [first, second] = await Promise.all([group.gateway('first'), group.gateway('second')]);
    await group.isOk(first, second);
    await group.isTold(first, second);
    const well = await group.command('first', 'doctor');
    expect(well.output).toMatch(/[✓!] Redis +(?:version \d|answers in)/);
    expect(well.output).toContain(`3 answer; primary 127.0.0.1:${redis.primary.port}, replicas: 1`);
    expect(well.code).toBe(0);
    expect(well.output + first.output()).not.toContain(PASSWORD);

    await group.stopSpending(true, first, second);
    expect(await redis.primary.client.wait(1, 10_000)).toBe(1);
    redis.primary.kill();
    const answers: number[] = [];
    const goesOn = async () => {
      for (const { url } of [first, second]) answers.push((await complete(url, group.another())).status);
    };
    await vi.waitFor(async () => {
      await goesOn();
      expect(await group.componentOf(first, 'redis')).toMatchObject({ state: 'degraded' });
    }, soon);
    await vi.waitFor(async () => {
      await goesOn();
      expect(await redis.replica.client.info('replication')).toContain('role:master');
      for (const server of [first, second])
        for (const name of ['redis', 'keys', 'limits'])
          expect(await group.componentOf(server, name)).toEqual({ state: 'ok' });
    }, soon);
    expect(new Set(answers)).toEqual(new Set([200]));
    await group.isTold(first, second);
    await group.stopSpending(false, second, first);
    const alone = await group.command('first', 'doctor');
    expect(alone.output).toContain(`primary 127.0.0.1:${redis.replica.port}`);
  });

  it('hear of a primary that is demoted while it goes on, and follow', async () => {
    const group = await groupOf();
    const server = await group.gateway('only');
    await group.isOk(server);
    const asked = await failOver(redis.ports[0]!, redis.master);
    expect(asked).toBe('OK');
    await vi.waitFor(async () => {
      expect((await complete(server.url, group.another())).status).toBe(200);
      expect(await redis.replica.client.keys('ghostline:cache:*')).not.toEqual([]);
      expect(await redis.replica.client.info('replication')).toContain('role:master');
      expect(await group.componentOf(server, 'redis')).toEqual({ state: 'ok' });
    }, soon);
  });

  it('start with one sentinel of which the others are away, and say what is wrong with a name that none knows', async () => {
    const group = await groupOf([redis.ports[0]!, 1]);
    const server = await group.gateway('only');
    await group.isOk(server);
    const { code, output } = await group.command('only', 'doctor');
    expect(output).toMatch(/! sentinel 127\.0\.0\.1:1 /);
    expect(code).toBe(0);

    const lost = await createRedisGroup(`{ sentinel: { master: other, nodes: ["127.0.0.1:${redis.ports[0]}"] } }`);
    cleanups.push(lost.stop);
    const away = await lost.gateway('away');
    expect(await complete(away.url, lost.another())).toMatchObject({ status: 200, body: { cache: 'miss' } });
    expect(await lost.componentOf(away, 'redis')).toMatchObject({ state: 'degraded' });
    const said = await lost.command('away', 'doctor');
    expect(said.output).toMatch(/✗ Redis .*cannot be reached[^]*Check redis\.sentinel/);
    expect(said.code).toBe(1);
  });
});

describe('limits in a Redis that sentinels watch, at ten times what is allowed', () => {
  it('hold while the primary is killed and the replica takes over', async () => {
    const limits = { everything: { requestsPerMinute: PER_SECOND * 60 } };
    const nodes = redis.ports.map((port) => ({ host: '127.0.0.1', port }));
    const settings = { ...REDIS_ACCESS, kind: 'sentinel', nodes, master: redis.master, database: 0 } as const;
    const secrets = { password: PASSWORD, sentinelUsername: undefined, sentinelPassword: undefined };
    const all = await startLimiterFronts(2, { ...settings, ...secrets }, limits);
    cleanups.push(all.stop);
    const began = performance.now();
    let passed = (await all.flood(PER_SECOND * 10, 2)).passed;
    expect(await redis.primary.client.wait(1, 10_000)).toBe(1);
    redis.primary.kill();
    await vi.waitFor(async () => {
      passed += (await all.flood(PER_SECOND * 10, 0.5)).passed;
      expect(await redis.replica.client.info('replication')).toContain('role:master');
      for (const { away } of await all.reports()) expect(away).toBe(false);
    }, soon);
    passed += (await all.flood(PER_SECOND * 10, 2)).passed;
    const allowed = BURST + (PER_SECOND * (performance.now() - began)) / 1000;
    expect(passed).toBeLessThan(allowed * 1.02);
    expect(passed).toBeGreaterThan(allowed * 0.8);
  });
});

/** As an operator does it. */
async function failOver(port: number, master: string): Promise<unknown> {
  const sentinel = new Redis(port, '127.0.0.1');
  try {
    return await sentinel.call('SENTINEL', 'FAILOVER', master);
  } finally {
    sentinel.disconnect();
  }
}
