import { type Finding, failure, ok, warning } from './finding.ts';

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

export function judgeRedis({ version, role, maxMemory, policy, pingMs }: RedisFacts): Finding[] {
  const findings: Finding[] = [];
  if (role === 'slave')
    findings.push(failure('Redis', 'is a replica, which takes no writes', 'Point redis.url to the primary.'));
  if (Number.parseInt(version, 10) < OLDEST_MAJOR)
    findings.push(warning('Redis', `version ${version}`, `Update to Redis ${OLDEST_MAJOR} or newer.`));
  if (policy.startsWith('allkeys-')) {
    const fix = 'Set maxmemory-policy volatile-lru: what may be lost has a time to live.';
    findings.push(warning('Redis', `maxmemory-policy ${policy} may throw away API keys and limits`, fix));
  } else if (maxMemory > 0 && policy === 'noeviction') {
    const fix =
      'Raise maxmemory, or set maxmemory-policy volatile-lru, so that old answers make room for new ones; it may then forget what budgets have counted.';
    findings.push(warning('Redis', 'takes no more writes when its memory is full (maxmemory-policy noeviction)', fix));
  }
  if (pingMs > SLOW_PING_MS) {
    const fix = 'Put it next to the gateways: a completion waits a few milliseconds for it and then goes on without.';
    findings.push(warning('Redis', `answers in ${pingMs.toFixed(1)} ms`, fix));
  }
  return findings.length > 0
    ? findings
    : [ok('Redis', `version ${version}, answers in ${pingMs.toFixed(2)} ms, ${policy}`)];
}
