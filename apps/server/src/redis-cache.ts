import type { EngineStats, SharedCache } from '@ghostline/engine';
import type { ComponentState } from '@ghostline/protocol';
import type { Redis } from 'ioredis';

/** The second cache level over a Redis client that fails fast. */
export function createRedisCache(redis: Pick<Redis, 'get' | 'set'>, namespace = 'ghostline:cache:'): SharedCache {
  return {
    async get(key) {
      return (await redis.get(namespace + key)) ?? undefined;
    },
    async set(key, value, ttlMs) {
      await redis.set(namespace + key, value, 'PX', Math.max(1, Math.round(ttlMs)));
    },
  };
}

/** For `/readyz`: connected, and answering in time. */
export function redisState(
  { status }: Pick<Redis, 'status'>,
  { sharedCache }: Pick<EngineStats, 'sharedCache'>,
): ComponentState {
  const trouble =
    status !== 'ready'
      ? `the connection is ${status}`
      : sharedCache === 'resting'
        ? 'it fails or answers too late'
        : undefined;
  if (trouble === undefined) return { state: 'ok' };
  return { state: 'degraded', detail: `Redis: ${trouble}; completions go on with the cache of this process only` };
}
