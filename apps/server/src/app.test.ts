import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FixedKey, createAccess } from '@ghostline/access';
import { fixedKeyFor } from '@ghostline/access/testing';
import type { CompletionEvent, Engine } from '@ghostline/engine';
import { InferenceError } from '@ghostline/inference';
import {
  type BudgetSettings,
  type LimitSettings,
  createLimiter,
  createMemoryPermitStore,
  createPriceList,
  createStopBoard,
  moneyPool,
} from '@ghostline/limits';
import { createMemoryStopStore } from '@ghostline/limits/testing';
import { Problem, type TelemetryEvent } from '@ghostline/protocol';
import type { AnalyticsStore, EventLog, LogRecord, RequestRecord } from '@ghostline/telemetry';
import { createAdaptorServer } from '@hono/node-server';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from './app.ts';
import { createCompletionIds } from './gateway/completion-id.ts';
import { createClientAddress } from './http/client-address.ts';
import { createGate } from './limits/gate.ts';
import { limitMetrics } from './limits/limit-metrics.ts';
import { createMetrics } from './metrics/index.ts';

const ids = createCompletionIds(Buffer.alloc(32, 7));
const request = { prefix: 'const x = ', suffix: '', language: 'typescript', trigger: 'automatic' };
const timings = { promptMs: 0.1, cacheMs: 0.2, queueMs: 0, firstTokenMs: 3, totalMs: 5 };
const usage = { prompt_tokens: 10, completion_tokens: 2 };
const start = {
  type: 'start',
  completionId: ids.create('local'),
  model: 'fast',
  region: 'eu',
  endpoint: 'a',
  cache: 'miss',
  ownSession: true,
} as const;
const spoken: CompletionEvent[] = [
  start,
  { type: 'delta', index: 0, text: '40' },
  { type: 'delta', index: 0, text: ' + 2' },
  { type: 'finish', index: 0, reason: 'stop' },
  { type: 'done', usage, timings },
];

/** An engine that plays `script`; an Error in it is thrown there, a promise awaited. */
function scriptedEngine(
  script: readonly (CompletionEvent | Error | Promise<unknown>)[],
): Engine & { aborted: Promise<unknown>; spends: unknown[] } {
  let reportAbort = (_reason: unknown) => {};
  const aborted = new Promise((resolve) => {
    reportAbort = resolve;
  });
  const spends: unknown[] = [];
  return {
    aborted,
    spends,
    async *complete(_request, _tenant, signal, about) {
      spends.push(about?.spend);
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reportAbort(signal.reason), { once: true });
      for (const step of script) {
        if (step instanceof Error) throw step;
        if (step instanceof Promise) await Promise.race([step, aborted]);
        if (signal.aborted) throw signal.reason;
        if (step instanceof Promise) continue;
        yield step;
      }
    },
  };
}

const secret = 'gk_test_key';
const key = fixedKeyFor(secret);

function harness({
  script = spoken as readonly (CompletionEvent | Error | Promise<unknown>)[],
  keys = undefined as FixedKey[] | undefined,
  append = (async (records) => ({ accepted: records.length, duplicates: 0 })) as EventLog['append'],
  perMinute = 1000,
  tooLate = false,
  limits = {} as LimitSettings,
  budgets = {} as BudgetSettings,
  operators = undefined as string[] | undefined,
  regions = [] as { name: string; url: string }[],
  store = {} as Partial<AnalyticsStore>,
  origins = undefined as string[] | undefined,
} = {}) {
  const rows: RequestRecord[] = [];
  const appended: LogRecord[] = [];
  const metrics = createMetrics();
  const permits = createMemoryPermitStore();
  const stops = createStopBoard({ store: createMemoryStopStore() });
  const settings = { limits: { perKey: { requestsPerMinute: perMinute }, ...limits }, budgets, stopWhen: {} };
  const limiter = createLimiter({ store: permits, stops, settings });
  const log = pino({ level: 'silent' });
  const engine = scriptedEngine(script);
  const refuse = async () => {
    throw new Error('store is away');
  };
  const app = createApp({
    log,
    authenticator: createAccess({ required: keys !== undefined, fixedKeys: keys ?? [] }).authenticate,
    clientAddress: createClientAddress([]),
    origins,
    health: {
      region: 'eu',
      regions,
      version: '0.0.0',
      metrics,
      draining: () => false,
      components: () => ({ event_log: { state: 'down', detail: 'http://internal' } }),
      authenticated: keys !== undefined,
    },
    gateway: {
      safety: { excludedPaths: ['generated/'], organisations: { globex: { excludedLanguages: ['sql'] } } },
      engine,
      isTooLate: () => tooLate,
      region: 'eu',
      newCompletionId: ids.create,
      record: (row) => rows.push(row),
      metrics,
      log,
      eventLog: {
        append: async (records) => {
          appended.push(...records);
          return append(records);
        },
      },
      ids,
      notify: () => {},
      gate: createGate({
        limiter,
        pricing: () => ({ prices: createPriceList([]), contextTokens: 4096 }),
        metrics: limitMetrics(metrics),
      }),
      intake: limiter,
    },
    admin: {
      store: { acceptance: refuse, latency: refuse, retention: refuse, ...store },
      minimumUsers: () => 1,
      log,
      pages: import.meta.dirname,
      spending: { stops, store: permits, settings: () => ({ budgets, operators }), log },
    },
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'POST',
      headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    app,
    post,
    rows,
    appended,
    engine,
    metrics,
    stops,
    permits,
    get: (path: string, headers: Record<string, string> = {}) =>
      app.request(path, { headers: { host: 'localhost', ...headers } }),
  };
}

async function problemOf(response: Response): Promise<Problem & { name: string }> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document = Problem.parse(await response.json());
  expect(document.status).toBe(response.status);
  return { ...document, name: document.type.replace('urn:ghostline:problem:', '') };
}

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

describe('a limit', () => {
  it('is told with every answer, as the standard fields have it', async () => {
    const { post } = harness({ perMinute: 600 });
    const { headers } = await post('/v1/code/completions', request);
    expect(headers.get('ratelimit-policy')).toBe('"requests-key";q=600;w=60;qu="requests"');
    expect(headers.get('ratelimit')).toMatch(/^"requests-key";r=5[89];t=1$/);
    expect(headers.get('x-ghostline-spending')).toBeNull();
  });

  it('that is reached is named with its scope, and refuses before the body is read', async () => {
    const { post, engine, metrics, rows } = harness({ perMinute: 10 });
    expect((await post('/v1/code/completions', request)).status).toBe(200);
    for (const body of [request, 'not even JSON']) {
      const response = await post('/v1/code/completions', body);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(response.headers.get('ratelimit')).toMatch(/^"requests-key";r=0;t=\d$/);
      expect(await response.json()).toMatchObject({
        type: 'urn:ghostline:problem:rate-limited',
        limit: { name: 'requests_per_minute', scope: 'key' },
        detail:
          'More than 10 requests a minute with the key "local". An admin can raise limits.perKey.requestsPerMinute.',
        retry_after_ms: expect.any(Number),
      });
    }
    expect(rows).toHaveLength(1);
    expect(engine.spends).toEqual(['any']);
    expect(await metrics.registry.metrics()).toContain(
      'ghostline_limit_refusals_total{limit="requestsPerMinute",scope="key",outcome="refused"} 2',
    );
  });

  it('counts requests that cannot be understood', async () => {
    const { post } = harness({ perMinute: 20 });
    expect((await post('/v1/code/completions', { prefix: 1 })).status).toBe(400);
    expect((await post('/v1/code/completions', { prefix: 1 })).status).toBe(400);
    expect((await post('/v1/code/completions', request)).status).toBe(429);
  });

  it('of tokens takes what was really used', async () => {
    const { post } = harness({ limits: { perUser: { tokensPerMinute: 2_000 } } });
    // Each reserves 131 of the 500 at once, and uses 12.
    for (let i = 0; i < 25; i++) expect((await post('/v1/code/completions', request)).status).toBe(200);
    const large = { ...request, prefix: 'x'.repeat(2_000) };
    expect((await post('/v1/code/completions', large)).status).toBe(429);
  });

  it('of streams lets go of each that ends, however it does', async () => {
    const { post } = harness({
      script: [new InferenceError('connect', 'a', 'away')],
      limits: { perKey: { concurrentStreams: 1 } },
    });
    for (let i = 0; i < 3; i++) expect((await post('/v1/code/completions', request)).status).toBe(502);
  });

  it('sheds what is asked ahead, so that it does not hold back what is asked next', async () => {
    const { post, rows, engine } = harness({ perMinute: 100 });
    const ahead = { ...request, trigger: 'speculative' };
    for (let i = 0; i < 8; i++) await post('/v1/code/completions', ahead);
    const response = await post('/v1/code/completions', ahead);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [], reason: 'shed', model: 'none' });
    expect(rows.at(-1)).toMatchObject({ outcome: 'shed', promptTokens: 0 });
    expect(engine.spends).toHaveLength(8);
    expect(await (await post('/v1/code/completions', request)).json()).toMatchObject({ choices: [{ text: '40 + 2' }] });
  });
});

describe('spending', () => {
  const stop = '/admin/api/spending/stop';
  const admin = (org: string, user: string) => {
    const token = `gk_${org}_${user}`;
    const sha256 = createHash('sha256').update(token).digest('hex');
    const roles = ['developer', 'admin'] as const;
    const made: FixedKey = { id: `${org}-${user}`, sha256, org, team: 'web', user, roles, expires: undefined };
    return { key: made, as: { authorization: `Bearer ${token}` } };
  };
  const acme = admin('acme', 'alice');
  const other = admin('other', 'bob');

  it('is stopped and resumed by hand, for one, an organisation, or everybody', async () => {
    const { app, post, get, engine } = harness();
    expect(await (await get(stop)).json()).toEqual({ stops: [] });
    const response = await post(stop, { user: 'local', reason: 'A runaway script.', minutes: 5 });
    expect(await response.json()).toEqual({ found: true, everywhere: true });
    expect(await (await get(stop)).json()).toMatchObject({
      stops: [
        {
          scope: 'user',
          organisation: 'local',
          user: 'local',
          reason: 'A runaway script.',
          by: 'hand',
          who: 'local/local',
          since: expect.any(String),
          until: expect.any(String),
        },
      ],
    });
    const answered = await post('/v1/code/completions', request);
    expect(answered.headers.get('x-ghostline-spending')).toBe('stopped;scope=user');
    expect(engine.spends).toEqual(['nothing']);
    const resume = (query: string) =>
      app.request(`${stop}${query}`, { method: 'DELETE', headers: { host: 'localhost' } });
    expect(await (await resume('')).json()).toEqual({ found: false, everywhere: true });
    expect(await (await resume('?user=local')).json()).toEqual({ found: true, everywhere: true });
    await post('/v1/code/completions', request);
    expect(engine.spends).toEqual(['nothing', 'any']);
  });

  it('says what is wrong with a stop', async () => {
    const { post } = harness();
    expect(await (await post(stop, { usr: 'alice' })).json()).toMatchObject({
      detail: expect.stringContaining('user'),
    });
    expect((await post(stop, { minutes: 0 })).status).toBe(400);
  });

  it('of others is for operators, but stopping it for everybody is for any admin', async () => {
    const { app, post, get } = harness({ keys: [acme.key, other.key], operators: ['other'] });
    const resume = (query: string, headers: Record<string, string>) =>
      app.request(`${stop}${query}`, { method: 'DELETE', headers: { host: 'localhost', ...headers } });
    expect((await post(stop, { organisation: 'other' }, acme.as)).status).toBe(403);
    expect((await post(stop, {}, acme.as)).status).toBe(200);
    expect((await resume('', acme.as)).status).toBe(403);
    expect((await resume('?organisation=other', acme.as)).status).toBe(403);
    expect((await post(stop, { organisation: 'acme' }, other.as)).status).toBe(200);
    expect((await post(stop, { user: 'x' }, other.as)).status).toBe(200);
    const seen = async (headers: Record<string, string>) =>
      ((await (await get(stop, headers)).json()) as { stops: { scope: string }[] }).stops.map(({ scope }) => scope);
    expect(await seen(acme.as)).toEqual(['everything', 'organisation']);
    expect(await seen(other.as)).toEqual(['everything', 'organisation', 'user']);
    expect((await resume('', other.as)).status).toBe(200);
  });

  it('is reported by budget, with what the period will have cost', async () => {
    const { get, permits } = harness({ budgets: { perUser: { day: 2 }, everything: { month: 100 } } });
    const { rule } = moneyPool({ scope: 'user', owner: 'local', slot: 'local' }, 'day', 2_000_000, Date.now());
    const spent = { holder: 'a', held: 300_000, spent: 500_000, known: 0, born: '', want: 0, need: 0, keep: 0 };
    permits.exchange(rule, spent);
    const report = (await (await get('/admin/api/spending')).json()) as { budgets: Record<string, unknown>[] };
    expect(report).toMatchObject({
      stops: [],
      budgets: [
        { scope: 'user', owner: 'local', period: 'day', budget: 2, spent: 0.5 },
        { scope: 'everything', owner: '', period: 'day', budget: null, spent: 0 },
        { scope: 'everything', owner: '', period: 'month', budget: 100, spent: 0 },
      ],
    });
    expect(report.budgets[0]!['forecast']).toBeGreaterThanOrEqual(0.5);
    expect(report.budgets[0]!['forecast']).toBeLessThanOrEqual(1);
  });
});

describe('a process that ends', () => {
  it('asks those to come again whose answer would be cut', async () => {
    const response = await harness({ tooLate: true }).post('/v1/code/completions', request);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problemOf(response)).toMatchObject({ name: 'shutting-down', status: 503, retryable: true });
  });
});

describe('authentication', () => {
  it('takes a known key and refuses all else, saying how to send one', async () => {
    const { post } = harness({ keys: [key] });
    expect((await post('/v1/code/completions', request, { authorization: `Bearer ${secret}` })).status).toBe(200);
    for (const headers of [{}, { authorization: `Bearer ${secret}x` }, { authorization: `Basic ${secret}` }]) {
      const response = await post('/v1/code/completions', request, headers);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect((await problemOf(response)).name).toBe('unauthenticated');
    }
  });

  it('keeps developers off the reports', async () => {
    const { get } = harness({ keys: [key] });
    const response = await get('/admin/api/acceptance?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z', {
      authorization: `Bearer ${secret}`,
    });
    expect((await problemOf(response)).name).toBe('forbidden');
  });

  it('limits each key, and says when to come back', async () => {
    const { post } = harness({ keys: [key], perMinute: 10 });
    const headers = { authorization: `Bearer ${secret}` };
    expect((await post('/v1/code/completions', request, headers)).status).toBe(200);
    const problem = await problemOf(await post('/v1/code/completions', request, headers));
    expect(problem).toMatchObject({ name: 'rate-limited', retryable: true });
    expect(problem.retry_after_ms).toBeGreaterThan(0);
  });
});

describe('the OpenAPI document', () => {
  it('has every address that programs use, and none that is not there', async () => {
    const { app, get } = harness();
    const { paths } = (await (await get('/openapi.json')).json()) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const isPage = (path: string) =>
      path === '/' || path.endsWith('*') || /^\/(?:admin|playground|docs|openapi\.json)(?!\/api)/.test(path);
    const served = app.routes.flatMap(({ method, path }) =>
      method === 'ALL' || isPage(path) ? [] : [`${method} ${path}`],
    );
    // Served where there is a configuration to read again.
    expect(new Set(described)).toEqual(new Set([...served, 'GET /admin/api/config']));
  });
});

describe('every answer', () => {
  const addresses = [
    '/healthz',
    '/readyz',
    '/metrics',
    '/v1/regions',
    '/v1/policy',
    '/openapi.json',
    '/docs',
    '/docs/swagger-ui.css',
    '/admin/',
    '/nowhere',
  ];

  it('is what its type says, in no frame, and tells nobody where its reader came from', async () => {
    const { get, post } = harness();
    for (const address of addresses) {
      const { headers } = await get(address);
      expect(headers.get('x-content-type-options'), address).toBe('nosniff');
      expect(headers.get('referrer-policy'), address).toBe('no-referrer');
      expect(headers.get('x-frame-options'), address).toMatch(/DENY|SAMEORIGIN/);
      // Nobody asked for TLS: promising it would break other programs under this name.
      expect(headers.get('strict-transport-security'), address).toBeNull();
    }
    for (const body of [request, 'broken'])
      expect((await post('/v1/code/completions', body)).headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('that is a page runs scripts of this server only', async () => {
    const { get } = harness();
    for (const address of ['/docs', '/admin/', '/playground/']) {
      const policy = (await get(address)).headers.get('content-security-policy') ?? '';
      expect(policy, address).toContain("default-src 'self'");
      expect(policy, address).toContain("frame-ancestors 'none'");
      expect(policy, address).not.toMatch(/script-src|unsafe-eval/);
    }
  });
});

describe('getPolicy', () => {
  it('tells each organisation what it has of its own', async () => {
    const { app } = harness({ keys: [{ ...key, org: 'globex' }] });
    const response = await app.request('http://127.0.0.1/v1/policy', {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(await response.json()).toEqual({ excluded_paths: ['generated/'], excluded_languages: ['sql'] });
  });

  it('tells clients which files the organisation keeps in the editor', async () => {
    const { app } = harness();
    const response = await app.request('http://127.0.0.1/v1/policy');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ excluded_paths: ['generated/'], excluded_languages: [] });
  });

  it('wants the key', async () => {
    const { app } = harness({ keys: [key] });
    expect((await app.request('http://127.0.0.1/v1/policy')).status).toBe(401);
  });
});

describe('listRegions', () => {
  it('names the own region at the address asked, and the others of the configuration', async () => {
    const regions = [
      { name: 'eu', url: 'https://eu.example.com' },
      { name: 'us', url: 'https://us.example.com' },
    ];
    const { app } = harness({ regions });
    const response = await app.request('http://127.0.0.1/v1/regions');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      regions: [
        { name: 'eu', url: null, health: 'ok' },
        { name: 'us', url: 'https://us.example.com', health: 'ok' },
      ],
    });
  });

  it('wants the key', async () => {
    const { app } = harness({ keys: [key] });
    expect((await app.request('http://127.0.0.1/v1/regions')).status).toBe(401);
  });
});

describe('readiness', () => {
  it('needs no key and names components; addresses and errors are for this machine only', async () => {
    const open = await harness().get('/readyz');
    expect(await open.json()).toMatchObject({
      ready: true,
      components: { event_log: { state: 'down', detail: 'http://internal' } },
    });
    const guarded = await harness({ keys: [key] }).get('/readyz', { host: 'ghostline.example' });
    expect(await guarded.json()).toMatchObject({ ready: true, components: { event_log: { state: 'down' } } });
    expect(JSON.stringify(await (await harness({ keys: [key] }).get('/readyz')).json())).not.toContain('internal');
  });

  it('tells nothing more to what a proxy on this machine forwards', async () => {
    const { app } = harness({ keys: [key] });
    const here = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };
    const textWith = async (headers: Record<string, string>) =>
      (await app.request('/readyz', { headers: { host: 'localhost', ...headers } }, here)).text();
    expect(await textWith({})).toContain('http://internal');
    for (const header of ['x-forwarded-for', 'forwarded']) {
      expect(await textWith({ [header]: '198.51.100.7' })).not.toContain('internal');
    }
  });

  it('is told to this machine under its own name only, when there is no authentication', async () => {
    for (const path of ['/readyz', '/metrics']) {
      expect((await harness().get(path, { host: 'evil.example' })).status).toBe(403);
      expect((await harness().get(path, { host: 'LocalHost:4700' })).status).toBe(200);
    }
    expect((await harness().get('/healthz', { host: '10.0.0.1' })).status).toBe(200);
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

describe('what a proxy on this machine forwards', () => {
  const signs = [
    'x-forwarded-for',
    'forwarded',
    'via',
    'x-real-ip',
    'x-forwarded-proto',
    'x-envoy-external-address',
    'cf-ray',
  ];

  it.each(signs)('is refused without authentication, as anybody may have sent it: %s', async (header) => {
    const { post, get } = harness();
    const forwarded = { [header]: 'for=203.0.113.9' };
    for (const response of [
      await post('/v1/code/completions', request, forwarded),
      await post('/admin/api/spending/stop', {}, forwarded),
      await get('/readyz', forwarded),
    ]) {
      expect(await problemOf(response)).toMatchObject({
        name: 'origin-not-allowed',
        detail: expect.stringMatching(new RegExp(`the header ${header}.*configure auth`)),
      });
    }
    const closed = harness({ keys: [key] });
    const known = { ...forwarded, authorization: `Bearer ${secret}` };
    expect((await closed.post('/v1/code/completions', request, known)).status).toBe(200);
  });
});

describe('a browser', () => {
  const preflightOf = (app: ReturnType<typeof harness>['app'], path: string, headers: Record<string, string> = {}) =>
    app.request(path, {
      method: 'OPTIONS',
      headers: {
        host: 'ghostline.example',
        origin: 'https://vscode.dev',
        'access-control-request-method': 'POST',
        ...headers,
      },
    });

  it('on another origin, or through a rebound host name, is refused without authentication', async () => {
    const { post } = harness();
    expect(
      (await problemOf(await post('/v1/code/completions', request, { origin: 'https://evil.example' }))).name,
    ).toBe('origin-not-allowed');
    expect((await problemOf(await post('/v1/code/completions', request, { host: 'evil.example' }))).name).toBe(
      'origin-not-allowed',
    );
    expect((await post('/v1/code/completions', request, { origin: 'http://127.0.0.1:9000' })).status).toBe(200);
  });

  it('gets its preflight answered with what is offered at that address', async () => {
    const { app } = harness({ keys: [key] });
    const preflight = await preflightOf(app, '/v1/code/completions');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://vscode.dev');
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'authorization, content-type, accept, x-request-id, traceparent, x-ghostline-deadline-ms',
    );
    expect(preflight.headers.get('access-control-allow-private-network')).toBeNull();
    const methods = async (path: string) => (await preflightOf(app, path)).headers.get('access-control-allow-methods');
    expect(await methods('/v1/code/completions')).toBe('POST');
    expect(await methods('/v1/policy')).toBe('GET');
    expect(await methods('/admin/api/spending/stop')).toBe('GET, POST, DELETE');
    expect((await preflightOf(app, '/v1/nothing')).status).toBe(404);
    const near = await preflightOf(app, '/v1/policy', { 'access-control-request-private-network': 'true' });
    expect(near.headers.get('access-control-allow-private-network')).toBe('true');
  });

  it('may read what answers say in headers, of those that went wrong, too', async () => {
    const { post, get } = harness({ keys: [key] });
    const origin = 'https://vscode.dev';
    for (const response of [
      await post('/v1/code/completions', request, { origin, authorization: `Bearer ${secret}` }),
      await post('/v1/code/completions', request, { origin }),
      await get('/nothing', { origin }),
    ]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('vary')).toBe('origin');
      const exposed = response.headers.get('access-control-expose-headers')!.split(', ');
      for (const name of ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy', 'server-timing'])
        expect(exposed).toContain(name);
    }
  });

  it('measures how far a region is by its health', async () => {
    const origin = async (made: ReturnType<typeof harness>, from: string) =>
      (await made.get('/healthz', { host: '10.0.0.1', origin: from })).headers.get('access-control-allow-origin');
    expect(await origin(harness({ keys: [key] }), 'https://vscode.dev')).toBe('https://vscode.dev');
    expect(await origin(harness({ keys: [key], origins: [] }), 'https://vscode.dev')).toBeNull();
    expect(await origin(harness(), 'https://evil.example')).toBeNull();
    expect(await origin(harness(), 'http://localhost:3000')).toBe('http://localhost:3000');
  });

  it('on an origin that is not among those configured reads nothing, and others are answered as ever', async () => {
    const made = harness({ keys: [key], origins: ['https://vscode.dev', 'https://*.vscode-cdn.net'] });
    const known = { authorization: `Bearer ${secret}` };
    const readable = async (origin: string) => {
      const answer = await made.get('/v1/policy', { ...known, origin });
      const preflight = await preflightOf(made.app, '/v1/policy', { origin });
      expect(answer.status).toBe(200);
      expect(preflight.status).toBe(answer.headers.has('access-control-allow-origin') ? 204 : 403);
      return answer.headers.get('access-control-allow-origin') === origin;
    };
    expect(await readable('https://vscode.dev')).toBe(true);
    expect(await readable('https://v--1a2b3c.vscode-cdn.net')).toBe(true);
    for (const origin of [
      'https://evil.example',
      'http://vscode.dev',
      'https://vscode.dev:8443',
      'https://vscode-cdn.net',
      'https://.vscode-cdn.net',
      'https://vscode-cdn.net.evil.example',
      'null',
    ])
      expect(await readable(origin), origin).toBe(false);
    expect((await made.get('/v1/policy', known)).status).toBe(200);
  });
});

describe('recordTelemetry', () => {
  const event = {
    event_id: '019a0000-0000-7000-8000-000000000001',
    view_id: '019a0000-0000-7000-8000-000000000002',
    completion_id: start.completionId,
    choice: 0,
    type: 'completion-rejected',
    time: new Date().toISOString(),
    how: 'inferred',
    chars: 3,
    lines: 1,
    after_s: 1,
  } satisfies TelemetryEvent;

  it('acknowledges what is durable and lists what it refused', async () => {
    const { post, appended } = harness({ append: async () => ({ accepted: 1, duplicates: 1 }) });
    const forged = { ...event, completion_id: createCompletionIds(Buffer.alloc(32, 9)).create('local') };
    const response = await post('/v1/telemetry', { events: [{}, event, forged, event] });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: 1,
      duplicates: 1,
      rejected: [{ index: 0 }, { index: 2, detail: expect.stringMatching(/completion_id/) }],
    });
    expect(appended).toMatchObject([
      { kind: 'event', org: 'local', event: { event_id: event.event_id } },
      { kind: 'event' },
    ]);
  });

  it('acknowledges nothing when the log fails', async () => {
    const { post } = harness({ append: async () => Promise.reject(new Error('disk full')) });
    expect(await problemOf(await post('/v1/telemetry', { events: [event] }))).toMatchObject({
      name: 'event-log-unavailable',
      retryable: true,
    });
  });
});

describe('reports', () => {
  it('check their query and say what is wrong with it', async () => {
    const { get } = harness();
    const detail = async (query: string) => (await problemOf(await get(`/admin/api/acceptance?${query}`))).detail;
    expect(await detail('from=yesterday&to=2026-01-02T00:00:00Z')).toMatch(/from: must be an RFC 3339 time/);
    expect(await detail('from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z')).toBe('to: must be later than "from"');
    expect(await detail('from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&groupby=model')).toBe(
      'groupby: unknown field; did you mean "group_by"?',
    );
    expect(await detail('from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&group_by=modle')).toMatch(
      /group_by\[0\]: unknown value; did you mean "model"/,
    );
  });

  it('pass on dimensions, repeatable, for the caller’s organisation', async () => {
    const seen: unknown[] = [];
    const { get } = harness({
      store: {
        acceptance: async (...args) => {
          seen.push(args);
          return { rows: [], freshness_ms: null };
        },
      },
    });
    const query = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&interval=day&group_by=language&group_by=model';
    expect((await get(`/admin/api/acceptance?${query}`)).status).toBe(200);
    expect(seen).toEqual([
      [
        expect.objectContaining({ interval: 'day', group_by: ['language', 'model'] }),
        { org: 'local', minimumUsers: 1 },
      ],
    ]);
  });

  it.each(['acceptance', 'latency', 'retention'] as const)(
    'give what the store says of %s, and say so when it is away',
    async (name) => {
      const range = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
      const answer = { rows: [], freshness_ms: null };
      const { get } = harness({ store: { [name]: async () => answer } });
      expect(await (await get(`/admin/api/${name}?${range}`)).json()).toEqual(answer);
      const response = await harness().get(`/admin/api/${name}?${range}`);
      expect((await problemOf(response)).name).toBe('analytics-unavailable');
    },
  );
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
