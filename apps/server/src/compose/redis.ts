import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import type { Logger } from 'pino';
import { ConfigError, type RedisSettings, type Settings } from '../config/index.ts';
import type { RedisUnderTest } from '../doctor/index.ts';
import { reasonOf } from '../reason-of.ts';
import { type RedisClient, followCluster } from '../redis/redis-client.ts';
import { type RedisPlan, planOneSentinel, planRedis } from '../redis/redis-plan.ts';

/** What several gateways share; without Redis in the configuration there is none of it. */
export interface RedisConnections {
  /** For the cache and for keys. */
  readonly data: RedisClient | undefined;
  /** One of its own: a large answer on its way to the cache must not hold up a few bytes about limits. */
  readonly limits: RedisClient | undefined;
  /** Resolves when each is connected, or has failed to once. */
  tried(): Promise<void>;
  close(): void;
}

/** Returns at once: nothing but a first look waits for a Redis that is away. Throws ConfigError when its certificates cannot be read. */
export function connectRedis({ redis }: Pick<Settings, 'redis'>, log: Logger): RedisConnections {
  if (redis === undefined) return { data: undefined, limits: undefined, tried: async () => {}, close() {} };
  const data = build(planRedis(redis));
  sayWhenAway(data, log);
  const limits = build(planRedis(redis));
  // The limiter says itself when it is away.
  limits.on('error', () => {});
  return {
    data,
    limits,
    async tried() {
      await Promise.all([data, limits].map(triedOnce));
    },
    close() {
      data.disconnect();
      limits.disconnect();
    },
  };
}

function build(plan: RedisPlan): RedisClient {
  if (plan.kind === 'server') return new Redis(plan.url, plan.options);
  if (plan.kind === 'sentinel') return new Redis(plan.options);
  const cluster = new Cluster(plan.nodes, plan.options);
  followCluster(cluster);
  return cluster;
}

async function triedOnce(redis: RedisClient): Promise<void> {
  if (redis.status !== 'ready') await once(redis, 'ready').catch(() => {});
  if (redis instanceof Cluster) await Promise.all(redis.nodes('master').map(triedOnce));
}

function sayWhenAway(redis: RedisClient, log: Logger): void {
  const away = new Map<string, string>();
  const isAway = (node: string, reason: string) => {
    // A node of a cluster is refused, closed and refused again: once said is enough.
    if (node === '' ? away.get('') === reason : away.has(node)) return;
    away.set(node, reason);
    const which = node === '' ? {} : { node };
    log.warn(
      { ...which, reason },
      'Redis is away: this process goes on with its own cache, and with the keys it knows',
    );
  };
  const isBack = (node: string) => {
    if (away.delete(node)) log.info(node === '' ? {} : { node }, 'Redis is back');
  };
  redis.on('error', (error: Error) => isAway('', troubleOf(error)));
  redis.on('ready', () => isBack(''));
  if (!(redis instanceof Cluster)) return;
  // Of a cluster that is not ready, only that is known.
  redis.on('reconnecting', () => {
    if (!away.has('')) isAway('', 'the cluster does not answer, or not for all of its slots');
  });
  redis.on('node error', (error: Error, node: string) => isAway(node, troubleOf(error)));
  redis.on('+node', (node: Redis) => node.on('ready', () => isBack(nameOf(node))));
  // It is no part of the cluster any more, or will be tried as a new one.
  redis.on('-node', (node: Redis) => away.delete(nameOf(node)));
}

/** A cluster that nobody answers for says so, and behind it why. */
function troubleOf(error: Error & { readonly lastNodeError?: Error | null }): string {
  return error.lastNodeError ? `${error.message} ${error.lastNodeError.message}` : error.message;
}

function nameOf({ options: { host, port } }: Redis): string {
  return `${host}:${port}`;
}

/** How long a command waits for Redis: whoever typed it is waiting, too. */
const COMMAND_WAITS_MS = 3_000;

/** A client for one command: connected, or rejects with a ConfigError that says why not. */
export async function openRedis(settings: RedisSettings): Promise<RedisClient> {
  const redis = build(planRedis(settings, { once: true }));
  redis.on('error', () => {});
  const settled = new AbortController();
  const { signal } = settled;
  const trouble = await Promise.race([
    once(redis, 'ready', { signal }).then(() => undefined, troubleOf),
    once(redis, 'end', { signal }).then(() => 'the connection was closed', reasonOf),
    wait(COMMAND_WAITS_MS, 'it does not answer', { signal }).catch(reasonOf),
  ]);
  settled.abort();
  if (trouble === undefined) return redis;
  redis.disconnect();
  throw new ConfigError(`Redis, where the keys of this configuration are, cannot be reached: ${trouble}`);
}

/** The same for the doctor, who looks at every server there is. */
export async function openRedisUnderTest(settings: RedisSettings): Promise<RedisUnderTest> {
  const redis = await openRedis(settings);
  const sentinels =
    settings.kind === 'sentinel'
      ? settings.nodes.map((node) => {
          const client = new Redis(planOneSentinel(settings, node));
          client.on('error', () => {});
          return { name: `${node.host}:${node.port}`, client };
        })
      : [];
  const close = () => {
    redis.disconnect();
    for (const { client } of sentinels) client.disconnect();
  };
  if (redis instanceof Cluster) {
    return {
      kind: 'cluster',
      servers: redis.nodes('master').map((node) => ({ name: nameOf(node), probe: node })),
      info: () => redis.cluster('INFO') as Promise<string>,
      slots: () => redis.cluster('SLOTS') as Promise<unknown[][]>,
      close,
    };
  }
  const server = { name: '', probe: redis };
  if (settings.kind !== 'sentinel') return { kind: 'server', servers: [server], close };
  return {
    kind: 'sentinel',
    servers: [server],
    master: settings.master,
    sentinels: sentinels.map(({ name, client }) => ({
      name,
      master: (master) => client.call('SENTINEL', 'MASTER', master) as Promise<string[]>,
      quorum: (master) => client.call('SENTINEL', 'CKQUORUM', master) as Promise<string>,
    })),
    close,
  };
}
