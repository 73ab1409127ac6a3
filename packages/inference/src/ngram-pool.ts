import type { Worker } from 'node:worker_threads';
import type { NgramAnswer, NgramCandidate, NgramRequest, NgramTask } from '@ghostline/ngram-model';

export interface NgramPoolOptions {
  readonly workers: number;
  /** More waiting requests push out the oldest. */
  readonly maxQueued: number;
  /** A request that computes longer takes its thread with it. */
  readonly computeTimeoutMs: number;
  readonly createWorker: () => Worker;
}

/** `dropped`: newer requests filled the queue. `crashed`: the thread ended, or took longer than the timeout. */
export class NgramPoolError extends Error {
  override readonly name = 'NgramPoolError';
  readonly reason: 'dropped' | 'crashed' | 'closed';
  constructor(reason: NgramPoolError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface NgramPool {
  /** Rejects with NgramPoolError, or with the signal's reason at once when it aborts. */
  run(request: NgramRequest, signal: AbortSignal): Promise<readonly NgramCandidate[]>;
  close(): Promise<void>;
}

interface Job {
  readonly request: NgramRequest;
  readonly resolve: (candidates: readonly NgramCandidate[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  job: Job | undefined;
  /** Of the job: an answer to an earlier one is nobody's any more. */
  taskId: number;
  /** Runs its code: loading it is not computing. */
  online: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The n-gram model in threads, off the event loop. The newest request goes first and the oldest is dropped: with keystrokes,
 * what has waited longest is the least likely to be wanted still.
 */
export function createNgramPool({ workers, maxQueued, computeTimeoutMs, createWorker }: NgramPoolOptions): NgramPool {
  const threads = new Set<Thread>();
  const queue: Job[] = [];
  let lastId = 0;
  let closed = false;

  function addThread(): Thread {
    const thread: Thread = { worker: createWorker(), job: undefined, taskId: 0, online: false, timer: undefined };
    threads.add(thread);
    thread.worker.unref();
    thread.worker.once('online', () => {
      thread.online = true;
      if (thread.job) limitTime(thread);
    });
    thread.worker.on('message', ({ id, candidates }: NgramAnswer) => {
      if (id !== thread.taskId) return;
      finish(thread)?.resolve(candidates);
      next(thread);
    });
    const ended = (error?: unknown) => {
      if (!threads.delete(thread)) return;
      finish(thread)?.reject(
        new NgramPoolError(
          'crashed',
          `a thread of the n-gram model ended${error instanceof Error ? ` (${error.name})` : ''}`,
        ),
      );
      if (queue.length > 0 && !closed) next(addThread());
    };
    thread.worker.on('error', ended);
    thread.worker.on('exit', () => ended());
    return thread;
  }

  function finish(thread: Thread): Job | undefined {
    const { job } = thread;
    clearTimeout(thread.timer);
    thread.job = undefined;
    thread.worker.unref();
    return job;
  }

  function limitTime(thread: Thread): void {
    thread.timer = setTimeout(() => void thread.worker.terminate(), computeTimeoutMs);
  }

  function next(thread: Thread): void {
    const job = queue.pop();
    if (!job) return;
    lastId += 1;
    thread.taskId = lastId;
    thread.job = job;
    // An unfinished request keeps the process alive, an idle pool does not.
    thread.worker.ref();
    if (thread.online) limitTime(thread);
    thread.worker.postMessage({ id: lastId, request: job.request } satisfies NgramTask);
  }

  // The first request must not wait for a thread to load.
  addThread();

  return {
    run(request, signal) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new NgramPoolError('closed', 'the n-gram model is shut down'));
        if (signal.aborted) return reject(signal.reason);
        const settled = () => signal.removeEventListener('abort', onAbort);
        const job: Job = {
          request,
          resolve: (candidates) => (settled(), resolve(candidates)),
          reject: (error) => (settled(), reject(error)),
        };
        function onAbort(): void {
          const at = queue.indexOf(job);
          if (at >= 0) queue.splice(at, 1);
          // One that is being computed is a few ms from its end: its result is dropped.
          reject(signal.reason);
        }
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(job);
        const idle =
          [...threads].find((thread) => thread.job === undefined) ?? (threads.size < workers ? addThread() : undefined);
        if (idle) next(idle);
        if (queue.length > maxQueued)
          queue
            .shift()
            ?.reject(new NgramPoolError('dropped', `more than ${maxQueued} requests wait for the n-gram model`));
      });
    },
    async close() {
      closed = true;
      const error = new NgramPoolError('closed', 'the n-gram model is shut down');
      for (const job of queue.splice(0)) job.reject(error);
      const ending = [...threads];
      for (const thread of ending) finish(thread)?.reject(error);
      threads.clear();
      await Promise.all(ending.map(({ worker }) => worker.terminate()));
    },
  };
}
