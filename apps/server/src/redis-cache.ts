import type { EngineStats, SharedCache } from '@ghostline/engine';
import type { ComponentState } from '@ghostline/protocol';
import type { Redis, RedisOptions } from 'ioredis';

/** A failover takes seconds, and a server that is read-only for good must not cost a connection for each value. */
const RECONNECT_AT_MOST_EVERY_MS = 10_000;

/** For a client that fails at once instead of queueing: a completion never waits for a Redis that is away. */
export function redisOptions(now = () => performance.now()) {
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    // One that takes commands and never answers must not collect them: the connection is dropped, and they with it.
    socketTimeout: 1_000,
    // After a failover the name leads to another server, while this connection still holds the one that was demoted.
    reconnectOnError({ message }: Error) {
      if (!message.startsWith('READONLY') || now() - reconnectedAt < RECONNECT_AT_MOST_EVERY_MS) return false;
      reconnectedAt = now();
      return true;
    },
  } satisfies RedisOptions;
}

/** The second cache level over a Redis client that fails fast. Each command has one key, so a Redis Cluster will do. */
export function createRedisCache(redis: Pick<Redis, 'getBuffer' | 'set'>, namespace = 'ghostline:cache:'): SharedCache {
  return {
    async get(key) {
      return (await redis.getBuffer(namespace + key)) ?? undefined;
    },
    async set(key, value, ttlMs) {
      await redis.set(
        namespace + key,
        Buffer.from(value.buffer, value.byteOffset, value.byteLength),
        'PX',
        Math.max(1, Math.round(ttlMs)),
      );
    },
  };
}

/** For `/readyz`: connected, answering in time, and taking what is written. */
export function redisState(
  { status }: Pick<Redis, 'status'>,
  stats: Pick<EngineStats, 'sharedCache' | 'sharedWrites' | 'sharedWriteError'>,
): ComponentState {
  if (status !== 'ready') return degraded(`the connection is ${status}`);
  if (stats.sharedCache === 'resting') return degraded('it fails or answers too late');
  if (stats.sharedWrites === 'resting') {
    const detail = `Redis: ${refusal(stats.sharedWriteError ?? '')}; completions go on with what it has and the cache of this process`;
    return { state: 'degraded', detail };
  }
  return { state: 'ok' };
}

function degraded(trouble: string): ComponentState {
  return { state: 'degraded', detail: `Redis: ${trouble}; completions go on with the cache of this process only` };
}

/** Why it takes no values, and what helps. */
function refusal(error: string): string {
  if (error.startsWith('READONLY')) return 'it is read-only; its address must lead to the primary';
  if (error.startsWith('OOM'))
    return 'its memory is full; raise maxmemory, or let it evict: maxmemory-policy volatile-lru';
  return 'it takes no values';
}
