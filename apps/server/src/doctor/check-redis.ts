import { ConfigError, type RedisSettings } from '../config/index.ts';
import { judgeCluster } from './check-cluster.ts';
import { type SentinelProbe, checkSentinels } from './check-sentinels.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import { networkReasonOf } from './network-reason.ts';

/** The part of a Redis client that is needed to look at a server. */
export interface RedisProbe {
  info(): Promise<string>;
  ping(): Promise<unknown>;
  /** Seconds and microseconds since 1970. */
  time(): Promise<readonly (number | string)[]>;
}

export interface RedisFacts {
  readonly version: string;
  readonly role: string;
  readonly maxMemory: number;
  readonly policy: string;
  /** Median of some round trips. */
  readonly pingMs: number;
  /** How far its clock is ahead of ours. */
  readonly aheadMs: number;
}

/** A Redis as it is configured, connected to. `servers` are those that take what is written. */
export type RedisUnderTest = {
  readonly servers: readonly { readonly name: string; readonly probe: RedisProbe }[];
  close(): void;
} & (
  | { readonly kind: 'server' }
  | {
      readonly kind: 'cluster';
      /** What CLUSTER INFO and CLUSTER SLOTS answer. */
      info(): Promise<string>;
      slots(): Promise<readonly (readonly unknown[])[]>;
    }
  | { readonly kind: 'sentinel'; readonly master: string; readonly sentinels: readonly SentinelProbe[] }
);

const WHERE = {
  server: 'Check redis.url and that Redis runs there.',
  cluster:
    'Check redis.cluster.nodes and that the cluster runs there; if it announces other addresses than are reached from here, give redis.addresses.',
  sentinel:
    'Check redis.sentinel and that sentinels know that name; if they announce other addresses than are reached from here, give redis.addresses.',
} as const satisfies Record<RedisSettings['kind'], string>;

/** What to do about `trouble`, as Redis or the way there said it. */
function fixOf(trouble: string, kind: RedisSettings['kind']): string {
  if (/NOPERM/.test(trouble)) return 'Let the user of redis.username run that command, with ACL SETUSER in Redis.';
  if (!/NOAUTH|WRONGPASS|invalid password/i.test(trouble)) return WHERE[kind];
  const passwords = { server: 'the password in redis.url', cluster: '', sentinel: 'redis.sentinel.password' }[kind];
  return `Give redis.username and redis.password as Redis has them${passwords && `, or ${passwords}`}.`;
}

/** What there is to say about it, and how far its clock is ahead of ours where that is known. */
export async function checkRedis(
  settings: RedisSettings,
  open: (settings: RedisSettings) => Promise<RedisUnderTest>,
): Promise<{ readonly findings: Finding[]; readonly aheadMs?: number }> {
  let redis: RedisUnderTest;
  try {
    redis = await open(settings);
  } catch (error) {
    const detail = error instanceof ConfigError ? error.message : networkReasonOf(error);
    return { findings: [failure('Redis', detail, fixOf(detail, settings.kind))] };
  }
  try {
    const findings: Finding[] = [];
    const ahead: number[] = [];
    // One after the other: what else goes on here would count as its time.
    for (const { name, probe } of redis.servers) {
      const label = name === '' ? 'Redis' : `Redis ${name}`;
      try {
        const facts = await readRedisFacts(probe);
        ahead.push(facts.aheadMs);
        findings.push(...judgeRedis(facts, label));
      } catch (error) {
        const reason = networkReasonOf(error);
        findings.push(failure(label, reason, fixOf(reason, settings.kind)));
      }
    }
    if (redis.kind === 'cluster') findings.push(...(await checkCluster(redis)));
    if (redis.kind === 'sentinel') findings.push(...(await checkSentinels(redis.sentinels, redis.master)));
    const furthest = ahead.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
    return furthest === undefined ? { findings } : { findings, aheadMs: furthest };
  } finally {
    redis.close();
  }
}

async function checkCluster(cluster: RedisUnderTest & { readonly kind: 'cluster' }): Promise<Finding[]> {
  try {
    return judgeCluster(await cluster.info(), await cluster.slots());
  } catch (error) {
    return [failure('Redis Cluster', networkReasonOf(error), WHERE.cluster)];
  }
}

const PINGS = 9;

export async function readRedisFacts(redis: RedisProbe): Promise<RedisFacts> {
  const info = await redis.info();
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const times: number[] = [];
  for (let round = 0; round < PINGS; round++) {
    const began = performance.now();
    await redis.ping();
    times.push(performance.now() - began);
  }
  const before = Date.now();
  const [seconds, micros] = await redis.time();
  const ours = (before + Date.now()) / 2;
  return {
    version: field('redis_version'),
    role: field('role'),
    maxMemory: Number(field('maxmemory')),
    policy: field('maxmemory_policy'),
    pingMs: times.toSorted((a, b) => a - b)[PINGS >> 1]!,
    aheadMs: Number(seconds) * 1000 + Number(micros) / 1000 - ours,
  };
}

/** Functions and scripts that are used came with 7. */
const OLDEST_MAJOR = 7;
/** The completion path waits for Redis a few milliseconds and then goes on without it. */
const SLOW_PING_MS = 2;

/** `label`: which one it is, where there are several. */
export function judgeRedis({ version, role, maxMemory, policy, pingMs }: RedisFacts, label = 'Redis'): Finding[] {
  const findings: Finding[] = [];
  if (role === 'slave')
    findings.push(
      failure(label, 'is a replica, which takes no writes', 'Point redis.url to the primary, or give redis.sentinel.'),
    );
  if (Number.parseInt(version, 10) < OLDEST_MAJOR)
    findings.push(warning(label, `version ${version}`, `Update to Redis ${OLDEST_MAJOR} or newer.`));
  if (policy.startsWith('allkeys-')) {
    const fix = 'Set maxmemory-policy volatile-lru: what may be lost has a time to live.';
    findings.push(warning(label, `maxmemory-policy ${policy} may throw away API keys and limits`, fix));
  } else if (maxMemory > 0 && policy === 'noeviction') {
    const fix =
      'Raise maxmemory, or set maxmemory-policy volatile-lru, so that old answers make room for new ones; it may then forget what budgets have counted.';
    findings.push(warning(label, 'takes no more writes when its memory is full (maxmemory-policy noeviction)', fix));
  }
  if (pingMs > SLOW_PING_MS) {
    const fix = 'Put it next to the gateways: a completion waits a few milliseconds for it and then goes on without.';
    findings.push(warning(label, `answers in ${pingMs.toFixed(1)} ms`, fix));
  }
  return findings.length > 0
    ? findings
    : [ok(label, `version ${version}, answers in ${pingMs.toFixed(2)} ms, ${policy}`)];
}
