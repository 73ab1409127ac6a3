import { describe, expect, it } from 'vitest';
import { createOpenAiEndpoint } from './openai/openai-endpoint.ts';
import { createParallelCandidates } from './parallel-candidates.ts';
import { describeEndpoint } from './testing/contracts.ts';
import { startScriptedServer } from './testing/index.ts';
import { samplePrompt } from './testing/sample-prompt.ts';
import type { Endpoint, EndpointEvent, InferencePrompt } from './types.ts';

const text = (said: string): EndpointEvent => ({ type: 'text', index: 0, text: said });
const end: EndpointEvent = { type: 'end', index: 0, reason: 'stop' };
const usage: EndpointEvent = { type: 'usage', promptTokens: 10, completionTokens: 2 };
const wanting = (candidates: number): InferencePrompt =>
  samplePrompt({ sampling: { maxTokens: 32, candidates, temperature: 0.4, singleLine: true } });

type Step = EndpointEvent | Error | Promise<unknown>;

/** One script for each call, in order. */
function scripted(...scripts: readonly Step[][]) {
  const asked: number[] = [];
  const aborted: unknown[] = [];
  const endpoint: Endpoint = {
    name: 'gpu',
    region: 'eu',
    async close() {},
    async *open(prompt, signal) {
      const script = scripts[asked.length] ?? [];
      asked.push(prompt.sampling.candidates);
      signal.addEventListener('abort', () => aborted.push(signal.reason), { once: true });
      const leaves = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      leaves.catch(() => {});
      for (const step of script) {
        if (step instanceof Error) throw step;
        if (step instanceof Promise) await Promise.race([step, leaves]);
        else yield step;
      }
    },
  };
  return { endpoint: createParallelCandidates(endpoint), asked, aborted };
}

async function collect(endpoint: Endpoint, prompt: InferencePrompt, signal = new AbortController().signal) {
  const events: EndpointEvent[] = [];
  for await (const event of endpoint.open(prompt, signal)) events.push(event);
  return events;
}

const never = new Promise<never>(() => {});

describeEndpoint('one that is asked several times for several alternatives', async () => {
  const server = await startScriptedServer({ tokens: () => ['add', '(a', ', b)'] });
  const where = { name: 'gpu', region: 'eu', url: `${server.url}/v1`, model: 'coder', template: 'qwen2.5-coder' };
  return {
    endpoint: createParallelCandidates(createOpenAiEndpoint(where)),
    prompt: wanting(3),
    close: () => server.close(),
  };
});

describe('alternatives of an endpoint that makes one at a time', () => {
  it('are asked for at once, and come as they are made, not one after the other', async () => {
    const first = Promise.withResolvers<void>();
    const { endpoint, asked } = scripted([text('a'), first.promise, text('a2'), end, usage], [text('b'), end, usage]);
    const seen: string[] = [];
    for await (const event of endpoint.open(wanting(2), new AbortController().signal)) {
      seen.push(event.type === 'text' ? `${event.index}:${event.text}` : event.type);
      // The second has ended while the first still goes on.
      if (event.type === 'end' && event.index === 1) first.resolve();
    }
    expect(asked).toEqual([1, 1]);
    expect(seen.slice(0, 2).toSorted()).toEqual(['0:a', '1:b']);
    expect(seen.slice(2)).toEqual(['end', '0:a2', 'end', 'usage']);
  });

  it('cost what all of them cost', async () => {
    const { endpoint } = scripted([text('a'), end, usage], [text('b'), end, usage], [text('c'), end, usage]);
    expect((await collect(endpoint, wanting(3))).at(-1)).toEqual({
      type: 'usage',
      promptTokens: 30,
      completionTokens: 6,
    });
  });

  it('are one less when one fails, and cut when it fails in the middle', async () => {
    const { endpoint } = scripted([new Error('full')], [text('b'), new Error('broke')], [text('c'), end]);
    const events = await collect(endpoint, wanting(3));
    expect(events.filter(({ type }) => type === 'end')).toEqual(
      expect.arrayContaining([
        { type: 'end', index: 1, reason: 'length' },
        { type: 'end', index: 2, reason: 'stop' },
      ]),
    );
    expect(events.filter(({ type }) => type === 'text')).toHaveLength(2);
  });

  it('are a failure when all fail', async () => {
    const { endpoint } = scripted([new Error('first')], [new Error('second')]);
    await expect(collect(endpoint, wanting(2))).rejects.toThrow('first');
  });

  it('are all cancelled with the request, at once and with its reason', async () => {
    const { endpoint, aborted } = scripted([text('a'), never], [never]);
    const leaving = new AbortController();
    const collected = collect(endpoint, wanting(2), leaving.signal);
    leaving.abort(new Error('typed on'));
    await expect(collected).rejects.toThrow('typed on');
    expect(aborted).toHaveLength(2);
  });

  it('are all cancelled when their reader has enough', async () => {
    const { endpoint, aborted } = scripted([text('a'), never], [never]);
    for await (const event of endpoint.open(wanting(2), new AbortController().signal)) if (event.type === 'text') break;
    expect(aborted).toHaveLength(2);
  });

  it('are not needed for one', async () => {
    const { endpoint, asked } = scripted([text('a'), end]);
    expect(await collect(endpoint, wanting(1))).toEqual([text('a'), end]);
    expect(asked).toEqual([1]);
  });

  it('reach a real server as so many requests, none of which asks for several', async () => {
    const server = await startScriptedServer({ tokens: () => ['x'] });
    const options = { name: 'gpu', region: 'eu', url: `${server.url}/v1`, template: 'qwen2.5-coder', model: 'coder' };
    const endpoint = createParallelCandidates(createOpenAiEndpoint(options));
    const events = await collect(endpoint, wanting(3));
    expect(events.flatMap((event) => (event.type === 'text' ? event.index : [])).toSorted()).toEqual([0, 1, 2]);
    expect(server.requests.map(({ body }) => body['n'])).toEqual([undefined, undefined, undefined]);
    await endpoint.close();
    await server.close();
  });
});
