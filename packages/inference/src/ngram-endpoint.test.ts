import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createNgramEndpoint } from './ngram-endpoint.ts';
import { type NgramPool, createNgramPool } from './ngram-pool.ts';
import { samplePrompt } from './testing/sample-prompt.ts';
import type { EndpointEvent } from './types.ts';

const signal = new AbortController().signal;
const request = {
  prefix: 'let total = 0;\nlet to',
  suffix: '',
  snippets: [],
  maxChars: 100,
  candidates: 1,
  singleLine: true,
};

/** Text again and again, each time with something of its own behind it, as code has. */
const scattered = (text: string) =>
  ['red', 'blue', 'green', 'white'].map((color) => `${text}paint(${color});\n`).join('');

describe('the ngram endpoint', () => {
  it('answers from the text of the request, in a thread', async () => {
    const endpoint = createNgramEndpoint({ name: 'embedded', region: 'local', workers: 1 });
    const events: EndpointEvent[] = [];
    for await (const event of endpoint.open(
      samplePrompt({ prefix: `${scattered('open(door);\nclose(door);\n')}open(door);\n` }),
      signal,
    ))
      events.push(event);
    expect(events).toEqual([
      { type: 'text', index: 0, text: 'close(door);' },
      { type: 'end', index: 0, reason: 'stop' },
      { type: 'usage', promptTokens: 42, completionTokens: 3, reckoned: true },
    ]);
    await endpoint.close();
  });

  it('says when the limit ended the text, and that it has nothing to say by saying nothing', async () => {
    const endpoint = createNgramEndpoint({ name: 'embedded', region: 'local', workers: 1 });
    const typesFor = async (prefix: string) => {
      const sampling = { ...samplePrompt().sampling, maxTokens: 3 };
      const events: EndpointEvent[] = [];
      for await (const event of endpoint.open(samplePrompt({ prefix, sampling }), signal)) events.push(event);
      return events.map((event) => (event.type === 'end' ? event.reason : event.type));
    };
    expect(await typesFor(`${scattered('configure(alpha, beta, gamma);\n')}configure(`)).toEqual([
      'text',
      'length',
      'usage',
    ]);
    expect(await typesFor('nothing to see')).toEqual(['usage']);
    await endpoint.close();
  });

  it('fails so that another endpoint is tried when its thread cannot be started', async () => {
    const workerUrl = new URL('./no-such-worker.ts', import.meta.url);
    const endpoint = createNgramEndpoint({ name: 'embedded', region: 'local', workers: 1, workerUrl });
    const events = endpoint.open(samplePrompt(), signal)[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toMatchObject({ failure: 'connect', retryable: true, endpoint: 'embedded' });
    await endpoint.close();
  });
});

describe('the pool', () => {
  let pool: NgramPool;
  afterEach(() => pool.close());

  /** Threads that answer with their request's prefix, but never to "stuck" and with their death to "crash". */
  const echo = () =>
    new Worker(
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', ({ id, request: { prefix } }) => {
         if (prefix === 'crash') process.exit(1);
         if (prefix === 'busy') for (;;);
         if (prefix !== 'stuck') parentPort.postMessage({ id, candidates: [{ text: prefix }] });
       });`,
      { eval: true },
    );
  const open = (options: Partial<Parameters<typeof createNgramPool>[0]> = {}) => {
    pool = createNgramPool({ workers: 1, maxQueued: 2, computeTimeoutMs: 5_000, createWorker: echo, ...options });
  };
  const run = (prefix: string, cancel = signal) => pool.run({ ...request, prefix }, cancel);

  it('drops the oldest when too many wait, and serves the newest first', async () => {
    open({ computeTimeoutMs: 200 });
    const order: string[] = [];
    const first = run('stuck').catch((error: unknown) => error);
    const waiting = ['old', 'middle', 'new'].map((name) =>
      run(name).then(
        ([candidate]) => order.push(candidate!.text),
        (error: unknown) => error,
      ),
    );
    expect(await waiting[0]).toMatchObject({ reason: 'dropped' });
    expect(await first).toMatchObject({ reason: 'crashed' });
    await Promise.all(waiting);
    expect(order).toEqual(['new', 'middle']);
  });

  it('replaces a thread that crashes or does not come to an end', async () => {
    open({ computeTimeoutMs: 100 });
    await expect(run('crash')).rejects.toMatchObject({ reason: 'crashed' });
    expect(await run('a')).toEqual([{ text: 'a' }]);
    await expect(run('busy')).rejects.toMatchObject({ reason: 'crashed' });
    expect(await run('b')).toEqual([{ text: 'b' }]);
  });

  it('lets an aborted request leave the queue at once', async () => {
    open();
    const abort = new AbortController();
    const first = run('stuck').catch(() => {});
    const second = run('waiting', abort.signal);
    abort.abort(new Error('keystroke'));
    await expect(second).rejects.toThrow('keystroke');
    await pool.close();
    await first;
  });
});
