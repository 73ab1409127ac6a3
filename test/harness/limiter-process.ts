/**
 * A gateway's limiter alone, behind a loopback HTTP server: `POST /` is a request, `GET /` tells how it went so far. Started
 * with the settings of Redis and the limits, both as JSON.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import {
  type LimitSettings,
  createLimiter,
  createRedisPermitStore,
  createRedisStopStore,
  createStopBoard,
} from '@ghostline/limits';
import { connectRedis } from '../../apps/server/src/compose/redis.ts';
import type { RedisSettings } from '../../apps/server/src/config/index.ts';
import { createLog } from '../../apps/server/src/log.ts';

/** What `GET /` answers, since the last time. Times in milliseconds, of the limiter alone. */
export interface LimiterReport {
  readonly passed: number;
  readonly refused: number;
  readonly away: boolean;
  readonly gateways: number;
  /** Requests that had to wait for the store, in order: how long, and how late a timer was that began with them. */
  readonly waits: readonly { readonly ms: number; readonly lateMs: number }[];
  /** How late this process was meanwhile with what it was to do, whoever kept it from it. */
  readonly loop: { readonly p99Ms: number; readonly maxMs: number };
}

/** A timer of the same length as the limiter's own for a request, so that what makes both late is told apart. */
const WITNESS_MS = 5;

const [redisSettings = '', limits = '{}'] = process.argv.slice(2);
const log = createLog({ level: 'silent', region: 'test' }, process.stderr);
const { limits: redis } = connectRedis({ redis: JSON.parse(redisSettings) as RedisSettings }, log);
if (!redis) throw new Error('started without the settings of Redis');
const limiter = createLimiter({
  store: createRedisPermitStore(redis),
  stops: createStopBoard({ store: createRedisStopStore(redis) }),
  settings: { limits: JSON.parse(limits) as LimitSettings, budgets: {}, stopWhen: {} },
});
const principal = { keyId: 'load', org: 'load', team: 'load', user: 'load' };
let passed = 0;
let refused = 0;
let waits: Promise<LimiterReport['waits'][number]>[] = [];
const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();

/** How late a timer is that begins now. */
function witness(began: number): Promise<number> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(Math.max(0, performance.now() - began - WITNESS_MS)), WITNESS_MS);
  });
}

async function decide(): Promise<boolean> {
  const began = performance.now();
  const asked = limiter.admit(principal, { trigger: 'manual', tokens: 0, cost: 0 });
  if (asked instanceof Promise) {
    const late = witness(began);
    waits.push(asked.then(async () => ({ ms: performance.now() - began, lateMs: await late })));
  }
  const admission = await asked;
  if (admission.kind === 'refused') {
    refused += 1;
    return false;
  }
  admission.ticket.settle({ tokens: 0, cost: 0 });
  passed += 1;
  return true;
}

async function report(): Promise<LimiterReport> {
  const since = { passed, refused, waits: await Promise.all(waits) };
  const lateness = { p99Ms: loop.percentile(99) / 1e6, maxMs: loop.max / 1e6 };
  [passed, refused, waits] = [0, 0, []];
  loop.reset();
  const { away, gateways } = limiter.state();
  return { ...since, loop: lateness, away, gateways };
}

const server = createServer((request, response) => {
  if (request.method === 'GET') void report().then((told) => response.end(JSON.stringify(told)));
  else void decide().then((yes) => response.writeHead(yes ? 204 : 429).end());
});
redis.once('ready', () => {
  limiter.start();
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
  });
});
process.once('SIGTERM', () => process.exit(0));
