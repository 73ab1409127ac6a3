import type { EngineStats, SharedCache } from '@ghostline/engine';
import type { ComponentState } from '@ghostline/protocol';
import type { Redis } from 'ioredis';

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
