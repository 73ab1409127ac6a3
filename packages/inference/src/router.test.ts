import { describe, expect, it } from 'vitest';
import { attemptOrder } from './attempt-order.ts';
import { InferenceError } from './errors.ts';
import { createInference } from './router.ts';
import { samplePrompt } from './testing/sample-prompt.ts';
import type { Endpoint, EndpointEvent, InferenceEvent } from './types.ts';

const signal = new AbortController().signal;
const answer: EndpointEvent[] = [
  { type: 'text', index: 0, text: '42' },
  { type: 'end', index: 0, reason: 'stop' },
];
const refused = (name: string) => new InferenceError('connect', name, `endpoint ${name} could not be reached`);

/** An endpoint that plays its steps; counts how often it was asked. */
function endpoint(
  name: string,
  steps: readonly (EndpointEvent | Error | Promise<unknown>)[],
  region = 'eu',
): Endpoint & { asked: number } {
  return {
    name,
    region,
    asked: 0,
    async *open() {
      this.asked += 1;
      for (const step of steps) {
        if (step instanceof Error) throw step;
        if (step instanceof Promise) await step;
        else yield step;
      }
    },
    close: async () => {},
  };
}

function route(...endpoints: Endpoint[]) {
  return routeAt(() => 0, ...endpoints);
}

function routeAt(now: () => number, ...endpoints: Endpoint[]) {
  return createInference({
    region: 'eu',
    models: [{ name: 'fast', endpoints: endpoints.map((each) => ({ endpoint: each })) }],
    now,
  });
}

async function collect(stream: AsyncIterable<InferenceEvent>) {
  const events: InferenceEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe('the order of attempts', () => {
  it('is the local region first, then as configured, and what just failed last', () => {
    const endpoints = [
      { name: 'us', region: 'us', failedAt: undefined },
      { name: 'eu-1', region: 'eu', failedAt: 9_000 },
      { name: 'eu-2', region: 'eu', failedAt: undefined },
      { name: 'eu-3', region: 'eu', failedAt: 1_000 },
    ];
    expect(attemptOrder(endpoints, 'eu', 10_000).map(({ name }) => name)).toEqual(['eu-2', 'eu-3', 'us', 'eu-1']);
  });
});

describe('a request', () => {
  it('is answered by the first endpoint, which is named with the first token', async () => {
    const second = endpoint('b', answer);
    expect(await collect(route(endpoint('a', answer), second).stream(samplePrompt(), 'fast', signal))).toEqual([
      { type: 'start', endpoint: 'a', region: 'eu', queueMs: 0 },
      ...answer,
    ]);
    expect(second.asked).toBe(0);
  });

  it('that may cost nothing goes to endpoints that compute in this process only', async () => {
    const paid = endpoint('a', answer);
    const own: Endpoint = { ...endpoint('b', answer), embedded: true };
    const prompt = { ...samplePrompt(), embeddedOnly: true };
    const events = await collect(route(paid, own).stream(prompt, 'fast', signal));
    expect(events[0]).toMatchObject({ endpoint: 'b' });
    await expect(collect(route(paid).stream(prompt, 'fast', signal))).rejects.toMatchObject({ failure: 'overloaded' });
    expect(paid.asked).toBe(0);
  });

  it('goes to the next endpoint when one cannot be reached, and to that one first from then on', async () => {
    const broken = endpoint('a', [refused('a')]);
    const inference = route(broken, endpoint('b', answer));
    expect((await collect(inference.stream(samplePrompt(), 'fast', signal)))[0]).toMatchObject({ endpoint: 'b' });
    expect(inference.health()).toMatchObject([
      { state: 'failing', lastError: 'endpoint a could not be reached' },
      { state: 'ok' },
    ]);
    await collect(inference.stream(samplePrompt(), 'fast', signal));
    expect(broken.asked).toBe(1);
  });

  it('is not tried again after the first token', async () => {
    const second = endpoint('b', answer);
    const stream = route(endpoint('a', [answer[0]!, refused('a')]), second).stream(samplePrompt(), 'fast', signal);
    await expect(collect(stream)).rejects.toMatchObject({ failure: 'broken', retryable: false });
    expect(second.asked).toBe(0);
  });

  it('is not tried elsewhere when it is itself refused', async () => {
    const second = endpoint('b', answer);
    const bad = new InferenceError('status', 'a', 'endpoint a answered 400', { status: 400 });
    await expect(collect(route(endpoint('a', [bad]), second).stream(samplePrompt(), 'fast', signal))).rejects.toBe(bad);
    expect(second.asked).toBe(0);
  });

  it.each([301, 401, 403, 404, 405, 429, 500])('is tried elsewhere after a status of %i', async (status) => {
    const refusal = new InferenceError('status', 'a', `endpoint a answered ${status}`, { status });
    const inference = route(endpoint('a', [refusal]), endpoint('b', answer));
    expect((await collect(inference.stream(samplePrompt(), 'fast', signal)))[0]).toMatchObject({ endpoint: 'b' });
    expect(inference.health()).toMatchObject([{ state: 'failing' }, { state: 'ok' }]);
  });

  it.each([
    ['no endpoint will ever answer', [401, 404], { status: 401, retryable: false }],
    ['one may answer later', [401, 503], { status: 503, retryable: true }],
    ['one has no room now', [401, undefined], { failure: 'overloaded', retryable: true }],
  ])('may be repeated unless %s', async (_when, statuses, expected) => {
    const endpoints = statuses.map((status, i) => {
      const failure = status
        ? new InferenceError('status', `e${i}`, `endpoint e${i} answered ${status}`, { status })
        : new InferenceError('overloaded', `e${i}`, `endpoint e${i} is full`);
      return endpoint(`e${i}`, [failure]);
    });
    const asked = collect(route(...endpoints).stream(samplePrompt(), 'fast', signal));
    await expect(asked).rejects.toMatchObject({ ...expected, message: expect.stringMatching(/e0 answered.*; .*e1/) });
  });

  it('refused by an endpoint does not speak against that endpoint, but a refused key does', async () => {
    const refusal = (status: number) => new InferenceError('status', 'a', `endpoint a answered ${status}`, { status });
    for (const [status, state] of [
      [400, 'unknown'],
      [401, 'failing'],
    ] as const) {
      const inference = route(endpoint('a', [refusal(status)]));
      await expect(collect(inference.stream(samplePrompt(), 'fast', signal))).rejects.toMatchObject({ status });
      expect(inference.health()).toMatchObject([{ state }]);
    }
  });

  it('that failed speaks against its endpoint for five seconds', async () => {
    let time = 0;
    const inference = routeAt(() => time, endpoint('a', [refused('a')]));
    await expect(collect(inference.stream(samplePrompt(), 'fast', signal))).rejects.toThrow();
    time = 4_999;
    expect(inference.health()).toMatchObject([{ state: 'failing', lastError: 'endpoint a could not be reached' }]);
    time = 5_000;
    expect(inference.health()).toEqual([{ model: 'fast', endpoint: 'a', region: 'eu', state: 'unknown', inFlight: 0 }]);
  });

  it('goes on to the next endpoint as long as there was no text, whatever else was said', async () => {
    const usage: EndpointEvent = { type: 'usage', promptTokens: 1, completionTokens: 0 };
    const events = collect(
      route(endpoint('a', [answer[1]!, usage, refused('a')]), endpoint('b', [usage, ...answer])).stream(
        samplePrompt(),
        'fast',
        signal,
      ),
    );
    expect((await events).map((event) => (event.type === 'start' ? event.endpoint : event.type))).toEqual([
      'b',
      'usage',
      'text',
      'end',
    ]);
  });

  it('with an empty answer starts and ends', async () => {
    const stream = route(endpoint('a', [answer[1]!])).stream(samplePrompt(), 'fast', signal);
    expect((await collect(stream)).map(({ type }) => type)).toEqual(['start', 'end']);
  });

  it('that nobody answers fails with every reason', async () => {
    const busy = new InferenceError('status', 'b', 'endpoint b answered 429', { status: 429, retryAfterMs: 700 });
    await expect(
      collect(route(endpoint('a', [refused('a')]), endpoint('b', [busy])).stream(samplePrompt(), 'fast', signal)),
    ).rejects.toMatchObject({
      failure: 'connect',
      retryable: true,
      retryAfterMs: 700,
      message: 'No endpoint of model "fast" answered: endpoint a could not be reached; endpoint b answered 429.',
    });
  });

  it('passes over an endpoint that is full, and frees its place at the end', async () => {
    const release = Promise.withResolvers<void>();
    const first = endpoint('a', [answer[0]!, release.promise, answer[1]!]);
    const inference = createInference({
      region: 'eu',
      models: [{ name: 'fast', endpoints: [{ endpoint: first, maxConcurrent: 1 }] }],
    });
    const running = inference.stream(samplePrompt(), 'fast', signal)[Symbol.asyncIterator]();
    await running.next();
    await expect(collect(inference.stream(samplePrompt(), 'fast', signal))).rejects.toMatchObject({
      failure: 'overloaded',
      retryable: true,
    });
    await running.return?.();
    release.resolve();
    expect((await collect(inference.stream(samplePrompt(), 'fast', signal))).length).toBe(3);
    expect(inference.health()).toMatchObject([{ inFlight: 0, state: 'ok' }]);
  });

  it('that its caller cancels says nothing about the endpoint', async () => {
    const abort = new AbortController();
    const reason = new Error('keystroke');
    const inference = route(
      endpoint('a', [Promise.resolve().then(() => abort.abort(reason)), refused('a')]),
      endpoint('b', answer),
    );
    await expect(collect(inference.stream(samplePrompt(), 'fast', abort.signal))).rejects.toBe(reason);
    expect(inference.health()).toMatchObject([{ state: 'unknown' }, { state: 'unknown' }]);
  });
});
