import { addressRefusal } from '@ghostline/outgoing';
import * as z from 'zod';
import { checkAddress } from './outgoing-address.ts';
import { pemFile } from './pem-file.ts';
import type { Resolving } from './resolving.ts';
import { SecretReference } from './secret-reference.ts';

const address = z
  .string()
  .refine((text) => addressIn(text) !== undefined, 'must be HOST:PORT, such as redis-1:6379 or [fd00::1]:6379')
  .superRefine((text, context) => {
    const refusal = addressRefusal(addressIn(text)?.host ?? '');
    if (refusal !== undefined) context.addIssue({ code: 'custom', message: refusal });
  })
  .meta({ description: 'HOST:PORT' });

const nodes = (what: string) => z.array(address).min(1).max(100).meta({ description: what });

const username = z.string().min(1).max(200).optional();

const FORMS = ['url', 'cluster', 'sentinel'] as const;

export const Redis = z
  .strictObject({
    url: z
      .union(
        [
          z
            .string()
            .regex(
              /^rediss?:\/\/[^@]*$/,
              'must be a redis:// or rediss:// URL without a password; use { env: NAME } for one',
            ),
          SecretReference,
        ],
        { error: 'must be a redis:// URL without a password, or { env: NAME }' },
      )
      .optional()
      .meta({ description: 'One server: redis:// or rediss://; with a password as { env: NAME } or { file: PATH }' }),
    cluster: z
      .strictObject({ nodes: nodes('Some of its nodes, as HOST:PORT: the others are found by them') })
      .optional()
      .meta({ description: 'A Redis Cluster' }),
    sentinel: z
      .strictObject({
        master: z.string().min(1).max(200).meta({ description: 'The name that sentinels know the primary by' }),
        nodes: nodes('Sentinels, as HOST:PORT: the others are found by them'),
        database: z.int().min(0).max(1_000_000).optional().meta({ description: 'Number of the database; default 0' }),
        username: username.meta({ description: 'Of the sentinels; default: none' }),
        password: SecretReference.optional().meta({ description: 'Of the sentinels; default: none' }),
      })
      .optional()
      .meta({ description: 'A primary with replicas, watched by sentinels' }),
    username: username.meta({ description: 'Of the servers; default: what the URL says, or the default user' }),
    password: SecretReference.optional().meta({ description: 'Of the servers; default: what the URL says, or none' }),
    tls: z
      .strictObject({
        ca: pemFile('Certificates of those that signed theirs; default: those this machine trusts').optional(),
        cert: pemFile('Certificate that this gateway shows, its chain behind it').optional(),
        key: pemFile('Its private key').optional(),
        serverName: z
          .string()
          .min(1)
          .max(253)
          .optional()
          .meta({ description: 'Name that stands in their certificates; default: that of each node' }),
      })
      .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
        path: ['key'],
        message: 'cert and key go together',
      })
      .optional()
      .meta({ description: 'Present, be it empty: connections are encrypted, those to sentinels too' }),
    addresses: z.record(address, address).optional().meta({
      description:
        'Where this gateway reaches nodes that call themselves something else: what they say → where they are',
    }),
  })
  .superRefine((redis, context) => {
    const refuse = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const given = FORMS.filter((form) => redis[form] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? 'none of them is there' : `there are ${given.join(' and ')}`;
      refuse([], `needs one of url, cluster and sentinel; ${found}`);
    }
    if (redis.addresses && redis.url !== undefined)
      refuse(['addresses'], 'is for a cluster or sentinels; one server is where its URL says');
  })
  .meta({ description: 'What gateways share: prompt cache, keys, limits and budgets; absent: each for itself' });

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** PEM files, as absolute paths. */
export interface RedisTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
}

export type RedisSettings = RedisAccess & (RedisServer | RedisCluster | RedisSentinel);

interface RedisAccess {
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Undefined: not encrypted, unless the URL says so. */
  readonly tls: RedisTls | undefined;
  /** By what nodes call themselves, as HOST:PORT. */
  readonly addresses: Readonly<Record<string, RedisAddress>>;
}

interface RedisServer {
  readonly kind: 'server';
  readonly url: string;
}

interface RedisCluster {
  readonly kind: 'cluster';
  readonly nodes: readonly RedisAddress[];
}

export interface RedisSentinel {
  readonly kind: 'sentinel';
  readonly nodes: readonly RedisAddress[];
  readonly master: string;
  readonly database: number;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

export function redisSettings(
  redis: z.infer<typeof Redis> | undefined,
  resolving: Resolving,
): RedisSettings | undefined {
  if (redis === undefined) return undefined;
  const { path, secret, mistake } = resolving;
  const { tls } = redis;
  const pem = (file: { readonly file: string } | undefined) => file && path(file.file);
  const access: RedisAccess = {
    username: redis.username,
    password: redis.password && secret(redis.password, ['redis', 'password']),
    tls: tls && { ca: pem(tls.ca), cert: pem(tls.cert), key: pem(tls.key), serverName: tls.serverName },
    addresses: Object.fromEntries(Object.entries(redis.addresses ?? {}).map(([said, is]) => [said, addressOf(is)])),
  };
  if (redis.cluster) return { ...access, kind: 'cluster', nodes: redis.cluster.nodes.map(addressOf) };
  if (redis.sentinel) {
    const { master, database = 0, username: sentinelUsername, password } = redis.sentinel;
    return {
      ...access,
      kind: 'sentinel',
      nodes: redis.sentinel.nodes.map(addressOf),
      master,
      database,
      sentinelUsername,
      sentinelPassword: password && secret(password, ['redis', 'sentinel', 'password']),
    };
  }
  const url = typeof redis.url === 'object' ? secret(redis.url, ['redis', 'url']) : redis.url!;
  if (URL.canParse(url)) checkAddress(url, ['redis', 'url'], {}, resolving);
  if (tls && url.startsWith('redis://'))
    throw mistake(['redis', 'tls'], 'redis.url says that nothing is encrypted; begin it with rediss://');
  return { ...access, kind: 'server', url };
}

function addressOf(text: string): RedisAddress {
  return addressIn(text)!;
}

/** A host and a port; an IPv6 address stands in brackets. */
function addressIn(text: string): RedisAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
