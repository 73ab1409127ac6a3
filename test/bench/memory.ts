import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { Pool } from 'undici';
import { startGhostline } from '../harness/ghostline-server.ts';
import { type Inspector, attachInspector } from './inspector.ts';

const REQUESTS = 200_000;
const INTERVALS = 20;
const CONCURRENCY = 32;
/** Fewer do not make a line. */
const MIN_READINGS = 4;

interface Reading {
  readonly requests: number;
  readonly heapMiB: number;
  readonly externalMiB: number;
  readonly residentMiB: number;
  readonly cacheEntries: number;
}

/**
 * What two hundred thousand requests leave in a gateway's memory: its heap after a garbage collection at intervals, and the
 * slope of that. Of ten requests six are new prompts, two are repeated ones (answered from the cache), one is left by its
 * client after the first byte, and one is not valid. The prompt cache is meant to grow until it is full: the slope is that
 * after it, and its entries are shown beside.
 */
export async function memory(): Promise<unknown> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ghostline-bench-'));
  const upstream = fork(path.join(import.meta.dirname, 'upstream.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(upstream, 'message')) as [{ port: number }];
  const config = path.join(scratch, 'ghostline.yaml');
  writeFileSync(
    config,
    `limits: { requestsPerMinute: 100000000 }
log: { level: warn }
models: [{ name: bench, template: qwen2.5-coder, endpoints: [{ name: up, kind: openai, url: "http://127.0.0.1:${port}/v1" }] }]
`,
  );
  const ghostline = await startGhostline({
    dataDir: path.join(scratch, 'data'),
    config,
    env: { ...process.env, NODE_OPTIONS: '--inspect=127.0.0.1:0' },
  });
  try {
    // The first that listens is the gateway itself; the processes that it starts inherit the option.
    const [, address] = await ghostline.waitForOutput(/Debugger listening on (ws:\S+)/, 10_000);
    const inspector = await attachInspector(address!);
    const pool = new Pool(ghostline.url, { connections: CONCURRENCY });
    const readings: Reading[] = [];
    console.log('requests    heap MiB    external MiB    resident MiB    cache entries');
    for (let interval = 0; interval <= INTERVALS; interval++) {
      if (interval > 0) await send(pool, REQUESTS / INTERVALS);
      const reading = await readMemory(inspector, ghostline.url, (interval * REQUESTS) / INTERVALS);
      readings.push(reading);
      console.log(
        [reading.requests, reading.heapMiB, reading.externalMiB, reading.residentMiB, reading.cacheEntries]
          .map((figure, column) =>
            figure.toFixed(column === 0 || column === 4 ? 0 : 1).padStart([8, 11, 15, 15, 16][column]!),
          )
          .join(''),
      );
    }
    await pool.close();
    inspector.close();
    const flat = settledOf(readings);
    const heapBytesPerRequest = slope(flat.map(({ requests, heapMiB }) => [requests, heapMiB * 2 ** 20]));
    const residentBytesPerRequest = slope(flat.map(({ requests, residentMiB }) => [requests, residentMiB * 2 ** 20]));
    console.log(
      `\nfrom request ${flat[0]!.requests} on, the cache being as full as it gets: ${heapBytesPerRequest.toFixed(1)} bytes of heap` +
        ` and ${residentBytesPerRequest.toFixed(1)} resident bytes a request`,
    );
    return { readings, heapBytesPerRequest, residentBytesPerRequest };
  } finally {
    await ghostline.stop();
    await stopChild(upstream);
    rmSync(scratch, { recursive: true, force: true });
  }
}

const TEXT = readFileSync(path.join(import.meta.dirname, '../../packages/protocol/src/completion.ts'), 'utf8').slice(
  0,
  4_000,
);
const REPEATED = 100;
let serial = 0;

async function send(pool: Pool, requests: number): Promise<void> {
  let left = requests;
  const worker = async () => {
    while (left-- > 0) await one(pool, serial++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function one(pool: Pool, number: number): Promise<void> {
  const kind = number % 10;
  const prompt = kind === 6 || kind === 7 ? `again${number % REPEATED}` : `new${number}`;
  const body = JSON.stringify({
    prefix: `${TEXT}\nconst ${prompt} = `,
    suffix: '',
    language: 'typescript',
    trigger: kind === 9 ? 'never' : 'automatic',
    session_id: `session-${number % 5_000}`,
    sequence: number,
  });
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const response = await pool.request({ path: COMPLETIONS_PATH, method: 'POST', headers, body });
  const expected = kind === 9 ? 400 : 200;
  if (response.statusCode !== expected) throw new Error(`${response.statusCode}: ${await response.body.text()}`);
  if (kind !== 8) {
    await response.body.dump();
    return;
  }
  response.body.on('error', () => {});
  response.body.destroy();
}

async function readMemory(inspector: Inspector, url: string, requests: number): Promise<Reading> {
  // Rows about the last requests are on their way to the event log.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await inspector.collectGarbage();
  const { heapUsed, external, rss } = await inspector.memoryUsage();
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  return {
    requests,
    heapMiB: heapUsed / 2 ** 20,
    externalMiB: external / 2 ** 20,
    residentMiB: rss / 2 ** 20,
    cacheEntries: Number(/^ghostline_prompt_cache_entries ([\d.e+]+)/m.exec(metrics)?.[1]),
  };
}

/** Those since the cache grows no more; all but the first quarter, should it never come to that. */
function settledOf(readings: readonly Reading[]): readonly Reading[] {
  const last = readings.at(-1)!.cacheEntries;
  const full = readings.filter(({ cacheEntries }) => cacheEntries === last);
  return full.length >= MIN_READINGS ? full : readings.slice(Math.ceil(readings.length / 4));
}

/** Of the straight line that fits best (least squares). */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

async function stopChild(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}
