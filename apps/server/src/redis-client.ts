import type { RedisOptions } from 'ioredis';

/**
 * A name follows a failover a second or two after the old primary has become read-only, and the first new connection may
 * still lead there; one that is read-only for good must not cost a connection for each value.
 */
const RECONNECT_AT_MOST_EVERY_MS = 2_000;

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
