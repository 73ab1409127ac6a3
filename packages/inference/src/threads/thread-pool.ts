import type { Worker } from 'node:worker_threads';

export interface ThreadPoolOptions {
  /** Who works, as it stands in messages: `the n-gram model`. */
  readonly name: string;
  /** A thread that answers each message as `answerTasks` does. */
  readonly createWorker: () => Worker;
  /** At most so many at a time, each started when it is needed. */
  readonly threads: number;
  /** Whether the first one is started at once, so that no task waits for it to load. */
  readonly startNow: boolean;
  /** Tasks that may wait for a thread. */
  readonly maxQueued: number;
  /**
   * The waiting task that is served first, and how room is made. `newest`: the oldest is dropped, as what has waited longest is
   * the least likely to be wanted still. `oldest`: no more are taken.
   */
  readonly first: 'newest' | 'oldest';
  /** A task that computes longer takes its thread with it. */
  readonly timeoutMs: number;
}

/** `dropped`: too many tasks wait. `crashed`: the thread ended, or took longer than the timeout. */
export class ThreadPoolError extends Error {
  override readonly name = 'ThreadPoolError';
  readonly reason: 'dropped' | 'crashed' | 'closed';
  constructor(reason: ThreadPoolError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface ThreadPool<Input, Output> {
  /** Rejects with ThreadPoolError, or with the signal's reason at once when it aborts. */
  run(input: Input, signal: AbortSignal): Promise<Output>;
  close(): Promise<void>;
}

/** What goes to a thread, and what comes back: an answer to an earlier task is nobody's any more. */
export interface ThreadTask<Input> {
  readonly id: number;
  readonly input: Input;
}
export interface ThreadAnswer<Output> {
  readonly id: number;
  readonly output: Output;
}

interface Job<Input, Output> {
  readonly input: Input;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread<Input, Output> {
  readonly worker: Worker;
  job: Job<Input, Output> | undefined;
  taskId: number;
  /** Runs its code: loading it is not computing. */
  online: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** What computes for milliseconds, off the event loop: one task at a time in each thread; one that ends is replaced. */
export function createThreadPool<Input, Output>(options: ThreadPoolOptions): ThreadPool<Input, Output> {
  const { name, createWorker, threads: maxThreads, startNow, maxQueued, first, timeoutMs } = options;
  const threads = new Set<Thread<Input, Output>>();
  const queue: Job<Input, Output>[] = [];
  let lastId = 0;
  let closed = false;

  function addThread(): Thread<Input, Output> {
    const worker = createWorker();
    const thread: Thread<Input, Output> = { worker, job: undefined, taskId: 0, online: false, timer: undefined };
    threads.add(thread);
    worker.unref();
    worker.once('online', () => {
      thread.online = true;
      if (thread.job) limitTime(thread);
    });
    worker.on('message', ({ id, output }: ThreadAnswer<Output>) => {
      if (id !== thread.taskId) return;
      release(thread)?.resolve(output);
      next(thread);
    });
    const ended = (error?: unknown) => {
      if (!threads.delete(thread)) return;
      const why = error instanceof Error ? ` (${error.name})` : '';
      release(thread)?.reject(new ThreadPoolError('crashed', `a thread of ${name} ended${why}`));
      if (queue.length > 0) next(addThread());
    };
    worker.on('error', ended);
    worker.on('exit', () => ended());
    return thread;
  }

  function release(thread: Thread<Input, Output>): Job<Input, Output> | undefined {
    const { job } = thread;
    clearTimeout(thread.timer);
    thread.job = undefined;
    thread.worker.unref();
    return job;
  }

  function limitTime(thread: Thread<Input, Output>): void {
    thread.timer = setTimeout(() => void thread.worker.terminate(), timeoutMs);
  }

  function next(thread: Thread<Input, Output>): void {
    const job = first === 'newest' ? queue.pop() : queue.shift();
    if (!job) return;
    lastId += 1;
    thread.taskId = lastId;
    thread.job = job;
    // An unfinished task keeps the process alive, an idle pool does not.
    thread.worker.ref();
    if (thread.online) limitTime(thread);
    thread.worker.postMessage({ id: lastId, input: job.input } satisfies ThreadTask<Input>);
  }

  /** The task that there is no room for, when more wait than may. */
  function takeSurplus(): Job<Input, Output> | undefined {
    if (queue.length <= maxQueued) return undefined;
    return first === 'newest' ? queue.shift() : queue.pop();
  }

  if (startNow) addThread();

  return {
    run(input, signal) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new ThreadPoolError('closed', `${name} is closed`));
        if (signal.aborted) return reject(signal.reason);
        const settled = () => signal.removeEventListener('abort', onAbort);
        const job: Job<Input, Output> = {
          input,
          resolve: (output) => (settled(), resolve(output)),
          reject: (error) => (settled(), reject(error)),
        };
        function onAbort(): void {
          const at = queue.indexOf(job);
          if (at >= 0) queue.splice(at, 1);
          // One that is being computed goes on to its end: its result is dropped.
          reject(signal.reason);
        }
        signal.addEventListener('abort', onAbort, { once: true });
        queue.push(job);
        const idle =
          [...threads].find((thread) => thread.job === undefined) ??
          (threads.size < maxThreads ? addThread() : undefined);
        if (idle) next(idle);
        takeSurplus()?.reject(new ThreadPoolError('dropped', `more than ${maxQueued} tasks wait for ${name}`));
      });
    },
    async close() {
      closed = true;
      const error = new ThreadPoolError('closed', `${name} is closed`);
      for (const job of queue.splice(0)) job.reject(error);
      const ending = [...threads];
      for (const thread of ending) release(thread)?.reject(error);
      threads.clear();
      await Promise.all(ending.map(({ worker }) => worker.terminate()));
    },
  };
}
