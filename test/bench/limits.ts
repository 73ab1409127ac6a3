import { setTimeout as sleep } from 'node:timers/promises';
import { type Flood, type LimiterFronts, redisAt, startLimiterFronts } from '../harness/limiter-fronts.ts';
import type { LimiterReport } from '../harness/limiter-process.ts';
import { startRedis } from '../harness/redis-server.ts';
import { percentile } from './load.ts';

const GATEWAYS = 4;
const PER_SECOND = 100;
/** A tenth of a minute. */
const BURST = 600;
const TIMES_THE_LIMIT = 10;
const WITH_REDIS_S = 10;
const KILLED_AFTER_S = 2;
const KILLED_RUN_S = 8;

/** What is aimed at. */
const AIM_SHARE = 0.02;
const AIM_LONGER_MS = 10;

/**
 * Limits of four processes that share a Redis, at ten times what is allowed: how much passes, and how long requests wait for the
 * limiter, with Redis and while it is killed. The same processes say how late a timer of the same length was that began with
 * each wait: what is left of a wait without that is the limiter's own, whatever else the machine does.
 */
export async function limits(): Promise<unknown> {
  const redis = await startRedis();
  let all: LimiterFronts | undefined;
  try {
    all = await startLimiterFronts(GATEWAYS, redisAt(redis.port), {
      everything: { requestsPerMinute: PER_SECOND * 60 },
    });
    await all.reports();
    const began = performance.now();
    const whole = await all.flood(PER_SECOND * TIMES_THE_LIMIT, WITH_REDIS_S);
    const share = passedShare(whole.passed, whole.seconds);
    const withRedis = waitsOf(await all.reports());

    const killing = sleep(KILLED_AFTER_S * 1000).then(() => process.kill(redis.pid, 'SIGKILL'));
    const killed = await all.flood(PER_SECOND * TIMES_THE_LIMIT, KILLED_RUN_S);
    // The pause between the runs refills, too.
    const total = passedShare(whole.passed + killed.passed, (performance.now() - began) / 1000);
    await killing;
    const whileKilled = waitsOf(await all.reports());

    const longerMs = whileKilled.ownMaxMs - withRedis.ownMaxMs;
    print([
      { run: 'with Redis', ...whole, ...withRedis },
      { run: `killed after ${KILLED_AFTER_S} s`, ...killed, ...whileKilled },
    ]);
    const percent = (ratio: number) => `${(100 * ratio - 100).toFixed(2)} %`;
    console.log(`
what passed with Redis, against a burst and the rate: ${percent(share)} (aim: within ${100 * AIM_SHARE} %)
the longest wait, without what made timers late: ${longerMs.toFixed(2)} ms longer when Redis is killed (aim: at most ${AIM_LONGER_MS})
what passed in both runs, against a burst and the rate: ${percent(total)} (aim: bounded, at most ${100 * AIM_SHARE} % more)`);
    return {
      withRedis: { ...whole, ...withRedis, share },
      killed: { ...killed, ...whileKilled, longerMs },
      total,
      met: Math.abs(share - 1) <= AIM_SHARE && longerMs <= AIM_LONGER_MS && total <= 1 + AIM_SHARE,
    };
  } finally {
    await all?.stop();
    await redis.stop();
  }
}

function passedShare(passed: number, seconds: number): number {
  return passed / (BURST + PER_SECOND * seconds);
}

function waitsOf(reports: readonly LimiterReport[]) {
  const waits = reports.flatMap((report) => report.waits);
  const all = waits.map(({ ms }) => ms);
  const own = waits.map(({ ms, lateMs }) => Math.max(0, ms - lateMs));
  return {
    waited: waits.length,
    p50Ms: all.length === 0 ? 0 : percentile(all, 0.5),
    p99Ms: all.length === 0 ? 0 : percentile(all, 0.99),
    maxMs: Math.max(0, ...all),
    ownMaxMs: Math.max(0, ...own),
    loopP99Ms: Math.max(...reports.map(({ loop }) => loop.p99Ms)),
    loopMaxMs: Math.max(...reports.map(({ loop }) => loop.maxMs)),
  };
}

function print(runs: readonly (Flood & ReturnType<typeof waitsOf> & { readonly run: string })[]): void {
  const columns = ['asked', 'passed', 'waited', 'p50 ms', 'p99 ms', 'max ms', 'own max', 'loop p99', 'loop max'];
  console.log(`\n${''.padEnd(20)}${columns.map((name) => name.padStart(10)).join('')}`);
  for (const { run, asked, passed, waited, ...times } of runs) {
    const { p50Ms, p99Ms, maxMs, ownMaxMs, loopP99Ms, loopMaxMs } = times;
    const counts = [asked, passed, waited].map(String);
    const ms = [p50Ms, p99Ms, maxMs, ownMaxMs, loopP99Ms, loopMaxMs].map((each) => each.toFixed(2));
    console.log(`${run.padEnd(20)}${[...counts, ...ms].map((text) => text.padStart(10)).join('')}`);
  }
}
