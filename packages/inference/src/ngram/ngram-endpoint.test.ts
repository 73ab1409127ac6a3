import { describe, expect, it } from 'vitest';
import { describeEndpoint } from '../testing/contracts.ts';
import { samplePrompt } from '../testing/sample-prompt.ts';
import type { EndpointEvent } from '../types.ts';
import { createNgramEndpoint } from './ngram-endpoint.ts';

const signal = new AbortController().signal;

/** Text again and again, each time with something of its own behind it, as code has. */
const scattered = (text: string) =>
  ['red', 'blue', 'green', 'white'].map((color) => `${text}paint(${color});\n`).join('');

describeEndpoint('the embedded model in threads', () => ({
  endpoint: createNgramEndpoint({ name: 'embedded', region: 'local', workers: 2 }),
  prompt: samplePrompt({ prefix: `${scattered('open(door);\nclose(door);\n')}open(door);\n` }),
}));

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
