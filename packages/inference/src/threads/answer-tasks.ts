import { parentPort } from 'node:worker_threads';
import type { ThreadAnswer, ThreadTask } from './thread-pool.ts';

/** The whole work of a thread of `createThreadPool`: one task after the other. */
export function answerTasks<Input, Output>(answer: (input: Input) => Output): void {
  const port = parentPort;
  if (!port) throw new Error('This file runs in the threads of createThreadPool().');
  port.on('message', ({ id, input }: ThreadTask<Input>) =>
    port.postMessage({ id, output: answer(input) } satisfies ThreadAnswer<Output>),
  );
}
