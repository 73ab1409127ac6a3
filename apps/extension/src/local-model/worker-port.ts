import type { SetTimer } from '@ghostline/client';
import type { NgramAnswer, NgramTask } from '@ghostline/ngram-model';

/** What every kind of worker can do. */
export interface WorkerPort {
  postMessage(task: NgramTask): void;
  terminate(): void;
}

export interface WorkerEvents {
  onMessage(answer: NgramAnswer): void;
  /** It has ended by itself, or what it says cannot be read. */
  onError(error: Error): void;
}

/**
 * Resolves once the worker listens; rejects when it cannot be started, or with the signal's reason. After that only the
 * events tell what becomes of it, and none comes after `terminate()`.
 */
export type StartWorker = (events: WorkerEvents, signal: AbortSignal) => Promise<WorkerPort>;

/** A worker's first message, as soon as it listens: loading its code is not computing. */
export const READY = 'ready';
export type WorkerMessage = typeof READY | NgramAnswer;

/** Some hundred times what it takes: a worker that has not loaded by then will not. */
const START_WITHIN_MS = 10_000;

/** What `open` is given: everything the worker says, from the start. */
export interface RawEvents {
  onMessage(message: WorkerMessage): void;
  onError(error: Error): void;
}

/** `StartWorker` out of a worker that opens at once and says `READY` later; one that fails to is ended. */
export function untilReady(
  open: (events: RawEvents) => WorkerPort,
  events: WorkerEvents,
  signal: AbortSignal,
  setTimer: SetTimer,
): Promise<WorkerPort> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let state: 'starting' | 'running' | 'ended' = 'starting';
    const worker = open({
      onMessage(message) {
        if (message !== READY) {
          if (state === 'running') events.onMessage(message);
        } else if (state === 'starting') {
          begun();
          state = 'running';
          resolve(port);
        }
      },
      onError(error) {
        if (state === 'starting') fail(error);
        else if (state === 'running') {
          state = 'ended';
          events.onError(error);
        }
      },
    });
    const port: WorkerPort = {
      postMessage: (task) => worker.postMessage(task),
      terminate() {
        state = 'ended';
        worker.terminate();
      },
    };
    const cancelTimer = setTimer(
      () => fail(new Error(`The worker did not start within ${START_WITHIN_MS / 1000} s`)),
      START_WITHIN_MS,
    );
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });

    function begun(): void {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
    }
    function fail(reason: unknown): void {
      begun();
      port.terminate();
      reject(reason);
    }
  });
}
