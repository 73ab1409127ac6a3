import { describe, expect, it } from 'vitest';
import type { SpanRecord } from './spans.ts';
import { type TracingOptions, createTracing } from './tracing.ts';

const incoming = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331';
const row = {
  kind: 'request',
  receivedAt: 0,
  org: 'acme',
  team: 'web',
  user: 'alice',
  completionId: 'cmp_1',
  language: 'typescript',
  trigger: 'automatic',
  model: 'fast',
  region: 'eu',
  endpoint: 'eu-a',
  cache: 'miss',
  ownSession: true,
  outcome: 'stop',
  promptTokens: 10,
  completionTokens: 2,
  firstTokenMs: 30,
  totalMs: 50,
} as const;

function setUp(options: Partial<TracingOptions> = {}) {
  const spans: SpanRecord[] = [];
  const clock = { at: 1000 };
  let ids = 0;
  const tracing = createTracing({
    sampleRatio: 1,
    users: false,
    providerOf: () => 'openai',
    emit: (some) => spans.push(...some),
    now: () => clock.at,
    newId: (bytes) => String(++ids).padStart(bytes * 2, '0'),
    ...options,
  });
  return { tracing, spans, clock };
}

const ended = { requestId: 'r1', path: '/v1/code/completions', status: 200, problem: undefined, user: row };

/** One request of 60 ms: 2 for who asks, 1 for limits, 3 to read, then the engine. */
function play({ tracing, clock }: ReturnType<typeof setUp>, header?: string, more: Partial<typeof row> = {}) {
  const { trace } = tracing.begin(header);
  trace?.stage('authenticate');
  clock.at += 2;
  trace?.stage('limit');
  clock.at += 1;
  trace?.stage('read');
  clock.at += 3;
  const beganMs = clock.at;
  clock.at += 30;
  const timings = { promptMs: 4, cacheMs: 1, queueMs: 5, firstTokenMs: 30 };
  trace?.note({
    type: 'start',
    completionId: 'cmp_1',
    model: 'fast',
    region: 'eu',
    endpoint: 'eu-a',
    cache: 'miss',
    ownSession: true,
    timings,
  });
  clock.at += 24;
  trace?.answered({ row: { ...row, ...more } as never, streaming: true, beganMs, error: undefined });
  trace?.end(ended);
}

/** `name from–to`, in milliseconds since the request came. */
function timeline(spans: readonly SpanRecord[]): string[] {
  const began = spans[0]!.startMs;
  return spans.map(({ name, startMs, endMs }) => `${name} ${Math.round(startMs - began)}–${Math.round(endMs - began)}`);
}

describe('a traced request', () => {
  it('becomes one span with its stages inside', () => {
    const all = setUp();
    play(all);
    expect(timeline(all.spans)).toEqual([
      'POST /v1/code/completions 0–60',
      'authenticate 0–2',
      'limit 2–3',
      'read 3–6',
      'prompt 6–10',
      'cache 10–11',
      'queue 11–16',
      'text_completion fast 16–60',
      'stream 36–60',
    ]);
    const [server, ...stages] = all.spans;
    expect(server?.parent).toBeUndefined();
    expect(new Set(stages.map(({ parent }) => parent?.spanId))).toEqual(new Set([server?.context.spanId]));
    expect(new Set(all.spans.map(({ context }) => context.traceId)).size).toBe(1);
    expect(new Set(all.spans.map(({ context }) => context.spanId)).size).toBe(all.spans.length);
  });

  it('describes the inference in the words of the GenAI conventions', () => {
    const all = setUp();
    play(all);
    expect(all.spans.find(({ kind }) => kind === 'client')?.attributes).toMatchObject({
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'fast',
      'gen_ai.response.id': 'cmp_1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': 0.02,
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 2,
      'ghostline.endpoint': 'eu-a',
    });
  });

  it('shows no inference for an answer from a cache', () => {
    const all = setUp();
    play(all, undefined, { cache: 'memory' as never });
    expect(all.spans.map(({ name }) => name)).not.toContain('queue');
    expect(all.spans.filter(({ kind }) => kind === 'client')).toEqual([]);
  });

  it('names nobody, unless the operator wants names', () => {
    const anonymous = setUp();
    play(anonymous);
    expect(JSON.stringify(anonymous.spans)).not.toMatch(/alice|acme|web/);
    const named = setUp({ users: true });
    play(named);
    expect(named.spans[0]?.attributes).toMatchObject({ 'enduser.id': 'alice', 'ghostline.organisation': 'acme' });
  });

  it('that was refused has the stages it came to, and the problem', () => {
    const { tracing, spans, clock } = setUp();
    const { trace } = tracing.begin(undefined);
    trace!.stage('authenticate');
    clock.at += 1;
    trace!.end({ ...ended, status: 401, problem: 'unauthenticated', user: undefined });
    expect(timeline(spans)).toEqual(['POST /v1/code/completions 0–1', 'authenticate 0–1']);
    expect(spans[0]?.attributes).toMatchObject({
      'http.response.status_code': 401,
      'ghostline.problem': 'unauthenticated',
    });
    // The conventions: what the caller did wrong is no error of the server's span.
    expect(spans[0]?.error).toBeUndefined();
  });

  it('whose endpoints failed says so on the inference and on the whole', () => {
    const { tracing, spans, clock } = setUp();
    const { trace } = tracing.begin(undefined);
    const failed = { ...row, outcome: 'error', endpoint: 'none', model: 'none' } as const;
    clock.at += 5;
    trace!.answered({ row: failed, streaming: true, beganMs: 1000, error: 'timeout' });
    trace!.end({ ...ended, status: 504, problem: 'upstream-timeout' });
    expect(spans.map(({ name, error }) => [name, error])).toEqual([
      ['POST /v1/code/completions', 'upstream-timeout'],
      ['text_completion none', 'timeout'],
    ]);
  });
});

describe('whether a request is traced', () => {
  it('was decided by its caller, when there is one', () => {
    const all = setUp({ sampleRatio: 0 });
    play(all, `${incoming}-01`);
    expect(all.spans[0]).toMatchObject({
      context: { traceId: '0af7651916cd43dd8448eb211c80319c' },
      parent: { spanId: 'b7ad6b7169203331', remote: true },
    });
    const against = setUp({ sampleRatio: 1 });
    expect(against.tracing.begin(`${incoming}-00`)).toEqual({ trace: undefined, traceparent: `${incoming}-00` });
  });

  it('is drawn by lot otherwise', () => {
    const draws = [0.2, 0.1, 0.09];
    const { tracing } = setUp({ sampleRatio: 0.1, random: () => draws.shift()! });
    expect([1, 2, 3].map(() => tracing.begin(undefined).trace !== undefined)).toEqual([false, false, true]);
  });

  it('is drawn by lot when the header makes no sense', () => {
    expect(setUp({ sampleRatio: 0 }).tracing.begin('nonsense')).toEqual({ trace: undefined, traceparent: undefined });
  });

  it('tells the endpoint the span that the inference will have', () => {
    const { tracing, spans } = setUp();
    const { trace, traceparent } = tracing.begin(`${incoming}-01`);
    trace!.note({
      type: 'start',
      completionId: 'c',
      model: 'm',
      region: 'r',
      endpoint: 'e',
      cache: 'miss',
      ownSession: true,
      timings: { promptMs: 0, cacheMs: 0, queueMs: 0, firstTokenMs: 0 },
    });
    trace!.answered({ row, streaming: false, beganMs: 0, error: undefined });
    trace!.end(ended);
    const inference = spans.find(({ kind }) => kind === 'client')!;
    expect(traceparent).toBe(`00-0af7651916cd43dd8448eb211c80319c-${inference.context.spanId}-01`);
  });
});
