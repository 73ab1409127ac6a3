import { createManualClock } from '@ghostline/client/testing';
import { describe, expect, it } from 'vitest';
import { repetitiveRequest } from './testing/repetitive-request.ts';
import { READY, type RawEvents, untilReady } from './worker-port.ts';

function opened(signal = new AbortController().signal) {
  const clock = createManualClock();
  const said: string[] = [];
  let worker: RawEvents | undefined;
  let isTerminated = false;
  const port = untilReady(
    (events) => {
      worker = events;
      return { postMessage: ({ id }) => said.push(`task ${id}`), terminate: () => (isTerminated = true) };
    },
    { onMessage: ({ id }) => said.push(`answer ${id}`), onError: ({ message }) => said.push(`error ${message}`) },
    signal,
    clock.setTimer,
  );
  port.catch(() => {});
  return { port, said, clock, worker: worker!, isTerminated: () => isTerminated };
}

describe('a worker', () => {
  it('is there once it says that it listens, and from then on only its events tell', async () => {
    const { port, said, worker, clock } = opened();
    worker.onMessage(READY);
    const { postMessage } = await port;
    postMessage({ id: 1, request: repetitiveRequest });
    worker.onMessage({ id: 1, candidates: [] });
    await clock.advance(60_000);
    worker.onError(new Error('broken'));
    expect(said).toEqual(['task 1', 'answer 1', 'error broken']);
  });

  it('says how it ended once, and nothing after it was ended', async () => {
    const crashed = opened();
    crashed.worker.onMessage(READY);
    await crashed.port;
    crashed.worker.onError(new Error('broken'));
    crashed.worker.onError(new Error('exit code 1'));
    expect(crashed.said).toEqual(['error broken']);

    const ended = opened();
    ended.worker.onMessage(READY);
    (await ended.port).terminate();
    ended.worker.onMessage({ id: 1, candidates: [] });
    ended.worker.onError(new Error('exit code 1'));
    expect(ended.said).toEqual([]);
  });

  it('is ended when it fails to start, or takes longer than ten seconds', async () => {
    const broken = opened();
    broken.worker.onError(new Error('not a script'));
    await expect(broken.port).rejects.toThrow('not a script');
    expect([broken.isTerminated(), broken.said]).toEqual([true, []]);

    const slow = opened();
    await slow.clock.advance(10_000);
    await expect(slow.port).rejects.toThrow('did not start within 10 s');
    expect(slow.isTerminated()).toBe(true);
  });

  it('is ended when it is no longer wanted before it has started', async () => {
    const controller = new AbortController();
    const { port, isTerminated } = opened(controller.signal);
    controller.abort(new Error('disposed'));
    await expect(port).rejects.toThrow('disposed');
    expect(isTerminated()).toBe(true);
  });
});
