import { parentPort } from 'node:worker_threads';
import { type NgramTask, answerTask, warmUp } from '@ghostline/ngram-model';

// A thread of the pool: one request after the other.
const port = parentPort;
if (!port) throw new Error('ngram-worker.ts runs as a worker thread of createNgramPool()');
warmUp();
port.on('message', (task: NgramTask) => port.postMessage(answerTask(task)));
