/** What runs in the thread of Node: one request after the other. */
import { parentPort } from 'node:worker_threads';
import { type NgramTask, answerTask, warmUp } from '@ghostline/ngram-model';
import { READY, type WorkerMessage } from './worker-port.ts';

const port = parentPort;
if (!port) throw new Error('thread-entry.ts runs as a worker thread of threadStarter()');
const post = (message: WorkerMessage) => port.postMessage(message);
port.on('message', (task: NgramTask) => post(answerTask(task)));
warmUp();
post(READY);
