import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { InferenceError } from '@ghostline/inference';
import { createAdaptorServer } from '@hono/node-server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  harness,
  key,
  problemOf,
  request,
  type scriptedEngine,
  secret,
  spoken,
  start,
  timings,
  usage,
} from '../testing/app-harness.ts';

describe('getCompletion as one document', () => {
  it('answers choices, usage and timings', async () => {
    const response = await harness().post('/v1/code/completions', request);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      completion_id: start.completionId,
      model: 'fast',
      region: 'eu',
      endpoint: 'a',
      cache: 'miss',
      choices: [{ index: 0, text: '40 + 2', finish_reason: 'stop' }],
      usage,
      timings: {
        auth_ms: expect.any(Number),
        prompt_ms: 0.1,
        cache_ms: 0.2,
        queue_ms: 0,
        first_token_ms: 3,
        total_ms: expect.any(Number),
      },
    });
  });

  it('says why it is empty', async () => {
    const { post, rows } = harness({ script: [start, { type: 'done', usage, timings, reason: 'excluded' }] });
    const response = await post('/v1/code/completions', request);
    expect(await response.json()).toMatchObject({ choices: [], reason: 'excluded' });
    expect(rows).toMatchObject([{ outcome: 'excluded' }]);
  });

  it('leaves one row about the request, without its text', async () => {
    const { post, rows } = harness();
    await post('/v1/code/completions', { ...request, prefix: 'const topSecret = ' });
    expect(rows).toMatchObject([
      {
        kind: 'request',
        org: 'local',
        model: 'fast',
        endpoint: 'a',
        outcome: 'stop',
        promptTokens: 10,
        completionTokens: 2,
        language: 'typescript',
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain('topSecret');
  });
});

describe('a bad request', () => {
  const cases: [string, Parameters<ReturnType<typeof harness>['post']>, string, RegExp][] = [
    ['malformed JSON', ['/v1/code/completions', '{"prefix": "const secret'], 'invalid-json', /^The (?:JSON|body)/],
    ['a typo', ['/v1/code/completions', { ...request, prefx: '' }], 'invalid-request', /did you mean "prefix"/],
    [
      'an over-long prefix',
      ['/v1/code/completions', { ...request, prefix: 'x'.repeat(70_000) }],
      'too-large',
      /prefix: 70000 bytes/,
    ],
    [
      'a body beyond all bounds',
      ['/v1/code/completions', { ...request, prefix: 'x'.repeat(500_000) }],
      'too-large',
      /larger than 393216 bytes/,
    ],
    [
      'another media type',
      ['/v1/code/completions', request, { 'content-type': 'text/plain' }],
      'unsupported-media-type',
      /application\/json/,
    ],
    [
      'an Accept that nothing fits',
      ['/v1/code/completions', request, { accept: 'image/png' }],
      'not-acceptable',
      /text\/event-stream/,
    ],
    ['an unknown address', ['/v2/completions', request], 'not-found', /\/v2\/completions is not an address/],
  ];
  it.each(cases)('with %s gets a problem document that names the fix', async (_what, args, name, detail) => {
    const problem = await problemOf(await harness().post(...args));
    expect(problem.name).toBe(name);
    expect(problem.detail).toMatch(detail);
    expect(problem.detail).not.toContain('secret');
    expect(problem.request_id).toBeDefined();
  });

  it('with the wrong method is told the right one', async () => {
    const response = await harness().get('/v1/telemetry');
    expect(response.headers.get('allow')).toBe('POST');
    expect((await problemOf(response)).name).toBe('method-not-allowed');
  });
});

describe('an inference failure before the first token', () => {
  it.each([
    [new InferenceError('connect', 'a', 'endpoint a: connection refused'), 'upstream-error', true],
    [new InferenceError('timeout', 'a', 'endpoint a: no token in 5000 ms'), 'upstream-timeout', true],
    [new InferenceError('overloaded', 'a', 'no room', { retryAfterMs: 1500 }), 'overloaded', true],
    [new InferenceError('status', 'a', 'endpoint a: 401', { status: 401 }), 'upstream-rejected', false],
    [new Error('a bug with const secret = 1 in it'), 'internal', true],
  ])('is a problem that says whether to try again: %s', async (error, name, retryable) => {
    const { post, rows } = harness({ script: [error] });
    const response = await post('/v1/code/completions', request);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ name, retryable });
    expect(problem.detail).not.toContain('secret');
    if (name === 'overloaded') expect(response.headers.get('retry-after')).toBe('2');
    expect(rows).toMatchObject([{ outcome: 'error' }]);
  });
});

describe('a failure after the start', () => {
  it('is an error response where nothing was sent yet, and counts once', async () => {
    const broken = new InferenceError('broken', 'a', 'endpoint a: connection lost');
    const { post, metrics } = harness({ script: [start, { type: 'delta', index: 0, text: 'a' }, broken] });
    expect((await problemOf(await post('/v1/code/completions', request))).name).toBe('upstream-error');
    expect((await metrics.problems.get()).values).toMatchObject([{ labels: { problem: 'upstream-error' }, value: 1 }]);
  });
});

describe('tokens', () => {
  it('say what the cache had, whoever is told', async () => {
    const others = [{ ...start, cache: 'memory' as const, ownSession: false }, ...spoken.slice(1)];
    const authorization = `Bearer ${secret}`;
    const { post, rows, metrics } = harness({ script: others, keys: [key] });
    const told = await post('/v1/code/completions', request, { authorization });
    expect(await told.json()).toMatchObject({ cache: 'miss' });
    expect(rows).toMatchObject([{ cache: 'memory', promptTokens: 0 }]);
    expect(await metrics.registry.metrics()).toMatch(/completions_total\{[^}]*cache="memory"[^}]*\} 1/);
    const admin = harness({ script: others, keys: [{ ...key, roles: ['developer', 'admin'] }] });
    expect(await (await admin.post('/v1/code/completions', request, { authorization })).json()).toMatchObject({
      cache: 'memory',
    });
    const own = harness({ script: [{ ...start, cache: 'memory' }, ...spoken.slice(1)], keys: [key] });
    expect(await (await own.post('/v1/code/completions', request, { authorization })).json()).toMatchObject({
      cache: 'memory',
    });
  });

  it('are counted when they were spent: not for answers from a cache', async () => {
    const { post, rows } = harness({ script: [{ ...start, cache: 'memory' }, ...spoken.slice(1)] });
    await post('/v1/code/completions', request);
    expect(rows).toMatchObject([{ cache: 'memory', promptTokens: 0, completionTokens: 0 }]);
  });
});

describe('a request with a deadline', () => {
  const never = new Promise(() => {});
  const within = (ms: string, script: Parameters<typeof scriptedEngine>[0]) => {
    const made = harness({ script });
    return { ...made, response: made.post('/v1/code/completions', request, { 'x-ghostline-deadline-ms': ms }) };
  };
  afterEach(() => {
    vi.useRealTimers();
  });

  it('that is met is answered as ever, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    expect(await (await within('3600000', spoken).response).json()).toMatchObject({ choices: [{ text: '40 + 2' }] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is cut when it passes, with the text so far', async () => {
    vi.useFakeTimers();
    const { response, rows } = within('1500', [start, { type: 'delta', index: 0, text: 'foo' }, never]);
    await vi.advanceTimersByTimeAsync(1_499);
    expect(rows).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await (await response).json()).toMatchObject({ choices: [{ text: 'foo', finish_reason: 'time' }] });
    expect(rows).toMatchObject([{ outcome: 'time', completionTokens: 1 }]);
  });

  it('says so when there is no text by then, or never was time for any', async () => {
    vi.useFakeTimers();
    const { response, rows } = within('20', [never]);
    await vi.advanceTimersByTimeAsync(20);
    expect(await (await response).json()).toMatchObject({ choices: [], reason: 'deadline' });
    expect(rows).toMatchObject([{ outcome: 'deadline', completionTokens: 0 }]);
    expect(await (await within('0', [never]).response).json()).toMatchObject({ choices: [], reason: 'deadline' });
  });

  it.each(['', '-1', '1.5', '1e3', 'soon', '99999999', '12, 13', ' '])('of %j is refused by its name', async (ms) => {
    const document = await problemOf(await within(ms, spoken).response);
    expect(document).toMatchObject({ name: 'invalid-request', status: 400 });
    expect(document.detail).toContain('x-ghostline-deadline-ms');
  });
});

describe('a superseded request', () => {
  const never = new Promise(() => {});
  const newer = { ...request, prefix: 'let ', session_id: 's', sequence: 2 };

  /** Asks once, and when that is being answered once more; the answer to the first. */
  async function supersede({ post, metrics }: ReturnType<typeof harness>) {
    const older = post('/v1/code/completions', { ...request, session_id: 's', sequence: 1 });
    await vi.waitFor(async () => expect((await metrics.inFlight.get()).values[0]?.value).toBe(1));
    void post('/v1/code/completions', newer);
    return (await older).json();
  }

  it('that had begun says that its text was cut off', async () => {
    const made = harness({ script: [start, { type: 'delta', index: 0, text: 'foo' }, never] });
    expect(await supersede(made)).toMatchObject({ choices: [{ text: 'foo', finish_reason: 'time' }] });
    expect(made.rows[0]).toMatchObject({ outcome: 'superseded', promptTokens: 3, completionTokens: 1 });
  });

  it('that had not says why it is empty', async () => {
    expect(await supersede(harness({ script: [never] }))).toMatchObject({ choices: [], reason: 'superseded' });
  });
});

describe('getCompletion as a stream, over a socket', () => {
  let server: http.Server | undefined;
  afterEach(() => server?.closeAllConnections());

  async function open(parts: Parameters<typeof harness>[0]) {
    const made = harness(parts);
    server = createAdaptorServer({ fetch: made.app.fetch }) as http.Server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = http.request({
      port,
      host: '127.0.0.1',
      path: '/v1/code/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    });
    client.end(JSON.stringify(request));
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    return { ...made, client, response, server };
  }

  async function text(response: http.IncomingMessage) {
    let all = '';
    for await (const chunk of response) all += chunk;
    return all;
  }

  it('sends start, deltas, finish and done, with headers that keep proxies from holding them', async () => {
    const { response } = await open({});
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect((await text(response)).match(/^event: \w+/gm)).toEqual([
      'event: start',
      'event: delta',
      'event: delta',
      'event: finish',
      'event: done',
    ]);
  });

  it('is a plain error, with its status, as long as nothing was sent', async () => {
    const { response } = await open({ script: [new InferenceError('connect', 'a', 'refused')] });
    expect(response.statusCode).toBe(502);
    expect(JSON.parse(await text(response))).toMatchObject({ type: 'urn:ghostline:problem:upstream-error' });
  });

  it('reports a failure after the start as an event', async () => {
    const { response, rows } = await open({
      script: [
        start,
        { type: 'delta', index: 0, text: 'a' },
        new InferenceError('broken', 'a', 'endpoint a: connection lost'),
      ],
    });
    expect(await text(response)).toMatch(/event: error\ndata: .*upstream-error.*connection lost/);
    expect(rows).toMatchObject([{ outcome: 'error' }]);
  });

  it('that nobody waits for any more, as its upload was cancelled, is no error', async () => {
    const { metrics, server: listening } = await open({});
    const { port } = listening.address() as AddressInfo;
    const upload = http.request({
      port,
      host: '127.0.0.1',
      path: '/v1/code/completions',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '1000' },
    });
    upload.on('error', () => {});
    const seen = once(listening, 'request');
    upload.write('{"prefix":');
    const [incoming] = (await seen) as [http.IncomingMessage];
    const gone = new Promise((resolve) => incoming.once('close', resolve));
    upload.destroy();
    await gone;
    expect((await metrics.problems.get()).values).toEqual([]);
  });

  it('aborts the engine when the client closes its connection, and counts it as cancelled', async () => {
    const never = new Promise(() => {});
    const { response, client, engine, rows, metrics } = await open({ script: [start, never] });
    await once(response, 'data');
    client.destroy();
    expect(String(await engine.aborted)).toMatch(/client closed/);
    await vi.waitFor(() => expect(rows).toMatchObject([{ outcome: 'cancelled', model: 'fast' }]));
    expect((await metrics.completions.get()).values).toMatchObject([{ labels: { outcome: 'cancelled' }, value: 1 }]);
  });
});
