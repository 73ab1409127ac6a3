import { type FixedKey, createAccess } from '@ghostline/access';
import { fixedKeyFor } from '@ghostline/access/testing';
import type { CompletionEvent, Engine } from '@ghostline/engine';
import {
  type BudgetSettings,
  type LimitSettings,
  createLimiter,
  createMemoryPermitStore,
  createPriceList,
  createStopBoard,
} from '@ghostline/limits';
import { createMemoryStopStore } from '@ghostline/limits/testing';
import { Problem } from '@ghostline/protocol';
import type { AnalyticsStore, EventLog, LogRecord, RequestRecord } from '@ghostline/telemetry';
import pino from 'pino';
import { expect } from 'vitest';
import { createApp } from '../app.ts';
import { createCompletionIds } from '../gateway/completion-id.ts';
import { createClientAddress } from '../http/client-address.ts';
import { createGate } from '../limits/gate.ts';
import { limitMetrics } from '../limits/limit-metrics.ts';
import { createMetrics } from '../metrics/index.ts';

export const ids = createCompletionIds(Buffer.alloc(32, 7));
export const request = { prefix: 'const x = ', suffix: '', language: 'typescript', trigger: 'automatic' };
export const timings = { promptMs: 0.1, cacheMs: 0.2, queueMs: 0, firstTokenMs: 3, totalMs: 5 };
export const usage = { prompt_tokens: 10, completion_tokens: 2 };
export const start = {
  type: 'start',
  completionId: ids.create('local'),
  model: 'fast',
  region: 'eu',
  endpoint: 'a',
  cache: 'miss',
  ownSession: true,
} as const;
export const spoken: CompletionEvent[] = [
  start,
  { type: 'delta', index: 0, text: '40' },
  { type: 'delta', index: 0, text: ' + 2' },
  { type: 'finish', index: 0, reason: 'stop' },
  { type: 'done', usage, timings },
];

/** An engine that plays `script`; an Error in it is thrown there, a promise awaited. */
export function scriptedEngine(
  script: readonly (CompletionEvent | Error | Promise<unknown>)[],
): Engine & { aborted: Promise<unknown>; spends: unknown[] } {
  const { promise: aborted, resolve: reportAbort } = Promise.withResolvers<unknown>();
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

export const secret = 'gk_test_key';
export const key = fixedKeyFor(secret);

async function refuse(): Promise<never> {
  throw new Error('store is away');
}

/** All routes over a scripted engine, in memory. */
export function harness({
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

export async function problemOf(response: Response): Promise<Problem & { name: string }> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document = Problem.parse(await response.json());
  expect(document.status).toBe(response.status);
  return { ...document, name: document.type.replace('urn:ghostline:problem:', '') };
}
