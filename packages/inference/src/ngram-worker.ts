import { parentPort } from 'node:worker_threads';
import { type NgramTask, answerTask } from '@ghostline/ngram-model';

// A thread of the pool: one request after the other.
const port = parentPort;
if (!port) throw new Error('ngram-worker.ts runs as a worker thread of createNgramPool()');
port.on('message', (task: NgramTask) => port.postMessage(answerTask(task)));
