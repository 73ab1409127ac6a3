/** What runs in the web worker: one request after the other. */
import { type NgramTask, answerTask, warmUp } from '@ghostline/ngram-model';
import { READY, type WorkerMessage } from './worker-port.ts';

const post: (message: WorkerMessage) => void = globalThis.postMessage;
globalThis.addEventListener('message', ({ data }: MessageEvent<NgramTask>) => post(answerTask(data)));
warmUp();
post(READY);
