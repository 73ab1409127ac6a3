import { Worker } from 'node:worker_threads';
import type { NgramCandidate, NgramRequest } from '@ghostline/ngram-model';
import { InferenceError } from '../errors.ts';
import { ThreadPoolError, createThreadPool } from '../threads/thread-pool.ts';
import type { Endpoint, EndpointEvent, InferencePrompt } from '../types.ts';

export interface NgramEndpointOptions {
  readonly name: string;
  readonly region: string;
  /** Threads, started when needed. Default 2. */
  readonly workers?: number | undefined;
  readonly maxQueued?: number | undefined;
  readonly computeTimeoutMs?: number | undefined;
  /** The built worker, in a bundled program. Default: the source file beside this one. */
  readonly workerUrl?: URL | undefined;
}

/** What code has on average, for usage figures: the model has no tokens of its own. */
const CHARS_PER_TOKEN = 4;
/** A request takes a few ms: this many wait 0.3 s at most with two threads, after which nobody looks at the answer. */
const MAX_QUEUED = 64;
/** Its time is bounded by construction; a thread that needs a hundred times as long is stuck. */
const COMPUTE_TIMEOUT_MS = 1_000;

/** An endpoint kind: the embedded n-gram model, which answers from the request's own text without any download. */
export function createNgramEndpoint(options: NgramEndpointOptions): Endpoint {
  const { name, region, workers = 2, maxQueued = MAX_QUEUED, computeTimeoutMs = COMPUTE_TIMEOUT_MS } = options;
  const workerUrl = options.workerUrl ?? new URL('./ngram-worker.ts', import.meta.url);
  const pool = createThreadPool<NgramRequest, readonly NgramCandidate[]>({
    name: 'the n-gram model',
    createWorker: () => new Worker(workerUrl),
    threads: workers,
    startNow: true,
    maxQueued,
    first: 'newest',
    timeoutMs: computeTimeoutMs,
  });

  async function* open(prompt: InferencePrompt, signal: AbortSignal): AsyncGenerator<EndpointEvent> {
    const { prefix, suffix, snippets, continuation, sampling } = prompt;
    const before = prefix + continuation;
    const request = {
      prefix: before,
      suffix,
      snippets: snippets.map(({ text }) => text),
      maxChars: sampling.maxTokens * CHARS_PER_TOKEN,
      candidates: sampling.candidates,
      singleLine: sampling.singleLine,
    };
    const candidates = await pool.run(request, signal).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      const failure = error instanceof ThreadPoolError && error.reason === 'dropped' ? 'overloaded' : 'connect';
      throw new InferenceError(
        failure,
        name,
        `endpoint ${name}: ${error instanceof Error ? error.message : 'failed'}`,
        { cause: error },
      );
    });
    for (const [index, { text, cut }] of candidates.entries()) {
      yield { type: 'text', index, text };
      yield { type: 'end', index, reason: cut ? 'length' : 'stop' };
    }
    const read = before.length + suffix.length + snippets.reduce((sum, snippet) => sum + snippet.text.length, 0);
    const written = candidates.reduce((sum, { text }) => sum + text.length, 0);
    yield {
      type: 'usage',
      promptTokens: Math.ceil(read / CHARS_PER_TOKEN),
      completionTokens: Math.ceil(written / CHARS_PER_TOKEN),
      reckoned: true,
    };
  }

  return { name, region, embedded: true, open, close: () => pool.close() };
}
