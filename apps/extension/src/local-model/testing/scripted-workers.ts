import type { NgramTask } from '@ghostline/ngram-model';
import type { StartWorker, WorkerEvents, WorkerPort } from '../worker-port.ts';

/** A worker in the hands of a test. */
export interface ScriptedWorker {
  /** What it was given and has not answered, by the prefix of the request. */
  readonly open: readonly string[];
  readonly isTerminated: boolean;
  /** It listens; without this it keeps starting. */
  begin(): void;
  /** It cannot be started. */
  refuse(error: Error): void;
  /** It answers the oldest task with `text`. */
  answer(text: string): void;
  crash(error: Error): void;
}

/** Workers that do what a test says. Those of `workers` are all that were asked for, in order. */
export function scriptedWorkers(): { readonly start: StartWorker; readonly workers: readonly ScriptedWorker[] } {
  const workers: ScriptedWorker[] = [];
  const start: StartWorker = (events, signal) => {
    const started = Promise.withResolvers<WorkerPort>();
    signal.addEventListener('abort', () => started.reject(signal.reason));
    workers.push(scriptedWorker(events, started));
    return started.promise;
  };
  return { start, workers };
}

function scriptedWorker(events: WorkerEvents, started: PromiseWithResolvers<WorkerPort>): ScriptedWorker {
  const tasks: NgramTask[] = [];
  let isTerminated = false;
  const port: WorkerPort = {
    postMessage: (task) => tasks.push(task),
    terminate: () => (isTerminated = true),
  };
  return {
    get open() {
      return tasks.map(({ request }) => request.prefix);
    },
    get isTerminated() {
      return isTerminated;
    },
    begin: () => started.resolve(port),
    refuse: (error) => started.reject(error),
    answer(text) {
      const task = tasks.shift();
      if (!task) throw new Error('There is no task to answer');
      if (!isTerminated) events.onMessage({ id: task.id, candidates: [{ text, confidence: 1, cut: false }] });
    },
    crash(error) {
      if (!isTerminated) events.onError(error);
    },
  };
}
