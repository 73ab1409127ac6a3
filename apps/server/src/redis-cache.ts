import type { SharedCache } from '@ghostline/engine';
import type { ComponentState } from '@ghostline/protocol';
import type { Redis } from 'ioredis';

/** The second cache level over a Redis client that fails fast, and its state for `/readyz`. */
export function createRedisCache(
  redis: Pick<Redis, 'get' | 'set' | 'status'>,
  namespace = 'ghostline:cache:',
): SharedCache & { state(): ComponentState } {
  return {
    async get(key) {
      return (await redis.get(namespace + key)) ?? undefined;
    },
    async set(key, value, ttlMs) {
      await redis.set(namespace + key, value, 'PX', Math.max(1, Math.round(ttlMs)));
    },
    state() {
      if (redis.status === 'ready') return { state: 'ok' };
      return {
        state: 'degraded',
        detail: `Redis connection is ${redis.status}: completions go on with the cache of this process only`,
      };
    },
  };
}
