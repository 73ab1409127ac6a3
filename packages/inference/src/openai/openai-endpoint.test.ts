import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { InferenceError } from '../errors.ts';
import { PromptPiece } from '../prompt-piece.ts';
import { describeEndpoint } from '../testing/contracts.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../testing/index.ts';
import { samplePrompt } from '../testing/sample-prompt.ts';
import type { Endpoint, EndpointEvent } from '../types.ts';
import { type OpenAiEndpointOptions, createOpenAiEndpoint } from './openai-endpoint.ts';

let server: ScriptedServer;
let endpoint: Endpoint;
/** Another server, to which nothing must go. */
let spare: ScriptedServer | undefined;
afterEach(async () => {
  await endpoint?.close();
  await server?.close();
  await spare?.close();
  spare = undefined;
});

async function startSpare(): Promise<ScriptedServer> {
  spare = await startScriptedServer({ tokens: () => ['no'] });
  return spare;
}

async function serve(script: Script, options: Partial<OpenAiEndpointOptions> = {}) {
  server = await startScriptedServer(script);
  endpoint = createOpenAiEndpoint({
    name: 'gpu',
    region: 'eu',
    url: `${server.url}/v1`,
    template: 'qwen2.5-coder',
    model: 'coder',
    ...options,
  });
}

async function collect(signal = new AbortController().signal, prompt = samplePrompt()): Promise<EndpointEvent[]> {
  const events: EndpointEvent[] = [];
  for await (const event of endpoint.open(prompt, signal)) events.push(event);
  return events;
}

const textOf = (events: readonly EndpointEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');
const failure = (): Promise<InferenceError> =>
  collect().then(
    (events) => Promise.reject(new Error(JSON.stringify(events))),
    (error) => error,
  );

/** A recorded answer: status, headers and body as the server sent them. */
function recorded(name: string) {
  const bytes = readFileSync(path.join(import.meta.dirname, 'fixtures', name));
  const head = bytes.indexOf('HTTP/1.1 ');
  const bodyAt =
    bytes.indexOf('\r\n\r\n', head) >= 0 ? bytes.indexOf('\r\n\r\n', head) + 4 : bytes.indexOf('\n\n', head) + 2;
  const status = Number(/HTTP\/1\.1 (\d+)/.exec(bytes.toString('latin1', head))?.[1]);
  const type = /content-type: ([^\r\n]+)/i.exec(bytes.toString('latin1', head, bodyAt))?.[1] ?? '';
  return { status, headers: { 'content-type': type }, body: bytes.subarray(bodyAt) };
}

describeEndpoint('a server that speaks OpenAI’s protocol', async () => {
  const spoken = await startScriptedServer({ tokens: () => ['add', '(a', ', b)'] });
  const where = { name: 'gpu', region: 'eu', url: `${spoken.url}/v1`, model: 'coder' };
  return {
    endpoint: createOpenAiEndpoint({ ...where, template: 'qwen2.5-coder' }),
    prompt: samplePrompt(),
    close: () => spoken.close(),
  };
});

describe('a completion', () => {
  it('is asked for in the words of the API, with the rendered prompt', async () => {
    await serve({ tokens: () => ['42'] }, { apiKey: 'sk-secret' });
    await collect();
    expect(server.requests[0]).toMatchObject({
      headers: { authorization: 'Bearer sk-secret' },
      body: {
        model: 'coder',
        prompt: '<qwen2.5-coder>let x = <suffix>',
        max_tokens: 32,
        temperature: 0,
        stream: true,
        stop: ['\n', '<a>', '<b>', '<c>'],
      },
    });
  });

  it('carries the trace it belongs to, and no such header without one', async () => {
    await serve({ tokens: () => ['42'] });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await collect(undefined, { ...samplePrompt(), traceparent });
    await collect();
    expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual([traceparent, undefined]);
  });

  it('is not asked of an address that its name resolves to and that is refused', async () => {
    await serve(
      { tokens: () => ['42'] },
      {
        url: `http://gpu.example.com:${new URL((await startSpare()).url).port}/v1`,
        allowPrivate: false,
        lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
      },
    );
    expect(await failure()).toMatchObject({
      failure: 'connect',
      message: expect.stringMatching(/is not asked.*127\.0\.0\.1 is a private address/),
    });
    expect(spare?.connections).toBe(0);
  });

  it('cannot be configured for an address that is refused', () => {
    const options = { name: 'gpu', region: 'eu', template: 'plain', model: 'm' };
    expect(() => createOpenAiEndpoint({ ...options, url: 'http://169.254.169.254/latest' })).toThrow('169.254.169.254');
    expect(() => createOpenAiEndpoint({ ...options, url: 'http://2852039166/v1' })).toThrow('169.254.169.254');
    expect(() => createOpenAiEndpoint({ ...options, url: 'http://[::ffff:169.254.169.254]/v1' })).toThrow(
      'link-local, metadata or multicast',
    );
  });

  it('is not sent elsewhere by a redirect', async () => {
    const { url } = await startSpare();
    await serve(
      { raw: { status: 307, headers: { location: `${url}/v1/completions` }, body: '' } },
      { apiKey: 'sk-secret' },
    );
    expect(await failure()).toMatchObject({ failure: 'status', status: 307 });
    expect(spare?.requests).toEqual([]);
  });

  it('streams its texts as they come, its end and the usage', async () => {
    const gate = Promise.withResolvers<void>();
    await serve({ tokens: () => ['4', '2'], beforeToken: (index) => (index === 1 ? gate.promise : undefined) });
    const events: EndpointEvent[] = [];
    for await (const event of endpoint.open(samplePrompt(), new AbortController().signal)) {
      events.push(event);
      gate.resolve();
    }
    expect(events).toEqual([
      { type: 'text', index: 0, text: '4' },
      { type: 'text', index: 0, text: '2' },
      { type: 'end', index: 0, reason: 'stop' },
      { type: 'usage', promptTokens: 8, completionTokens: 2 },
    ]);
  });

  it('puts the text of a broken stream after the middle token, never into the prefix', async () => {
    await serve({});
    await collect(undefined, samplePrompt({ continuation: 'foo(' }));
    expect(server.requests[0]?.body['prompt']).toBe('<qwen2.5-coder>let x = <suffix>foo(');
    expect(server.requests[0]?.body['stop']).not.toContain('\n');
  });

  it('keeps its connection for the next request', async () => {
    await serve({ tokens: () => ['4'] });
    for (let i = 0; i < 20; i++) await collect();
    // A second one when the pool has not yet seen that the first is free; never one for each request.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('reaches a consumer whole that takes its time', async () => {
    const tokens = Array.from({ length: 2_000 }, (_, index) => `${index}`.padEnd(1_000));
    await serve({ tokens: () => tokens });
    const prompt = samplePrompt({ sampling: { ...samplePrompt().sampling, maxTokens: 100_000 } });
    let text = '';
    for await (const event of endpoint.open(prompt, new AbortController().signal)) {
      if (event.type === 'text') text += event.text;
      await new Promise(setImmediate);
    }
    expect(text).toBe(tokens.join(''));
  });

  it('is over when it says so, whenever the server closes', async () => {
    const { body, ...rest } = recorded('v1-completions-stop.txt');
    // More than the body that comes: the server holds the connection open for ever.
    await serve({ raw: { status: 200, headers: { ...rest.headers, 'content-length': '9999' }, body: [body] } });
    expect((await collect()).at(-1)).toMatchObject({ type: 'usage', completionTokens: 3 });
  });

  it('recorded from llama.cpp reads the same however its bytes are split', async () => {
    const { body, ...rest } = recorded('v1-completions-stream.txt');
    await serve({ raw: { ...rest, body: [body] } });
    const whole = await collect();
    expect(textOf(whole).length).toBeGreaterThan(3);
    expect(whole.at(-1)).toMatchObject({ type: 'usage', completionTokens: 8 });
    expect(whole.find(({ type }) => type === 'end')).toEqual({ type: 'end', index: 0, reason: 'length' });
    for (let at = 1; at < body.length; at += 37) {
      server.play({ raw: { ...rest, body: [body.subarray(0, at), body.subarray(at)] } });
      expect(textOf(await collect())).toBe(textOf(whole));
    }
  });

  it('keeps characters whole that packets split', async () => {
    const bytes = Buffer.from(
      'data: {"choices":[{"index":0,"text":"é👻漢"}]}\n\ndata: {"choices":[{"index":0,"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    );
    await serve({ raw: { body: [...bytes].map((byte) => Uint8Array.of(byte)) } });
    expect(textOf(await collect())).toBe('é👻漢');
  });
});

describe('a server that does not answer as it should', () => {
  const json = { 'content-type': 'application/json' };
  it.each<[string, Script, object]>([
    [
      'an error status',
      {
        raw: {
          status: 503,
          headers: { ...json, 'retry-after': '2' },
          body: '{"error":{"type":"overloaded_error","message":"let x = "}}',
        },
      },
      {
        failure: 'status',
        status: 503,
        retryable: true,
        retryAfterMs: 2000,
        message: expect.stringMatching(/answered 503: overloaded_error$/),
      },
    ],
    [
      'an error of the caller',
      { raw: { status: 400, headers: json, body: '{"error":{"message":"bad"}}' } },
      { failure: 'status', status: 400, retryable: false },
    ],
    [
      'a page of HTML',
      { raw: { headers: { 'content-type': 'text/html' }, body: '<h1>hi' } },
      { failure: 'protocol', message: expect.stringMatching(/answered text\/html instead of an event stream/) },
    ],
    ['lines that are no chunks', { raw: { body: 'data: {"hello": 1}\n\n' } }, { failure: 'protocol' }],
    ['broken JSON', { raw: { body: 'data: {"choices"\n\n' } }, { failure: 'protocol' }],
    [
      'an error inside the stream',
      { raw: { body: 'data: {"error":{"type":"server_error","message":"let x"}}\n\n' } },
      { failure: 'protocol', message: expect.stringMatching(/in its stream: server_error$/) },
    ],
    ['a stream that ends at once', { raw: { body: '' } }, { failure: 'protocol' }],
    [
      'a line without end',
      { raw: { body: `data: ${'x'.repeat(300_000)}` } },
      { failure: 'protocol', message: expect.stringMatching(/more than 262144 characters/) },
    ],
    ['an end in the middle', { tokens: () => ['a'], truncate: true }, { failure: 'broken', retryable: false }],
    [
      'a connection lost in the middle',
      { tokens: () => ['a'], breakAfterTokens: true },
      { failure: 'broken', retryable: false },
    ],
  ])('%s is an error that says so, without the prompt', async (_what, script, expected) => {
    await serve(script, { apiKey: 'sk-secret' });
    const error = await failure();
    expect(error).toMatchObject(expected);
    expect(error.message).not.toMatch(/let x|sk-secret/);
  });

  it('recorded from llama.cpp: a prompt beyond its context', async () => {
    const { body, ...rest } = recorded('error-context-exceeded.txt');
    await serve({ raw: { ...rest, body: [body] } });
    expect(await failure()).toMatchObject({
      failure: 'status',
      status: 400,
      retryable: false,
      message: expect.stringMatching(/exceed_context_size_error/),
    });
  });

  it('cannot be reached', async () => {
    await serve({});
    await server.close();
    expect(await failure()).toMatchObject({
      failure: 'connect',
      retryable: true,
      message: expect.stringMatching(/^endpoint [\w-]+ could not be reached \(ECONNREFUSED\); is the server running/),
    });
  });

  it('never says a first token', async () => {
    await serve({ neverAnswer: true }, { firstTokenTimeoutMs: 30 });
    expect(await failure()).toMatchObject({ failure: 'timeout', retryable: true });
    server.play({ stallAfterTokens: true });
    expect(await failure()).toMatchObject({
      failure: 'timeout',
      message: 'endpoint gpu sent no first token for 30 ms',
    });
  });

  it('stalls in the middle', async () => {
    await serve({ tokens: () => ['a'], stallAfterTokens: true }, { idleTimeoutMs: 30 });
    expect(await failure()).toMatchObject({
      failure: 'broken',
      message: 'endpoint gpu sent no further token for 30 ms',
    });
  });
});

describe('cancelling', () => {
  it('reaches the server’s socket in the middle of a stream', async () => {
    await serve({ tokens: () => ['a'], stallAfterTokens: true });
    const abort = new AbortController();
    const reason = new Error('keystroke');
    const aborted = server.nextAbort();
    await expect(async () => {
      for await (const _event of endpoint.open(samplePrompt(), abort.signal)) abort.abort(reason);
    }).rejects.toBe(reason);
    await aborted;
  });

  it('reaches it before the first token', async () => {
    await serve({ neverAnswer: true });
    const abort = new AbortController();
    const asked = server.nextRequest();
    const collected = collect(abort.signal);
    await asked;
    const aborted = server.nextAbort();
    abort.abort(new Error('keystroke'));
    await expect(collected).rejects.toThrow('keystroke');
    await aborted;
  });

  it('does not wait for a connection that is still being made', async () => {
    await serve({});
    // Speaks no TLS, so that the handshake never ends.
    const silent = net.createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const connected = once(silent, 'connection');
    const url = `https://127.0.0.1:${(silent.address() as net.AddressInfo).port}/v1`;
    const tls = createOpenAiEndpoint({ name: 'gpu', region: 'eu', url, template: 'plain', model: 'coder' });
    const abort = new AbortController();
    const next = tls.open(samplePrompt(), abort.signal)[Symbol.asyncIterator]().next();
    await connected;
    abort.abort(new Error('keystroke'));
    await expect(next).rejects.toThrow('keystroke');
    await tls.close();
    silent.close();
  });

  it('happens by leaving while the next event is awaited', async () => {
    await serve({ stallAfterTokens: true });
    const asked = server.nextRequest();
    const events = endpoint.open(samplePrompt(), new AbortController().signal)[Symbol.asyncIterator]();
    const next = events.next();
    await asked;
    const aborted = server.nextAbort();
    await events.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    await aborted;
  });

  it('before it began asks nobody', async () => {
    await serve({});
    await expect(collect(AbortSignal.abort(new Error('keystroke')))).rejects.toThrow('keystroke');
    expect(server.requests.length).toBe(0);
  });

  it('happens by leaving the loop, too', async () => {
    await serve({ tokens: () => ['a', 'b'], stallAfterTokens: true });
    const aborted = server.nextAbort();
    for await (const _event of endpoint.open(samplePrompt(), new AbortController().signal)) break;
    await aborted;
    expect(server.aborts).toBe(1);
  });
});

describe('a model that only chats', () => {
  const cleaner = () => {
    let said = '';
    return {
      feed: (text: string) => {
        said += text;
        return said.includes('END') ? { text: '', ended: true } : { text: text.toUpperCase(), ended: false };
      },
      end: () => '.',
    };
  };
  const chatPrompt = (fields: Partial<ReturnType<typeof samplePrompt>> = {}) =>
    samplePrompt({
      render: () => ({
        pieces: [new PromptPiece('never sent')],
        stop: ['<a>'],
        chat: (prefilled) => ({
          messages: [
            { role: 'user', content: 'let x = ?' },
            ...(prefilled ? [{ role: 'assistant' as const, content: 'let x = ' }] : []),
          ],
          createCleaner: cleaner,
        }),
      }),
      ...fields,
    });

  it('is asked in messages, without stops, with room for a fence', async () => {
    await serve({ tokens: () => ['4', '2'] });
    const events = await collect(undefined, chatPrompt());
    expect(server.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { model: 'coder', messages: [{ role: 'user', content: 'let x = ?' }], max_tokens: 48, stream: true },
    });
    expect(server.requests[0]?.body).not.toHaveProperty('stop');
    expect(server.requests[0]?.body).not.toHaveProperty('prompt');
    expect(textOf(events)).toBe('42.');
    expect(events.slice(-2)).toMatchObject([
      { type: 'end', reason: 'stop' },
      { type: 'usage', completionTokens: 2 },
    ]);
  });

  it('goes on with a beginning where its server can, in that server’s words', async () => {
    await serve({ tokens: () => ['4'] }, { prefill: 'trailing' });
    await collect(undefined, chatPrompt());
    expect(server.requests[0]?.body['messages']).toHaveLength(2);
    expect(server.requests[0]?.body).not.toHaveProperty('continue_final_message');
    await endpoint.close();
    const { url } = server;
    const options = { name: 'gpu', region: 'eu', url: `${url}/v1`, template: 'instruct', model: 'coder' };
    endpoint = createOpenAiEndpoint({ ...options, prefill: 'vllm' });
    await collect(undefined, chatPrompt());
    expect(server.requests[1]?.body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });

  it('is cut off upstream as soon as the code has ended, whatever it still wants to explain', async () => {
    await serve({ tokens: () => ['a', 'b', 'END', 'because'], stallAfterTokens: true });
    const gone = server.nextAbort();
    const events = await collect(undefined, chatPrompt());
    expect(events).toEqual([
      { type: 'text', index: 0, text: 'AB' },
      { type: 'end', index: 0, reason: 'stop' },
    ]);
    await gone;
  });

  it('may send roles, thoughts and tool calls, which are no text', async () => {
    const deltas = [{ role: 'assistant' }, { reasoning_content: 'hm' }, { content: null }, { content: 'x' }, {}];
    const body = deltas.map(
      (delta, at) =>
        `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: at === 4 ? 'stop' : null }] })}\n\n`,
    );
    await serve({ raw: { body: [...body, 'data: [DONE]\n\n'] } });
    expect(textOf(await collect(undefined, chatPrompt()))).toBe('X.');
  });

  it('is not what a completions server is: its chunks are refused by the other', async () => {
    await serve({ raw: { body: 'data: {"choices":[{"index":0,"text":"x"}]}\n\n' } });
    await expect(collect(undefined, chatPrompt())).rejects.toMatchObject({ failure: 'protocol' });
  });
});

describe('the salt of prefix caches', () => {
  it('is the tenant’s, and sent only where the server knows it', async () => {
    await serve({ tokens: () => ['4'] });
    await collect();
    expect(server.requests[0]?.body).not.toHaveProperty('cache_salt');
    await endpoint.close();
    const options = { name: 'gpu', region: 'eu', url: `${server.url}/v1`, template: 'plain', model: 'coder' };
    endpoint = createOpenAiEndpoint({ ...options, cacheSalt: true });
    await collect(undefined, samplePrompt({ tenant: 'org-a' }));
    expect(server.requests[1]?.body['cache_salt']).toBe('org-a');
  });
});
