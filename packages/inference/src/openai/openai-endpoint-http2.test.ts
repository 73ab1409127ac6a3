import { once } from 'node:events';
import { constants, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Script, type ScriptedServer, startScriptedServer } from '../testing/index.ts';
import { samplePrompt } from '../testing/sample-prompt.ts';
import type { Endpoint, EndpointEvent } from '../types.ts';
import { createOpenAiEndpoint } from './openai-endpoint.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function endpointAt(url: string, http2: boolean | undefined): Endpoint {
  const named = { name: 'gpu', region: 'eu', template: 'qwen2.5-coder', model: 'coder' };
  const endpoint = createOpenAiEndpoint({ ...named, url: `${url}/v1`, http2 });
  ends.push(() => endpoint.close());
  return endpoint;
}

async function serve(script: Script, http2?: boolean): Promise<{ server: ScriptedServer; endpoint: Endpoint }> {
  const server = await startScriptedServer(script, { http2: http2 ?? true });
  ends.push(() => server.close());
  return { server, endpoint: endpointAt(server.url, http2 ?? true) };
}

async function textOf(endpoint: Endpoint, signal = new AbortController().signal): Promise<string> {
  const events: EndpointEvent[] = [];
  for await (const event of endpoint.open(samplePrompt(), signal)) events.push(event);
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

describe('an endpoint over HTTP/2', () => {
  it('is asked on one connection, however many requests there are', async () => {
    const { server, endpoint } = await serve({ tokens: () => ['const', ' ü', ' = 1'] });
    const texts = await Promise.all(Array.from({ length: 60 }, () => textOf(endpoint)));
    expect(new Set(texts)).toEqual(new Set(['const ü = 1']));
    expect(server.connections).toBe(1);
  });

  it('learns of one that is cancelled, while the others on its connection go on', async () => {
    const release = Promise.withResolvers<void>();
    const { server, endpoint } = await serve({
      tokens: () => ['a', 'b'],
      beforeToken: (index) => (index === 1 ? release.promise : undefined),
    });
    const leaving = new AbortController();
    const cancelled = (async () => {
      for await (const event of endpoint.open(samplePrompt(), leaving.signal)) {
        if (event.type === 'text') leaving.abort(new Error('typed on'));
      }
    })();
    const others = Array.from({ length: 9 }, () => textOf(endpoint));
    const aborted = server.nextAbort();
    await expect(cancelled).rejects.toThrow('typed on');
    await aborted;
    release.resolve();
    expect(await Promise.all(others)).toEqual(Array.from({ length: 9 }, () => 'ab'));
    await expect.poll(() => server.open).toBe(0);
    expect([server.aborts, server.connections]).toEqual([1, 1]);
  });

  it('learns of it before the first token, too', async () => {
    const { server, endpoint } = await serve({ neverAnswer: true });
    const leaving = new AbortController();
    const asked = server.nextRequest();
    const answer = textOf(endpoint, leaving.signal);
    await asked;
    const aborted = server.nextAbort();
    leaving.abort(new Error('typed on'));
    await expect(answer).rejects.toThrow('typed on');
    await aborted;
    await expect.poll(() => server.open).toBe(0);
  });

  it('that breaks off in the middle is broken', async () => {
    const { endpoint } = await serve({ tokens: () => ['a'], breakAfterTokens: true });
    await expect(textOf(endpoint)).rejects.toMatchObject({ failure: 'broken', retryable: false });
  });

  it('that refuses says why', async () => {
    const body = JSON.stringify({ error: { type: 'rate_limit_exceeded' } });
    const { endpoint } = await serve({ raw: { status: 429, headers: { 'retry-after': '2' }, body } });
    await expect(textOf(endpoint)).rejects.toMatchObject({ failure: 'status', status: 429, retryAfterMs: 2_000 });
  });

  it('that refuses a stream unread is asked once more', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      if (asked === 1) return request.stream.close(constants.NGHTTP2_REFUSED_STREAM);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"choices":[{"index":0,"text":"here","finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    expect(await textOf(endpointAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, true))).toBe('here');
    expect(asked).toBe(2);
  });
});

describe('an endpoint that is told no protocol', () => {
  it('is asked in HTTP/1.1 without TLS', async () => {
    const server = await startScriptedServer({ tokens: () => ['a'] });
    ends.push(() => server.close());
    expect(await textOf(endpointAt(server.url, undefined))).toBe('a');
  });
});
