import type { SetTimer } from '@ghostline/client';
import { realTimer } from '../timer.ts';
import { type StartWorker, untilReady } from './worker-port.ts';

/**
 * Starts the script that `readSource` gives in a web worker. The extension's files are of another origin than its host,
 * which no worker may be started from; a blob is of the same.
 */
export function webWorkerStarter(
  readSource: () => Promise<Uint8Array<ArrayBuffer>>,
  setTimer: SetTimer = realTimer,
): StartWorker {
  return async (events, signal) => {
    const source = await readSource();
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    try {
      return await untilReady(
        ({ onMessage, onError }) => {
          const worker = new Worker(url, { name: 'ghostline-local-model' });
          worker.addEventListener('message', ({ data }) => onMessage(data));
          worker.addEventListener('error', (event) => {
            // Else the extension host has an error nobody caught.
            event.preventDefault();
            onError(new Error(event.message || 'The worker was refused'));
          });
          worker.addEventListener('messageerror', () => onError(new Error('A message could not be read')));
          return { postMessage: (task) => worker.postMessage(task), terminate: () => worker.terminate() };
        },
        events,
        signal,
        setTimer,
      );
    } finally {
      // Not before: VS Code's own `Worker` loads the blob from within another worker, some time after the constructor.
      URL.revokeObjectURL(url);
    }
  };
}
