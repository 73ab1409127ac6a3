/**
 * A gateway's limiter alone, behind a loopback HTTP server: `POST /` is a request, `GET /` tells how it went so far. Started
 * with the URL of Redis and the limits as JSON.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import {
  type LimitSettings,
  createLimiter,
  createRedisPermitStore,
  createRedisStopStore,
  createStopBoard,
} from '@ghostline/limits';
import { Redis } from 'ioredis';
import { redisOptions } from '../../apps/server/src/redis-client.ts';

/** What `GET /` answers. Times in milliseconds, of the limiter alone. */
export interface LimiterReport {
  readonly passed: number;
  readonly refused: number;
  readonly away: boolean;
  readonly gateways: number;
  /** The longest any request waited for an answer of the limiter since the last report, and how late timers were meanwhile. */
  readonly longestMs: number;
  /** 99 of 100 waited no longer. */
  readonly p99Ms: number;
  readonly lagMs: number;
}

const LAG_EVERY_MS = 5;

const [redisUrl = '', limits = '{}'] = process.argv.slice(2);
const redis = new Redis(redisUrl, redisOptions());
redis.on('error', () => {});
const limiter = createLimiter({
  store: createRedisPermitStore(redis),
  stops: createStopBoard({ store: createRedisStopStore(redis) }),
  settings: { limits: JSON.parse(limits) as LimitSettings, budgets: {}, stopWhen: {} },
});
const principal = { keyId: 'load', org: 'load', team: 'load', user: 'load' };
let passed = 0;
let refused = 0;
let waits: number[] = [];
let lagMs = 0;

let expectedAt = performance.now() + LAG_EVERY_MS;
setInterval(() => {
  lagMs = Math.max(lagMs, performance.now() - expectedAt);
  expectedAt = performance.now() + LAG_EVERY_MS;
}, LAG_EVERY_MS);

async function decide(): Promise<boolean> {
  const began = performance.now();
  const admission = await limiter.admit(principal, { trigger: 'manual', tokens: 0, cost: 0 });
  waits.push(performance.now() - began);
  if (admission.kind === 'refused') {
    refused += 1;
    return false;
  }
  admission.ticket.settle({ tokens: 0, cost: 0 });
  passed += 1;
  return true;
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    const sorted = waits.toSorted((a, b) => a - b);
    const longestMs = sorted.at(-1) ?? 0;
    const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    const report: LimiterReport = { passed, refused, longestMs, p99Ms, lagMs, ...limiter.state() };
    waits = [];
    lagMs = 0;
    response.end(JSON.stringify(report));
    return;
  }
  void decide().then((yes) => response.writeHead(yes ? 204 : 429).end());
});
redis.once('ready', () => {
  limiter.start();
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
  });
});
process.once('SIGTERM', () => process.exit(0));
