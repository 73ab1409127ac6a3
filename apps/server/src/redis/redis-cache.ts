import type { EngineStats, SharedCache } from '@ghostline/engine';
import type { ComponentState } from '@ghostline/protocol';
import { type RedisClient, type RedisConnection, connectionTrouble } from './redis-client.ts';

/** The second cache level over a Redis client that fails fast. Each command has one key, so a Redis Cluster will do. */
export function createRedisCache(
  redis: Pick<RedisClient, 'getBuffer' | 'set'>,
  namespace = 'ghostline:cache:',
): SharedCache {
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
  redis: RedisConnection,
  stats: Pick<EngineStats, 'sharedCache' | 'sharedWrites' | 'sharedWriteError'>,
): ComponentState {
  const trouble = connectionTrouble(redis);
  // Of a cluster a part may be away.
  if (trouble !== undefined) return degraded(trouble, redis.status === 'ready' ? WITH_THE_REST : WITHOUT);
  if (stats.sharedCache === 'resting') return degraded('it fails or answers too late', WITHOUT);
  if (stats.sharedWrites === 'resting') return degraded(refusal(stats.sharedWriteError ?? ''), WITH_THE_REST);
  return { state: 'ok' };
}

const WITHOUT = 'the cache of this process only';
const WITH_THE_REST = 'what it has and the cache of this process';

function degraded(trouble: string, left: string): ComponentState {
  return { state: 'degraded', detail: `Redis: ${trouble}; completions go on with ${left}` };
}

/** Why it takes no values, and what helps. */
function refusal(error: string): string {
  if (error.startsWith('READONLY')) return 'it is read-only; its address must lead to the primary';
  if (error.startsWith('OOM'))
    return 'its memory is full; raise maxmemory, or let it evict: maxmemory-policy volatile-lru';
  return 'it takes no values';
}
