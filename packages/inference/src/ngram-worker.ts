import { parentPort } from 'node:worker_threads';
import { completeFromContext } from '@ghostline/ngram-model';
import type { NgramAnswer, NgramTask } from './ngram-pool.ts';

// A thread of the pool: one request after the other.
const port = parentPort;
if (!port) throw new Error('ngram-worker.ts runs as a worker thread of createNgramPool()');
port.on('message', ({ id, request }: NgramTask) => {
  port.postMessage({ id, candidates: completeFromContext(request) } satisfies NgramAnswer);
});
