import { createManualClock } from '@ghostline/client/testing';
import type { NgramAnswer } from '@ghostline/ngram-model';
import { describe, expect, it } from 'vitest';
import { firstOf, inPlaceStarter } from './in-place.ts';
import { repetitiveAnswer, repetitiveRequest } from './testing/repetitive-request.ts';
import { scriptedWorkers } from './testing/scripted-workers.ts';

const { signal } = new AbortController();
const silent = { onMessage: () => {}, onError: () => {} };
const task = { id: 7, request: repetitiveRequest };

describe('the model without a worker', () => {
  it('answers later, not within the call, and not when it was ended in between', async () => {
    const clock = createManualClock();
    const answers: NgramAnswer[] = [];
    const events = { ...silent, onMessage: (answer: NgramAnswer) => void answers.push(answer) };
    const port = await inPlaceStarter(clock.setTimer)(events, signal);
    port.postMessage(task);
    expect(answers).toEqual([]);
    await clock.advance(0);
    expect(answers[0]?.id).toBe(7);
    expect(answers[0]?.candidates[0]?.text).toBe(repetitiveAnswer);
    port.postMessage(task);
    port.terminate();
    await clock.advance(0);
    expect(answers).toHaveLength(1);
  });

  it('reports what it cannot compute', async () => {
    const clock = createManualClock();
    const errors: Error[] = [];
    const events = { ...silent, onError: (error: Error) => void errors.push(error) };
    const port = await inPlaceStarter(clock.setTimer)(events, signal);
    port.postMessage(JSON.parse('{ "id": 7, "request": null }'));
    await clock.advance(0);
    expect(errors[0]).toBeInstanceOf(TypeError);
  });
});

describe('of two ways to start', () => {
  it('the second is tried when the first fails, and the reason is told', async () => {
    const first = scriptedWorkers();
    const reasons: unknown[] = [];
    const start = firstOf(first.start, inPlaceStarter(), (reason) => reasons.push(reason));
    const started = start(silent, signal);
    const refused = new Error('Refused by the content policy');
    first.workers[0]!.refuse(refused);
    expect(await started).toHaveProperty('postMessage');
    expect(reasons).toEqual([refused]);
  });

  it('the second is left alone when the first works, or nobody wants it any more', async () => {
    const first = scriptedWorkers();
    const second = scriptedWorkers();
    const start = firstOf(first.start, second.start, () => expect.unreachable());
    const started = start(silent, signal);
    first.workers[0]!.begin();
    await started;
    const controller = new AbortController();
    const unwanted = start(silent, controller.signal);
    controller.abort(new Error('disposed'));
    await expect(unwanted).rejects.toThrow('disposed');
    expect(second.workers).toHaveLength(0);
  });
});
