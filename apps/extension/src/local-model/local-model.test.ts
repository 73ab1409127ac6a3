import { createManualClock } from '@ghostline/client/testing';
import { describe, expect, it } from 'vitest';
import { type LocalModelError, createLocalModel } from './local-model.ts';
import { repetitiveRequest } from './testing/repetitive-request.ts';
import { scriptedWorkers } from './testing/scripted-workers.ts';

const MINUTE = 60_000;

function local() {
  const clock = createManualClock();
  const { start, workers } = scriptedWorkers();
  const troubles: LocalModelError[] = [];
  const model = createLocalModel({
    startWorker: start,
    onTrouble: (error) => troubles.push(error),
    setTimer: clock.setTimer,
  });
  /** What comes of a request: the text, or why there is none. */
  const ask = (prefix: string, signal = new AbortController().signal) => {
    const asked = { outcome: 'open' };
    model.complete({ ...repetitiveRequest, prefix }, signal).then(
      ([candidate]) => (asked.outcome = candidate?.text ?? 'nothing'),
      (error) => (asked.outcome = error.reason ?? error.message ?? error),
    );
    return asked;
  };
  return { model, clock, workers, troubles, ask };
}

/** One whose worker is there and has answered once. */
async function running() {
  const all = local();
  all.ask('warm up');
  all.workers[0]!.begin();
  await all.clock.settle();
  all.workers[0]!.answer('done');
  return { ...all, worker: all.workers[0]! };
}

describe('the worker of the local model', () => {
  it('is started by the first request, and not before', async () => {
    const { workers, ask, clock } = local();
    await clock.advance(MINUTE);
    expect(workers).toHaveLength(0);
    const asked = ask('const a');
    workers[0]!.begin();
    await clock.settle();
    expect(workers[0]!.open).toEqual(['const a']);
    workers[0]!.answer(' = 1');
    await clock.settle();
    expect(asked.outcome).toBe(' = 1');
  });

  it('serves one request after the other', async () => {
    const { workers, worker, ask, clock } = await running();
    for (const text of ['one', 'two']) {
      const asked = ask('count');
      worker.answer(text);
      await clock.settle();
      expect(asked.outcome).toBe(text);
    }
    expect(workers).toHaveLength(1);
  });

  it('is ended after five minutes without a request, and started again by the next', async () => {
    const { workers, worker, ask, clock } = await running();
    await clock.advance(4 * MINUTE);
    ask('still here');
    worker.answer('yes');
    await clock.advance(4 * MINUTE);
    expect(worker.isTerminated).toBe(false);
    await clock.advance(MINUTE);
    expect(worker.isTerminated).toBe(true);
    const asked = ask('and now');
    workers[1]!.begin();
    await clock.settle();
    workers[1]!.answer('again');
    await clock.settle();
    expect(asked.outcome).toBe('again');
  });

  it('is not ended while it computes, however long it was idle before', async () => {
    const { worker, ask, clock } = await running();
    await clock.advance(5 * MINUTE - 1);
    const asked = ask('late');
    await clock.advance(10);
    worker.answer('in time');
    await clock.settle();
    expect(asked.outcome).toBe('in time');
    expect(worker.isTerminated).toBe(false);
  });
});

describe('requests that overlap', () => {
  it('leave one computing and only the newest waiting: those between have nothing to say', async () => {
    const { worker, ask, clock } = await running();
    const [first, second, third] = [ask('a'), ask('ab'), ask('abc')];
    await clock.settle();
    expect(second.outcome).toBe('nothing');
    expect(worker.open).toEqual(['a']);
    worker.answer('1');
    expect(worker.open).toEqual(['abc']);
    worker.answer('3');
    await clock.settle();
    expect([first.outcome, third.outcome]).toEqual(['1', '3']);
  });

  it('wait for the start together, where the newest wins too', async () => {
    const { workers, ask, clock } = local();
    const [first, second] = [ask('a'), ask('ab')];
    await clock.settle();
    expect(first.outcome).toBe('nothing');
    expect(workers).toHaveLength(1);
    workers[0]!.begin();
    await clock.settle();
    workers[0]!.answer('2');
    await clock.settle();
    expect(second.outcome).toBe('2');
  });
});

describe('a request that is aborted', () => {
  it('leaves at once while it computes; its late answer is nobody else’s', async () => {
    const { worker, ask, clock } = await running();
    const controller = new AbortController();
    const left = ask('a', controller.signal);
    const next = ask('ab');
    controller.abort('typed on');
    await clock.settle();
    expect(left.outcome).toBe('typed on');
    expect(worker.open).toEqual(['a']);
    worker.answer('1');
    await clock.settle();
    expect(next.outcome).toBe('open');
    worker.answer('2');
    await clock.settle();
    expect(next.outcome).toBe('2');
  });

  it('is never computed when it was still waiting', async () => {
    const { worker, ask, clock } = await running();
    const controller = new AbortController();
    ask('a');
    const left = ask('ab', controller.signal);
    controller.abort('typed on');
    worker.answer('1');
    await clock.settle();
    expect(left.outcome).toBe('typed on');
    expect(worker.open).toEqual([]);
  });

  it('starts nothing when it was aborted before', async () => {
    const { workers, ask, clock } = local();
    const asked = ask('a', AbortSignal.abort('gone'));
    await clock.settle();
    expect(asked.outcome).toBe('gone');
    expect(workers).toHaveLength(0);
  });

  it('leaves the worker for the next one when only its start was waited for', async () => {
    const { workers, ask, clock } = local();
    const controller = new AbortController();
    ask('a', controller.signal);
    controller.abort('typed on');
    workers[0]!.begin();
    await clock.settle();
    const asked = ask('ab');
    workers[0]!.answer('2');
    await clock.settle();
    expect(asked.outcome).toBe('2');
    expect(workers).toHaveLength(1);
  });
});

describe('a worker in trouble', () => {
  it('is ended when it does not answer within a second; what waited gets another', async () => {
    const { workers, worker, troubles, ask, clock } = await running();
    const [stuck, waiting] = [ask('a'), ask('ab')];
    await clock.advance(999);
    expect([stuck.outcome, worker.isTerminated]).toEqual(['open', false]);
    await clock.advance(1);
    expect([stuck.outcome, worker.isTerminated]).toEqual(['timed-out', true]);
    expect(troubles.map(({ reason }) => reason)).toEqual(['timed-out']);
    workers[1]!.begin();
    await clock.settle();
    workers[1]!.answer('2');
    await clock.settle();
    expect(waiting.outcome).toBe('2');
  });

  it('is ended when it is stuck in a request whose caller has left', async () => {
    const { workers, worker, ask, clock } = await running();
    const controller = new AbortController();
    ask('a', controller.signal);
    controller.abort();
    await clock.advance(1000);
    expect(worker.isTerminated).toBe(true);
    expect(workers).toHaveLength(1);
  });

  it('may take its time to start', async () => {
    const { workers, ask, clock } = local();
    const asked = ask('a');
    await clock.advance(5000);
    workers[0]!.begin();
    await clock.settle();
    workers[0]!.answer('1');
    await clock.settle();
    expect(asked.outcome).toBe('1');
  });

  it('fails its request when it crashes, without a word of what it says, and the next starts another', async () => {
    const { workers, worker, troubles, ask, clock } = await running();
    const crashed = ask('a');
    worker.crash(new RangeError('password = "hunter2"'));
    await clock.settle();
    expect(crashed.outcome).toBe('failed');
    expect(troubles.map(({ message }) => message)).toEqual(['The worker ended (RangeError)']);
    const asked = ask('ab');
    workers[1]!.begin();
    await clock.settle();
    workers[1]!.answer('2');
    await clock.settle();
    expect(asked.outcome).toBe('2');
  });

  it('is noticed when it crashes with nothing to do', async () => {
    const { workers, worker, ask, clock } = await running();
    worker.crash(new Error('out of memory'));
    ask('a');
    await clock.settle();
    expect(workers).toHaveLength(2);
  });

  it('fails what waits when it cannot be started, and the next request tries again', async () => {
    const { workers, troubles, ask, clock } = local();
    const asked = ask('a');
    workers[0]!.refuse(new Error('no such file'));
    await clock.settle();
    expect(asked.outcome).toBe('failed');
    expect(troubles.map(({ reason }) => reason)).toEqual(['failed']);
    ask('ab');
    expect(workers).toHaveLength(2);
  });
});

describe('after disposal', () => {
  it('nothing is computed, waited for or started, and nothing that was open stays open', async () => {
    const { model, workers, worker, troubles, ask, clock } = await running();
    const open = [ask('a'), ask('ab')];
    model.dispose();
    const later = ask('abc');
    await clock.settle();
    expect([...open, later].map(({ outcome }) => outcome)).toEqual(['disposed', 'disposed', 'disposed']);
    expect(worker.isTerminated).toBe(true);
    expect(workers).toHaveLength(1);
    await clock.advance(10 * MINUTE);
    expect(troubles).toEqual([]);
  });

  it('a worker that was about to start is not kept', async () => {
    const { model, workers, troubles, ask, clock } = local();
    const asked = ask('a');
    workers[0]!.begin();
    model.dispose();
    await clock.settle();
    expect(asked.outcome).toBe('disposed');
    expect(workers[0]!.isTerminated).toBe(true);
    expect(troubles).toEqual([]);
  });
});
