import process from 'node:process';
import { parentPort } from 'node:worker_threads';
import type { WorkerReply } from '../event-log-messages.ts';

// An event log's worker for tests that opens well and dies on the first message.
const ready: WorkerReply = { kind: 'ready', usage: { pending: 0, oldestPendingAt: undefined, usedBytes: 0 } };
parentPort?.postMessage(ready, []);
parentPort?.on('message', () => process.exit(1));
