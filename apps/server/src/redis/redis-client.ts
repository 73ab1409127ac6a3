import type { Cluster, Redis } from 'ioredis';

/** Of one server, or of the primary that sentinels name, or of a cluster: whoever asks need not know. */
export type RedisClient = Redis | Cluster;

/**
 * Keeps the connections of a cluster as they are needed: to every primary before the first command for it, and after each failure
 * to where its slots are by then. ioredis connects with the first command, which would be refused, and looks slots up
 * after commands that it repeats.
 */
export function followCluster(cluster: Cluster): void {
  const connect = (node: Redis) => {
    if (cluster.status === 'ready' && node.options.readOnly !== true && node.status === 'wait')
      node.connect().catch(() => {});
  };
  const lookAgain = () => {
    if (cluster.status === 'ready') cluster.refreshSlotsCache();
  };
  cluster.on('ready', () => {
    for (const node of cluster.nodes('master')) connect(node);
  });
  cluster.on('+node', connect);
  cluster.on('-node', lookAgain);
  cluster.on('node error', lookAgain);
}

/** What is wrong with the connection, to be said after "Redis: "; undefined when nothing is. */
export function connectionTrouble(redis: RedisConnection): string | undefined {
  if (redis.status !== 'ready') return `the connection is ${redis.status}`;
  if (!redis.nodes) return undefined;
  const away = redis.nodes('master').filter(({ status }) => status !== 'ready' && status !== 'wait');
  if (away.length === 0) return undefined;
  const names = away.map(({ options: { host, port } }) => `${host}:${port}`);
  return `${names.join(', ')} of the cluster ${names.length === 1 ? 'is' : 'are'} away`;
}

/** The part of a client that shows how it is connected. */
export interface RedisConnection {
  readonly status: string;
  nodes?(role: 'master'): readonly {
    readonly status: string;
    readonly options: { readonly host?: string | undefined; readonly port?: number | undefined };
  }[];
}
