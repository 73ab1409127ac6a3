import { Worker } from 'node:worker_threads';
import type { SetTimer } from '@ghostline/client';
import { realTimer } from '../timer.ts';
import { type StartWorker, untilReady } from './worker-port.ts';

/** Starts the file in a thread of Node. */
export function threadStarter(file: string | URL, setTimer: SetTimer = realTimer): StartWorker {
  return (events, signal) =>
    untilReady(
      ({ onMessage, onError }) => {
        // Of the extension host's own switches and environment it needs nothing.
        const worker = new Worker(file, { name: 'ghostline-local-model', env: {}, execArgv: [] });
        worker.on('message', onMessage);
        worker.on('error', onError);
        worker.on('messageerror', onError);
        worker.on('exit', (code) => onError(new Error(`The thread ended with exit code ${code}`)));
        return { postMessage: (task) => worker.postMessage(task), terminate: () => void worker.terminate() };
      },
      events,
      signal,
      setTimer,
    );
}
