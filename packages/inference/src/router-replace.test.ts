import { describe, expect, it } from 'vitest';
import { InferenceError } from './errors.ts';
import { createInference } from './router.ts';
import { samplePrompt } from './testing/sample-prompt.ts';
import type { Endpoint, InferenceEvent } from './types.ts';

const signal = new AbortController().signal;

/** An endpoint that says its url, after `gate`; knows whether it was closed. */
function endpoint(name: string, url: string, gate: Promise<unknown> = Promise.resolve()) {
  const state = { closed: false };
  const made: Endpoint = {
    name,
    region: 'eu',
    async *open() {
      yield { type: 'text', index: 0, text: url };
      await gate;
      yield { type: 'end', index: 0, reason: 'stop' };
    },
    close: async () => void (state.closed = true),
  };
  return Object.assign(made, { state });
}

const failing = (name: string): Endpoint => ({
  name,
  region: 'eu',
  // oxlint-disable-next-line require-yield
  async *open() {
    throw new InferenceError('connect', name, `endpoint ${name} could not be reached`);
  },
  close: async () => {},
});

const models = (...endpoints: Endpoint[]) => [
  { name: 'fast', endpoints: endpoints.map((each) => ({ endpoint: each })) },
];

async function textOf(stream: AsyncIterable<InferenceEvent>): Promise<string> {
  let text = '';
  for await (const event of stream) if (event.type === 'text') text += event.text;
  return text;
}

describe('replaced endpoints', () => {
  it('answer from then on, while what is under way ends where it is, on a connection that stays open so long', async () => {
    const gate = Promise.withResolvers<void>();
    const before = endpoint('a', 'old', gate.promise);
    const inference = createInference({ region: 'eu', models: models(before) });
    const stream = inference.stream(samplePrompt(), 'fast', signal)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ type: 'start' });
    expect((await stream.next()).value).toMatchObject({ text: 'old' });

    inference.replace(models(endpoint('a', 'new')));
    expect(await textOf(inference.stream(samplePrompt(), 'fast', signal))).toBe('new');
    expect(before.state.closed).toBe(false);

    gate.resolve();
    expect((await stream.next()).value).toMatchObject({ type: 'end' });
    expect((await stream.next()).done).toBe(true);
    expect(before.state.closed).toBe(true);
  });

  it('that nobody uses are closed at once, those that stay are not', () => {
    const [gone, stays] = [endpoint('gone', '1'), endpoint('stays', '2')];
    const inference = createInference({ region: 'eu', models: models(gone, stays) });
    inference.replace(models(stays));
    expect([gone.state.closed, stays.state.closed]).toEqual([true, false]);
  });

  it('keep what is known of their name', async () => {
    const inference = createInference({ region: 'eu', models: models(failing('a'), endpoint('b', 'b')), now: () => 0 });
    await textOf(inference.stream(samplePrompt(), 'fast', signal));
    const states = () => inference.health().map(({ endpoint: name, state }) => `${name} ${state}`);
    expect(states()).toEqual(['a failing', 'b ok']);
    inference.replace(models(endpoint('c', 'c'), endpoint('b', 'b2'), failing('a')));
    expect(states()).toEqual(['c unknown', 'b ok', 'a failing']);
  });

  it('of a model that is no longer there are told as something that passes', async () => {
    const inference = createInference({ region: 'eu', models: models(endpoint('a', 'a')) });
    inference.replace([{ name: 'other', endpoints: [{ endpoint: endpoint('a', 'a') }] }]);
    const asked = textOf(inference.stream(samplePrompt(), 'fast', signal));
    await expect(asked).rejects.toMatchObject({ retryable: true });
  });
});
