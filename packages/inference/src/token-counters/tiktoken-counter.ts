import { Worker } from 'node:worker_threads';
import { createThreadPool } from '../threads/thread-pool.ts';
import type { TokenCounter } from '../types.ts';

/** Encodings of tiktoken: GPT-4o and later, GPT-4, Codex, GPT-2. */
export const TIKTOKEN_ENCODINGS = ['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base'] as const;
export type TiktokenEncoding = (typeof TIKTOKEN_ENCODINGS)[number];

export interface TiktokenCounterOptions {
  readonly encoding: TiktokenEncoding;
  /** The built worker, in a bundled program. Default: the source file beside this one. */
  readonly workerUrl?: URL | undefined;
  /** More waiting texts are refused. Default 16: half a second of work. */
  readonly maxQueued?: number | undefined;
}

/** tiktoken takes about 1 ms for 1,200 characters: the longest prompt takes a quarter of a second, a thread that has hung longer. */
const COUNT_TIMEOUT_MS = 5_000;
const MAX_QUEUED = 16;

/** tiktoken in a thread of its own, started by the first text and again when it has crashed. One text at a time. */
export function createTiktokenCounter({ encoding, workerUrl, maxQueued }: TiktokenCounterOptions): TokenCounter {
  const url = workerUrl ?? new URL('./tiktoken-worker.ts', import.meta.url);
  const pool = createThreadPool<string, number>({
    name: 'the counter of tokens',
    createWorker: () => new Worker(url, { workerData: { encoding } }),
    threads: 1,
    startNow: false,
    maxQueued: maxQueued ?? MAX_QUEUED,
    first: 'oldest',
    timeoutMs: COUNT_TIMEOUT_MS,
  });
  return {
    count: (text, signal) => (text === '' && !signal.aborted ? Promise.resolve(0) : pool.run(text, signal)),
    close: () => pool.close(),
  };
}
