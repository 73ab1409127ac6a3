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
/** Until code is compiled and pools are filled; what grows after that grows for ever. */
const WARM_UP_SHARE = 0.25;

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
 * client after the first byte, and one is not valid. The prompt cache is meant to grow until it is full: its entries are shown
 * beside.
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
    const settled = readings.slice(Math.ceil(readings.length * WARM_UP_SHARE));
    const bytesPerRequest = slope(settled.map(({ requests, heapMiB }) => [requests, heapMiB * 2 ** 20]));
    const bytesPerEntry = slope(settled.map(({ cacheEntries, heapMiB }) => [cacheEntries, heapMiB * 2 ** 20]));
    console.log(
      `\nheap after the warm-up: ${bytesPerRequest.toFixed(1)} bytes a request` +
        ` (${bytesPerEntry.toFixed(0)} bytes for each entry that the prompt cache grew by)`,
    );
    return { readings, bytesPerRequest, bytesPerEntry };
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
