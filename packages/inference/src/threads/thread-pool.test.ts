import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { type ThreadPool, createThreadPool } from './thread-pool.ts';

const never = new AbortController().signal;

/** Threads that answer with what they were given, but never to "stuck" and with their death to "crash". */
const echo = () =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', ({ id, input }) => {
       if (input === 'crash') process.exit(1);
       if (input === 'busy') for (;;);
       if (input !== 'stuck') parentPort.postMessage({ id, output: input });
     });`,
    { eval: true },
  );

const pools: ThreadPool<string, string>[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function open(options: Partial<Parameters<typeof createThreadPool>[0]> = {}) {
  const pool = createThreadPool<string, string>({
    name: 'the echo',
    createWorker: echo,
    threads: 1,
    startNow: true,
    maxQueued: 2,
    first: 'newest',
    timeoutMs: 5_000,
    ...options,
  });
  pools.push(pool);
  return (input: string, signal = never) => pool.run(input, signal);
}

/** What became of tasks that had to wait for one that got stuck, in the order in which it did. */
async function outcomes(run: (input: string) => Promise<string>, inputs: readonly string[]): Promise<string[]> {
  const order: string[] = [];
  const first = run('stuck').catch((error: { reason: string }) => order.push(`stuck ${error.reason}`));
  const others = inputs.map((input) =>
    run(input).then(
      (output) => order.push(output),
      (error: { reason: string }) => order.push(`${input} ${error.reason}`),
    ),
  );
  await Promise.all([first, ...others]);
  return order;
}

describe('a pool of threads', () => {
  it('can serve the newest first, and drop the oldest when too many wait', async () => {
    const run = open({ first: 'newest', timeoutMs: 200 });
    expect(await outcomes(run, ['old', 'middle', 'new'])).toEqual(['old dropped', 'stuck crashed', 'new', 'middle']);
  });

  it('can serve the oldest first, and take no more when too many wait', async () => {
    const run = open({ first: 'oldest', timeoutMs: 200 });
    expect(await outcomes(run, ['old', 'middle', 'new'])).toEqual(['new dropped', 'stuck crashed', 'old', 'middle']);
  });

  it('replaces a thread that crashes or does not come to an end', async () => {
    const run = open({ timeoutMs: 100 });
    await expect(run('crash')).rejects.toMatchObject({ reason: 'crashed', message: 'a thread of the echo ended' });
    expect(await run('a')).toBe('a');
    await expect(run('busy')).rejects.toMatchObject({ reason: 'crashed' });
    expect(await run('b')).toBe('b');
  });

  it('starts as many threads as there is work for, up to its number', async () => {
    let started = 0;
    const createWorker = () => {
      started += 1;
      return echo();
    };
    const run = open({ createWorker, threads: 2, startNow: false, maxQueued: 9 });
    expect(started).toBe(0);
    await run('a');
    await run('b');
    expect(started).toBe(1);
    expect(await Promise.all(['c', 'd', 'e'].map((input) => run(input)))).toEqual(['c', 'd', 'e']);
    expect(started).toBe(2);
    open({ createWorker });
    expect(started).toBe(3);
  });

  it('lets an aborted task leave the queue at once', async () => {
    const run = open({ maxQueued: 1 });
    const abort = new AbortController();
    const first = run('stuck').catch(() => {});
    const second = run('waiting', abort.signal);
    abort.abort(new Error('keystroke'));
    await expect(second).rejects.toThrow('keystroke');
    await expect(run('late', abort.signal)).rejects.toThrow('keystroke');
    // It left its place, too: with it taken, the older of the two would be dropped.
    const third = run('third').catch((error: unknown) => error);
    await pools[0]?.close();
    expect(await third).toMatchObject({ reason: 'closed' });
    await first;
  });

  it('rejects what waits and what is computed when it is closed, and takes nothing more', async () => {
    const run = open();
    const given = [run('stuck'), run('waiting')].map((task) => task.catch((error: unknown) => error));
    await pools[0]?.close();
    for (const task of given) expect(await task).toMatchObject({ reason: 'closed', message: 'the echo is closed' });
    await expect(run('late')).rejects.toMatchObject({ reason: 'closed' });
  });
});
