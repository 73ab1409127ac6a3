import { readFileSync } from 'node:fs';
import type { ClusterOptions, RedisOptions } from 'ioredis';
import {
  ConfigError,
  type RedisAddress,
  type RedisSentinel,
  type RedisSettings,
  type RedisTls,
} from '../config/index.ts';

/** Answers in the form that both versions of the protocol have. */
export type ServerOptions = Omit<RedisOptions, 'replyMapping'>;
type NodeOptions = Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>;

/** What a client is built with. */
export type RedisPlan =
  | { readonly kind: 'server'; readonly url: string; readonly options: ServerOptions }
  | { readonly kind: 'sentinel'; readonly options: ServerOptions }
  | {
      readonly kind: 'cluster';
      readonly nodes: RedisAddress[];
      readonly options: Omit<ClusterOptions, 'redisOptions'> & { readonly redisOptions: NodeOptions };
    };

/**
 * A name follows a failover a second or two after the old primary has become read-only, and the first new connection may
 * still lead there; one that is read-only for good must not cost a connection for each value.
 */
const RECONNECT_AT_MOST_EVERY_MS = 2_000;
/** To connect, to answer at all, and for a sentinel to answer: a completion waits a few milliseconds, so this is for the next ones. */
const PATIENCE_MS = 1_000;
/** What is back is in use within a second. */
const RETRY_AT_MOST_EVERY_MS = 1_000;
/** A node of a cluster that is away for so many attempts, about six seconds, may have another address by now. */
const NODE_ATTEMPTS = 10;
/** A slot that moved takes one redirection, and one more while it is on its way. Further ones are a cluster that does not agree. */
const REDIRECTIONS = 3;
/** What no command stumbles over (a new replica, a node without traffic) is known after so long. */
const REFRESH_SLOTS_MS = 5_000;

/**
 * For a client that fails at once instead of queueing: a completion never waits for a Redis that is away. `once`: for a command,
 * which rather ends than tries again. Throws ConfigError when a file of `tls` cannot be read.
 */
export function planRedis(settings: RedisSettings, { once = false }: { readonly once?: boolean } = {}): RedisPlan {
  const { username, password } = settings;
  const tls = settings.tls && tlsOptions(settings.tls);
  const again = once ? () => null : retryDelay;
  const connection = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls }),
    ...failingFast(),
  } satisfies ServerOptions;
  switch (settings.kind) {
    case 'server':
      return {
        kind: 'server',
        url: settings.url,
        options: { ...connection, enableOfflineQueue: false, retryStrategy: again, reconnectOnError: demoted() },
      };
    case 'sentinel':
      return {
        kind: 'sentinel',
        options: {
          ...connection,
          ...sentinelOptions(settings),
          ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
          natMap: { ...settings.addresses },
          enableOfflineQueue: false,
          retryStrategy: again,
          sentinelRetryStrategy: once ? () => null : () => RETRY_AT_MOST_EVERY_MS,
          reconnectOnError: demoted(),
        },
      };
    case 'cluster':
      return {
        kind: 'cluster',
        nodes: [...settings.nodes],
        options: {
          redisOptions: connection,
          natMap: { ...settings.addresses },
          // Certificates are for names: each connection looks its own up.
          dnsLookup: (address, found) => found(null, address),
          // A command waits for connections, and the doctor can say more about a cluster that is down than that it is.
          enableOfflineQueue: once,
          enableReadyCheck: !once,
          clusterRetryStrategy: again,
          clusterNodeRetryStrategy: once ? null : (times) => (times > NODE_ATTEMPTS ? null : retryDelay(times)),
          maxRedirections: REDIRECTIONS,
          // Commands to a node that is away fail at once; its slots are looked up again by `followCluster`.
          retryDelayOnFailover: 0,
          retryDelayOnClusterDown: 0,
          slotsRefreshTimeout: PATIENCE_MS,
          slotsRefreshInterval: REFRESH_SLOTS_MS,
        },
      };
  }
}

/** How one of the sentinels is asked, by the doctor. */
export function planOneSentinel(settings: RedisSettings & RedisSentinel, node: RedisAddress): ServerOptions {
  const { sentinelUsername: username, sentinelPassword: password, tls } = settings;
  return {
    ...node,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tlsOptions(tls) }),
    ...failingFast(),
    enableReadyCheck: false,
    retryStrategy: () => null,
  };
}

/** One that takes commands and never answers must not collect them: the connection is dropped, and they with it. */
function failingFast() {
  return {
    maxRetriesPerRequest: 0,
    connectTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
  } satisfies ServerOptions;
}

/**
 * Without ioredis' `failoverDetector`: what it hears while a connection is being made ends the client for good. A primary that is
 * demoted is told to close its connections, and one that is gone closes them or does not answer.
 */
function sentinelOptions({ master, nodes, database, sentinelUsername, sentinelPassword }: RedisSentinel) {
  return {
    name: master,
    sentinels: [...nodes],
    db: database,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    sentinelCommandTimeout: PATIENCE_MS,
  } satisfies ServerOptions;
}

/** From 100 ms to a second; a little apart, as all gateways have lost it at the same time. */
function retryDelay(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 10), RETRY_AT_MOST_EVERY_MS) * (0.8 + Math.random() * 0.2);
}

/** After a failover an address leads to another server, while this connection still holds the one that was demoted. */
export function demoted(now = () => performance.now()) {
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  return ({ message }: Error): boolean => {
    if (!message.startsWith('READONLY') || now() - reconnectedAt < RECONNECT_AT_MOST_EVERY_MS) return false;
    reconnectedAt = now();
    return true;
  };
}

function tlsOptions({ serverName, ...files }: RedisTls) {
  const pem = (field: 'ca' | 'cert' | 'key') => {
    const file = files[field];
    if (file === undefined) return {};
    try {
      return { [field]: readFileSync(file, 'utf8') };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(`redis.tls.${field}: ${file} cannot be read (${code}); give the path of a PEM file`);
    }
  };
  return {
    ...pem('ca'),
    ...pem('cert'),
    ...pem('key'),
    ...(serverName !== undefined && { servername: serverName }),
  };
}
