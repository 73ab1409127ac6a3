import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { ConfigError, type Settings } from '../config/index.ts';
import { redisOptions } from '../redis-client.ts';
import { reasonOf } from '../reason-of.ts';

/** What several gateways share; without Redis in the configuration there is none of it. */
export interface RedisConnections {
  /** For the cache and for keys. */
  readonly data: Redis | undefined;
  /** One of its own: a large answer on its way to the cache must not hold up a few bytes about limits. */
  readonly limits: Redis | undefined;
  /** Resolves when each is connected, or has failed to once. */
  tried(): Promise<void>;
  close(): void;
}

/** Returns at once: nothing but a first look waits for a Redis that is away. */
export function connectRedis({ redisUrl }: Pick<Settings, 'redisUrl'>, log: Logger): RedisConnections {
  if (redisUrl === undefined) return { data: undefined, limits: undefined, tried: async () => {}, close() {} };
  const data = new Redis(redisUrl, redisOptions());
  sayWhenAway(data, log);
  const limits = new Redis(redisUrl, redisOptions());
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

async function triedOnce(redis: Redis): Promise<void> {
  if (redis.status !== 'ready') await once(redis, 'ready').catch(() => {});
}

function sayWhenAway(redis: Redis, log: Logger): void {
  let said: string | undefined;
  redis.on('error', (error: Error) => {
    if (error.message !== said)
      log.warn(
        { reason: error.message },
        'Redis is away: this process goes on with its own cache, and with the keys it knows',
      );
    said = error.message;
  });
  redis.on('ready', () => {
    if (said !== undefined) log.info('Redis is back');
    said = undefined;
  });
}

/** How long a command waits for Redis: whoever typed it is waiting, too. */
const COMMAND_WAITS_MS = 3_000;

/** A client for one command: connected, or rejects with a ConfigError that says why not. */
export async function openRedis(redisUrl: string): Promise<Redis> {
  const redis = new Redis(redisUrl, { ...redisOptions(), retryStrategy: () => null });
  redis.on('error', () => {});
  const settled = new AbortController();
  const ready = once(redis, 'ready').then(() => undefined, reasonOf);
  const late = wait(COMMAND_WAITS_MS, 'it does not answer', settled);
  const trouble = await Promise.race([ready, late]);
  settled.abort();
  if (trouble === undefined) return redis;
  redis.disconnect();
  throw new ConfigError(`Redis, where the keys of this configuration are, cannot be reached: ${trouble}`);
}
