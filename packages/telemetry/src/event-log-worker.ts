import { parentPort, workerData } from 'node:worker_threads';
import { openEventLogDatabase } from './event-log-database.ts';
import type { TaskResults, WorkerData, WorkerReply, WorkerRequest } from './event-log-messages.ts';

// The thread that owns the file: one message after the other, each answered when what it asked for is durable.
const port = parentPort;
if (!port) throw new Error('event-log-worker.ts runs as a worker thread of openEventLog()');
const { path, lockTimeoutMs } = workerData as WorkerData;

const database = openEventLogDatabase(path, lockTimeoutMs);
port.postMessage({ kind: 'ready', usage: database.usage() } satisfies WorkerReply);

function answer(request: WorkerRequest): TaskResults[keyof TaskResults] {
  switch (request.kind) {
    case 'append':
      return database.append(request.groups);
    case 'read':
      return database.read(request.limit);
    case 'delivered':
      return database.delivered(request.position);
    case 'close':
      return database.close();
  }
}

port.on('message', (request: WorkerRequest) => {
  const { id } = request;
  try {
    const value = answer(request);
    const usage = request.kind === 'close' ? undefined : database.usage();
    port.postMessage({ kind: 'done', id, value, usage } satisfies WorkerReply);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    port.postMessage({ kind: 'failed', id, reason } satisfies WorkerReply);
  }
  if (request.kind === 'close') port.close();
});
