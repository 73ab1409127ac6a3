import { createManualClock } from '@ghostline/client/testing';
import type { NgramAnswer } from '@ghostline/ngram-model';
import { afterEach, describe, expect, it } from 'vitest';
import { createLocalModel } from './local-model.ts';
import { repetitiveAnswer, repetitiveRequest as request } from './testing/repetitive-request.ts';
import { threadStarter } from './thread.ts';
import type { WorkerPort } from './worker-port.ts';

const ENTRY = new URL('./thread-entry.ts', import.meta.url);
const script = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
const { signal } = new AbortController();

describe('a thread with the model', () => {
  let model: ReturnType<typeof createLocalModel>;
  afterEach(() => model.dispose());

  it('suggests what repeats, again and again', async () => {
    model = createLocalModel({ startWorker: threadStarter(ENTRY) });
    const [first] = await model.complete(request, signal);
    expect(first?.text).toBe(repetitiveAnswer);
    expect(await model.complete(request, signal)).toEqual([first]);
  });

  it('fails the request in which it dies, and another thread takes the next', async () => {
    const dying = script(`
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ id, request }) => {
        if (request.prefix === 'die') throw new Error('dead');
        parentPort.postMessage({ id, candidates: [] });
      });
      parentPort.postMessage('ready');`);
    model = createLocalModel({ startWorker: threadStarter(dying) });
    await expect(model.complete({ ...request, prefix: 'die' }, signal)).rejects.toMatchObject({ reason: 'failed' });
    expect(await model.complete(request, signal)).toEqual([]);
  });

  it('is ended in the middle of a computation that does not end', async () => {
    const endless = script(`
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ id, request }) => {
        while (request.prefix === 'for ever');
        parentPort.postMessage({ id, candidates: [] });
      });
      parentPort.postMessage('ready');`);
    const clock = createManualClock();
    model = createLocalModel({ startWorker: threadStarter(endless), setTimer: clock.setTimer });
    await model.complete(request, signal);
    const stuck = model.complete({ ...request, prefix: 'for ever' }, signal);
    stuck.catch(() => {});
    await clock.advance(1000);
    await expect(stuck).rejects.toMatchObject({ reason: 'timed-out' });
    expect(await model.complete(request, signal)).toEqual([]);
  });

  it('cannot be started from a file that is not there', async () => {
    const missing = new URL('./no-such-file.ts', import.meta.url);
    model = createLocalModel({ startWorker: threadStarter(missing) });
    const failed = model.complete(request, signal);
    await expect(failed).rejects.toThrow('The worker could not be started');
    await expect(failed).rejects.toMatchObject({ reason: 'failed' });
  });
});

describe('ending a thread', () => {
  it('is quiet: nobody hears of its end', async () => {
    const heard: (NgramAnswer | Error)[] = [];
    const listen = (what: NgramAnswer | Error) => heard.push(what);
    const start = threadStarter(ENTRY);
    const port: WorkerPort = await start({ onMessage: listen, onError: listen }, signal);
    port.terminate();
    // The end of a second thread comes after that of the first.
    const other = new AbortController();
    const second = start({ onMessage: listen, onError: listen }, other.signal);
    other.abort(new Error('not wanted'));
    await expect(second).rejects.toThrow('not wanted');
    expect(heard).toEqual([]);
  });
});
