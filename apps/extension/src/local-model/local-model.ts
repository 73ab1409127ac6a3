/** The embedded model beside the editor, in a worker that is there only while it is wanted. */
import type { LocalModel, SetTimer } from '@ghostline/client';
import type { NgramAnswer, NgramCandidate, NgramRequest } from '@ghostline/ngram-model';
import { realTimer } from '../timer.ts';
import type { StartWorker, WorkerPort } from './worker-port.ts';

/** The model stops by itself after some 30 ms; a worker that needs thirty times as long is stuck. */
const ANSWER_WITHIN_MS = 1_000;
/** Longer than a pause for thought: a start takes 50 ms, an idle worker some 10 MB. */
const END_AFTER_IDLE_MS = 5 * 60_000;

/**
 * Why a request has no answer, besides its own signal. `failed`: the worker could not be started, or has ended;
 * `timed-out`: it was ended; `disposed`: nothing is answered any more.
 */
export class LocalModelError extends Error {
  override readonly name = 'LocalModelError';
  readonly reason: 'failed' | 'timed-out' | 'disposed';
  constructor(reason: LocalModelError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface LocalModelOptions {
  readonly startWorker: StartWorker;
  /** The worker failed or was stuck. The next request starts another. */
  readonly onTrouble?: (error: LocalModelError) => void;
  readonly setTimer?: SetTimer;
}

interface Job {
  readonly request: NgramRequest;
  readonly resolve: (candidates: readonly NgramCandidate[]) => void;
  readonly reject: (reason: unknown) => void;
}

type Worker =
  | { readonly kind: 'none' }
  | { readonly kind: 'starting'; readonly controller: AbortController }
  | { readonly kind: 'idle'; readonly port: WorkerPort; readonly cancelTimer: () => void }
  /** `job` stays when its caller has left: until its answer comes, the worker is not free. */
  | {
      readonly kind: 'busy';
      readonly port: WorkerPort;
      readonly cancelTimer: () => void;
      readonly id: number;
      readonly job: Job;
    };

const NONE: Worker = { kind: 'none' };

/**
 * One request is computed and one waits at most: of those that wait only the newest is still wanted, so it takes the place
 * of the one before, which resolves empty. (To reject it would tell of a model in trouble, which is then left alone.)
 */
export function createLocalModel(options: LocalModelOptions): LocalModel & { dispose(): void } {
  const { startWorker, onTrouble = () => {}, setTimer = realTimer } = options;
  let worker: Worker = NONE;
  let waiting: Job | undefined;
  let lastId = 0;
  let isDisposed = false;

  /** Gives the waiting request to the worker, if both are there. */
  function proceed(): void {
    if (!waiting) return;
    if (worker.kind === 'none') void start();
    else if (worker.kind === 'idle') compute(worker);
  }

  async function start(): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    worker = { kind: 'starting', controller };
    const events = {
      onMessage: (answer: NgramAnswer) => answered(answer),
      // What an error of the worker says may hold code.
      onError: (error: Error) => lost(new LocalModelError('failed', `The worker ended (${error.name})`)),
    };
    try {
      const port = await startWorker(events, signal);
      if (signal.aborted) return port.terminate();
      rest(port);
    } catch (error) {
      if (signal.aborted) return;
      worker = NONE;
      const trouble = new LocalModelError('failed', `The worker could not be started: ${String(error)}`);
      onTrouble(trouble);
      waiting?.reject(trouble);
    }
    proceed();
  }

  function rest(port: WorkerPort): void {
    const cancelTimer = setTimer(() => {
      port.terminate();
      worker = NONE;
    }, END_AFTER_IDLE_MS);
    worker = { kind: 'idle', port, cancelTimer };
  }

  function compute({ port, cancelTimer: stay }: Extract<Worker, { kind: 'idle' }>): void {
    const job = waiting!;
    waiting = undefined;
    stay();
    lastId += 1;
    const cancelTimer = setTimer(
      () => lost(new LocalModelError('timed-out', `The worker did not answer within ${ANSWER_WITHIN_MS / 1000} s`)),
      ANSWER_WITHIN_MS,
    );
    worker = { kind: 'busy', port, cancelTimer, id: lastId, job };
    port.postMessage({ id: lastId, request: job.request });
  }

  function answered({ id, candidates }: NgramAnswer): void {
    if (worker.kind !== 'busy' || worker.id !== id) return;
    const { port, cancelTimer, job } = worker;
    cancelTimer();
    rest(port);
    job.resolve(candidates);
    proceed();
  }

  /** The worker is of no use any more. What waits had no part in that, and gets another. */
  function lost(trouble: LocalModelError): void {
    const before = worker;
    end();
    onTrouble(trouble);
    if (before.kind === 'busy') before.job.reject(trouble);
    proceed();
  }

  function end(): void {
    if (worker.kind === 'starting') worker.controller.abort();
    if (worker.kind === 'idle' || worker.kind === 'busy') {
      worker.cancelTimer();
      worker.port.terminate();
    }
    worker = NONE;
  }

  return {
    complete(request, signal) {
      return new Promise((resolve, reject) => {
        if (isDisposed) throw new LocalModelError('disposed', 'The local model is shut down');
        signal.throwIfAborted();
        const job: Job = {
          request,
          resolve(candidates) {
            settled();
            resolve(candidates);
          },
          reject(reason) {
            settled();
            reject(reason);
          },
        };
        const onAbort = () => job.reject(signal.reason);
        function settled(): void {
          signal.removeEventListener('abort', onAbort);
          if (waiting === job) waiting = undefined;
        }
        signal.addEventListener('abort', onAbort, { once: true });
        waiting?.resolve([]);
        waiting = job;
        proceed();
      });
    },
    dispose() {
      isDisposed = true;
      const error = new LocalModelError('disposed', 'The local model is shut down');
      waiting?.reject(error);
      if (worker.kind === 'busy') worker.job.reject(error);
      end();
    },
  };
}
