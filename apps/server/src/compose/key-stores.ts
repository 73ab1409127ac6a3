import path from 'node:path';
import { type FollowedStore, createFileKeyStore, createFileMirror, createRedisKeyStore } from '@ghostline/access';
import type { RedisClient } from '../redis/redis-client.ts';

/**
 * Where keys are: in Redis where there is one, so that all gateways know them, and in the data directory. The latter is read with
 * Redis, too: keys made before it was configured go on working. New ones go to the first.
 */
export function keyStores(
  dataDir: string,
  redis: RedisClient | undefined,
): readonly [FollowedStore, ...FollowedStore[]] {
  // Keys made as another user, say: there are some, and nobody may be let in without one.
  const file = { store: createFileKeyStore(dataDir), closedWhenUnread: true };
  if (redis === undefined) return [file];
  return [
    { store: createRedisKeyStore(redis), mirror: createFileMirror(path.join(dataDir, 'keys-mirror.jsonl')) },
    file,
  ];
}
