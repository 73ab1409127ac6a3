import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { startGhostline } from '../harness/ghostline-server.ts';
import { type LoadResult, load, median, percentile } from './load.ts';
import { cpuOf } from './process-cpu.ts';

/** A path that requests can take to the same upstream, and how to read the CPU time of what stands in it, in µs. */
interface Subject {
  readonly name: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: () => string;
  readonly cpu: () => Promise<number>;
}

interface Sample extends Omit<LoadResult, 'firstByteMs'> {
  readonly p50: number;
  readonly p99: number;
  readonly cpuPerRequest: number;
}

/** Enough for a p99 of 30 samples at least, few enough for a run of about a minute. */
const ROUNDS = 5;
const REQUESTS = { 1: 300, 64: 1500 } as const;
type Concurrency = keyof typeof REQUESTS;

/** Of a hit: what stands beside it is another floor. */
const HIT = { subject: 'cache hit', floor: 'constant' } as const;

/**
 * The same scripted upstream behind (a) nothing, (b) a 20-line Hono + undici proxy and (c) Ghostline with authentication and
 * telemetry on. 30 KB bodies, every prompt different, streamed. Rounds are interleaved, so that a slow moment of the machine
 * hits all three; figures are medians over rounds, results are ratios to (b). Then one prompt again and again, which the cache
 * answers, beside (d) a Hono route that authenticates, reads the body and answers the same bytes.
 */
export async function gateway(): Promise<unknown> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ghostline-bench-'));
  const stops: (() => Promise<unknown> | void)[] = [() => rmSync(scratch, { recursive: true, force: true })];
  try {
    const upstream = await startChild('upstream.ts', []);
    stops.unshift(upstream.stop);
    const floor = await startChild('floor-proxy.ts', [upstream.url]);
    stops.unshift(floor.stop);
    const key = 'bench-key';
    writeFileSync(path.join(scratch, 'ghostline.yaml'), configuration(upstream.url, key));
    const ghostline = await startGhostline({
      dataDir: path.join(scratch, 'data'),
      config: path.join(scratch, 'ghostline.yaml'),
    });
    stops.unshift(ghostline.stop);

    const constant = await startChild('constant-route.ts', [key]);
    stops.unshift(constant.stop);

    const json = { 'content-type': 'application/json' };
    const streamed = { ...json, accept: 'text/event-stream', authorization: `Bearer ${key}` };
    const openAi = { headers: json, body: openAiBody };
    const subjects: Subject[] = [
      { name: 'nothing', url: new URL('/v1/completions', upstream.url), ...openAi, cpu: async () => 0 },
      { name: 'floor', url: new URL('/v1/completions', floor.url), ...openAi, cpu: () => cpuOf(floor.child) },
      {
        name: 'ghostline',
        url: new URL(COMPLETIONS_PATH, ghostline.url),
        headers: streamed,
        body: () => ghostlineBody(serial++),
        cpu: () => cpuFromMetrics(ghostline.url),
      },
    ];
    const again: Subject[] = [
      {
        name: HIT.floor,
        url: new URL(COMPLETIONS_PATH, constant.url),
        headers: streamed,
        body: () => ghostlineBody(0),
        cpu: () => cpuOf(constant.child),
      },
      {
        name: HIT.subject,
        url: new URL(COMPLETIONS_PATH, ghostline.url),
        headers: streamed,
        body: () => ghostlineBody(0),
        cpu: () => cpuFromMetrics(ghostline.url),
      },
    ];
    // Warm-up: JIT and connections.
    for (const subject of [...subjects, ...again]) await measure(subject, 64);
    const results = {
      1: await inRounds(subjects, 1),
      64: await inRounds(subjects, 64),
      hits: await inRounds(again, 64),
    };
    print(results);
    return results;
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Medians over rounds, by subject. */
async function inRounds(subjects: readonly Subject[], concurrency: Concurrency): Promise<Record<string, Sample>> {
  const rounds: Record<string, Sample[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) (rounds[subject.name] ??= []).push(await measure(subject, concurrency));
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, samples]) => [name, medians(samples)]));
}

async function measure({ url, headers, body, cpu }: Subject, concurrency: Concurrency): Promise<Sample> {
  const requests = REQUESTS[concurrency];
  const before = await cpu();
  const { firstByteMs, requestsPerSecond } = await load(url, { requests, concurrency, headers, body });
  const cpuPerRequest = ((await cpu()) - before) / requests;
  return { requestsPerSecond, cpuPerRequest, p50: percentile(firstByteMs, 0.5), p99: percentile(firstByteMs, 0.99) };
}

function medians(samples: Sample[]): Sample {
  const of = (field: keyof Sample) => median(samples.map((sample) => sample[field]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    cpuPerRequest: of('cpuPerRequest'),
    p50: of('p50'),
    p99: of('p99'),
  };
}

interface Results extends Record<Concurrency, Record<string, Sample>> {
  readonly hits: Record<string, Sample>;
}

function print(results: Results): void {
  for (const concurrency of [1, 64] as const) {
    printTable(`concurrency ${concurrency}`, results[concurrency], 'floor');
    const { floor, ghostline } = results[concurrency];
    const added = (field: 'p50' | 'p99') => (ghostline![field] - floor![field]).toFixed(2);
    console.log(`added time to first byte over the floor: p50 ${added('p50')} ms, p99 ${added('p99')} ms`);
  }
  printTable('cache, at 64', results.hits, HIT.floor);
}

function printTable(title: string, samples: Record<string, Sample>, floorName: string): void {
  const floor = samples[floorName]!;
  const columns = ['first byte p50', 'first byte p99', 'requests/s', 'CPU per request   (× floor)'];
  console.log(`\n${title.padEnd(18)}${columns.join('      ')}`);
  for (const [name, sample] of Object.entries(samples)) {
    const cell = (field: keyof Sample, unit: string, scale = 1) =>
      `${(sample[field] * scale).toFixed(2).padStart(9)} ${unit} ${`×${(sample[field] / floor[field]).toFixed(2)}`.padEnd(7)}`;
    console.log(
      `${name.padEnd(14)} ${cell('p50', 'ms')} ${cell('p99', 'ms')} ${cell('requestsPerSecond', '/s')} ${cell('cpuPerRequest', 'ms', 1e-3)}`,
    );
  }
}

/** Real code of this repository as material; the counter makes every prompt new, so that no cache answers. */
const material = readFileSync(
  path.join(import.meta.dirname, '../../packages/protocol/src/completion.ts'),
  'utf8',
).repeat(6);
let serial = 0;
let sequence = 0;
const PREFIX = material.slice(0, 14_000);
const SUFFIX = material.slice(14_000, 20_000);
const NEIGHBOUR = material.slice(20_000, 30_000);

function ghostlineBody(value: number): string {
  sequence += 1;
  return JSON.stringify({
    prefix: `${PREFIX}\nconst value${value} = `,
    suffix: SUFFIX,
    language: 'typescript',
    path: 'src/completion.ts',
    snippets: [{ path: 'src/neighbour.ts', text: NEIGHBOUR, source: 'open_file' }],
    trigger: 'automatic',
    session_id: `bench-${sequence % 64}`,
    sequence,
  });
}

function openAiBody(): string {
  const prompt = `<|fim_prefix|>${NEIGHBOUR}${PREFIX}\nconst value${serial++} = <|fim_suffix|>${SUFFIX}<|fim_middle|>`;
  return JSON.stringify({ model: 'bench', prompt, max_tokens: 64, temperature: 0, stream: true });
}

function configuration(upstream: string, key: string): string {
  const sha256 = createHash('sha256').update(key).digest('hex');
  return `listen: { port: 0 }
auth: { keys: [ { id: bench, sha256: ${sha256}, org: bench, team: bench, user: bench, roles: [developer] } ] }
limits: { requestsPerMinute: 100000000 }
log: { level: warn }
models:
  - { name: bench, template: qwen2.5-coder, contextTokens: 16384, endpoints: [ { name: up, kind: openai, url: "${upstream}/v1" } ] }
`;
}

async function startChild(
  file: string,
  args: string[],
): Promise<{ url: string; child: ChildProcess; stop: () => Promise<void> }> {
  const child = fork(path.join(import.meta.dirname, file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ port }] = await once(child, 'message');
  const stop = async () => {
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  };
  return { url: `http://127.0.0.1:${port}`, child, stop };
}

/** CPU of the gateway process with all its threads, from its own metrics; scraping costs a few ms over hundreds of requests. */
async function cpuFromMetrics(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const seconds = /^process_cpu_seconds_total ([\d.e+-]+)/m.exec(text)?.[1];
  return Number(seconds) * 1e6;
}
