import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisSettings } from '../config/index.ts';
import { demoted, planOneSentinel, planRedis } from './redis-plan.ts';

const access = { username: undefined, password: undefined, tls: undefined, addresses: {} };
const nodes = [{ host: 'a', port: 1 }];
const server: RedisSettings = { ...access, kind: 'server', url: 'redis://r:6379' };
const cluster: RedisSettings = { ...access, kind: 'cluster', nodes };
const sentinel = {
  ...access,
  kind: 'sentinel',
  nodes,
  master: 'main',
  database: 2,
  sentinelUsername: undefined,
  sentinelPassword: 'watch',
} as const satisfies RedisSettings;

describe('a connection to a Redis that was demoted', () => {
  it('is made anew, but not for each value that is refused', () => {
    let time = 1000;
    const reconnectOnError = demoted(() => time);
    const refusal = new Error("READONLY You can't write against a read only replica.");
    expect([reconnectOnError(refusal), reconnectOnError(refusal)]).toEqual([true, false]);
    time = 11_001;
    expect(reconnectOnError(refusal)).toBe(true);
    expect(reconnectOnError(new Error('OOM command not allowed'))).toBe(false);
  });
});

describe('what a client of Redis is built with', () => {
  it('fails at once instead of queueing, whatever Redis is', () => {
    for (const settings of [server, sentinel, cluster]) {
      const plan = planRedis(settings);
      expect(plan.options.enableOfflineQueue).toBe(false);
      const connection = plan.kind === 'cluster' ? plan.options.redisOptions : plan.options;
      expect(connection).toMatchObject({ maxRetriesPerRequest: 0, connectTimeout: 1_000, socketTimeout: 1_000 });
    }
  });

  it('tries again within a second for as long as the server runs, and not at all for a command', () => {
    const delays = (plan: ReturnType<typeof planRedis>, times: number) =>
      plan.kind === 'cluster'
        ? [plan.options.clusterRetryStrategy?.(times)]
        : [
            plan.options.retryStrategy?.(times),
            plan.kind === 'sentinel' && plan.options.sentinelRetryStrategy?.(times),
          ];
    for (const settings of [server, sentinel, cluster]) {
      for (const times of [1, 5, 5_000])
        for (const ms of delays(planRedis(settings), times).filter((each) => each !== false)) {
          expect(ms).toBeGreaterThanOrEqual(80);
          expect(ms).toBeLessThanOrEqual(1_000);
        }
      expect(delays(planRedis(settings, { once: true }), 1)[0]).toBeNull();
    }
  });

  it('gives a node of a cluster up after a while, as it may have another address by then', () => {
    const plan = planRedis(cluster);
    const strategy = plan.kind === 'cluster' ? plan.options.clusterNodeRetryStrategy : undefined;
    expect([strategy?.(1), strategy?.(10)]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(strategy?.(11)).toBeNull();
  });

  it('asks sentinels for the primary with their own password, and servers with theirs', () => {
    const plan = planRedis({ ...sentinel, username: 'app', password: 'data' });
    expect(plan.options).toMatchObject({
      name: 'main',
      sentinels: nodes,
      db: 2,
      username: 'app',
      password: 'data',
      sentinelPassword: 'watch',
    });
    expect(planOneSentinel(sentinel, nodes[0]!)).toMatchObject({ host: 'a', port: 1, password: 'watch' });
    expect(planOneSentinel({ ...sentinel, password: 'data' }, nodes[0]!)).not.toMatchObject({ password: 'data' });
  });

  it('reaches nodes where they are, not where they say', () => {
    const addresses = { '172.17.0.2:6379': { host: '127.0.0.1', port: 7001 } };
    for (const settings of [sentinel, cluster])
      expect(planRedis({ ...settings, addresses }).options).toMatchObject({ natMap: addresses });
  });
});

describe('an encrypted connection to Redis', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ghostline-redis-tls-'));
    writeFileSync(path.join(folder, 'ca.pem'), 'CA');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const tls = () => ({
    ca: path.join(folder, 'ca.pem'),
    cert: undefined,
    key: undefined,
    serverName: 'redis.internal',
  });

  it('is checked against the given certificates and name, on the way to sentinels too', () => {
    const expected = { ca: 'CA', servername: 'redis.internal' };
    expect(planRedis({ ...server, tls: tls() }).options).toMatchObject({ tls: expected });
    expect(planRedis({ ...cluster, tls: tls() }).options).toMatchObject({ redisOptions: { tls: expected } });
    expect(planRedis({ ...sentinel, tls: tls() }).options).toMatchObject({
      tls: expected,
      sentinelTLS: expected,
      enableTLSForSentinelMode: true,
    });
    expect(planOneSentinel({ ...sentinel, tls: tls() }, nodes[0]!)).toMatchObject({ tls: expected });
  });

  it('that has no certificates to check with is a mistake of the file', () => {
    const lost = path.join(folder, 'lost.pem');
    expect(() => planRedis({ ...server, tls: { ...tls(), ca: lost } })).toThrow(
      `redis.tls.ca: ${lost} cannot be read (ENOENT); give the path of a PEM file`,
    );
  });
});
