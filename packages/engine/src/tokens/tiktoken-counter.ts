import { Worker } from 'node:worker_threads';
import type { TokenCounter } from '@ghostline/inference';

/** Encodings of tiktoken: GPT-4o and later, GPT-4, Codex, GPT-2. */
export const TIKTOKEN_ENCODINGS = ['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base'] as const;
export type TiktokenEncoding = (typeof TIKTOKEN_ENCODINGS)[number];

export interface TiktokenTask {
  readonly id: number;
  readonly text: string;
}
export interface TiktokenAnswer {
  readonly id: number;
  readonly count: number;
}

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

interface Job {
  readonly text: string;
  readonly resolve: (count: number) => void;
  readonly reject: (error: unknown) => void;
}

/** tiktoken in a thread of its own, started by the first text and again when it has crashed. One text at a time. */
export function createTiktokenCounter(options: TiktokenCounterOptions): TokenCounter {
  const { encoding, maxQueued = MAX_QUEUED } = options;
  const url = options.workerUrl ?? new URL('./tiktoken-worker.ts', import.meta.url);
  const queue: Job[] = [];
  let worker: Worker | undefined;
  let running: { readonly id: number; readonly job: Job; readonly timer: NodeJS.Timeout } | undefined;
  let lastId = 0;
  let closed = false;

  function start(): Worker {
    const started = new Worker(url, { workerData: { encoding } });
    // Nothing that is only counted keeps the process alive.
    started.unref();
    started.on('message', ({ id, count }: TiktokenAnswer) => {
      if (running?.id === id) settle()?.resolve(count);
      next();
    });
    const ended = (error?: unknown) => {
      if (worker !== started) return;
      worker = undefined;
      settle()?.reject(new Error(`the thread of tiktoken ended${error instanceof Error ? ` (${error.name})` : ''}`));
      next();
    };
    started.on('error', ended);
    started.on('exit', () => ended());
    return started;
  }

  function settle(): Job | undefined {
    const job = running?.job;
    clearTimeout(running?.timer);
    running = undefined;
    return job;
  }

  function next(): void {
    if (running || closed) return;
    const job = queue.shift();
    if (!job) return;
    worker ??= start();
    lastId += 1;
    const timer = setTimeout(() => void worker?.terminate(), COUNT_TIMEOUT_MS).unref();
    running = { id: lastId, job, timer };
    worker.postMessage({ id: lastId, text: job.text } satisfies TiktokenTask);
  }

  return {
    count(text, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (closed) return reject(new Error('the counter of tokens is closed'));
        if (text === '') return resolve(0);
        if (queue.length >= maxQueued) return reject(new Error(`more than ${maxQueued} texts wait to be counted`));
        const done = () => signal.removeEventListener('abort', onAbort);
        const job: Job = {
          text,
          resolve: (count) => (done(), resolve(count)),
          reject: (error) => (done(), reject(error)),
        };
        function onAbort(): void {
          const at = queue.indexOf(job);
          if (at >= 0) queue.splice(at, 1);
          reject(signal.reason);
        }
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(job);
        next();
      });
    },
    async close() {
      closed = true;
      const error = new Error('the counter of tokens is closed');
      settle()?.reject(error);
      for (const job of queue.splice(0)) job.reject(error);
      const ending = worker;
      worker = undefined;
      await ending?.terminate();
    },
  };
}
