import * as z from 'zod/mini';
import {
  ADMIN_API_PATH,
  COMPLETIONS_PATH,
  CONFIG_PATH,
  POLICY_PATH,
  REGIONS_PATH,
  SPENDING_PATH,
  SPENDING_STOP_PATH,
  TELEMETRY_PATH,
} from './addresses.ts';
import {
  CompletionId,
  CompletionRequest,
  CompletionResponse,
  DeltaEvent,
  DoneEvent,
  FinishEvent,
  LanguageId,
  Snippet,
  StartEvent,
  Timings,
  Usage,
} from './completion.ts';
import { DEADLINE_HEADER, MAX_DEADLINE_MS } from './deadline.ts';
import { LIMITS } from './limits.ts';
import { ClientPolicy } from './policy.ts';
import { Problem } from './problem-document.ts';
import { PROBLEMS, PROBLEM_MEDIA_TYPE, type ProblemName } from './problem.ts';
import { Readiness, RegionsResponse } from './regions.ts';
import {
  AcceptanceReport,
  AcceptanceRow,
  LatencyReport,
  LatencyRow,
  ReportDimension,
  ReportInterval,
  RetentionReport,
  RetentionRow,
} from './reports.ts';
import { RunningConfig } from './running-config.ts';
import {
  BudgetRow,
  SPENDING_HEADER,
  SpendingChange,
  SpendingReport,
  SpendingStop,
  SpendingStops,
  StopSpending,
} from './spending.ts';
import { EVENT_STREAM_MEDIA_TYPE } from './sse.ts';
import { TelemetryBatch, TelemetryEvent, TelemetryReceipt } from './telemetry.ts';

type Json = Record<string, unknown>;

/** What every address that asks who is asking may say. */
const ASKED_BY: readonly ProblemName[] = [
  'unauthenticated',
  'origin-not-allowed',
  'rate-limited',
  'identity-unavailable',
  'internal',
];

/** Headers of answers. `x-request-id` and those of security are on all of them. */
const HEADERS = {
  'RateLimit-Policy': {
    description: 'Every limit that counts for the caller (draft-ietf-httpapi-ratelimit-headers)',
    schema: { type: 'string', examples: ['"requests-key";q=1200;w=60;qu="requests"'] },
  },
  RateLimit: {
    description: 'The limit that is nearest to its end: what is left of it, and in how many seconds all of it would be',
    schema: { type: 'string', examples: ['"requests-key";r=87;t=2'] },
  },
  'Retry-After': {
    description: 'In seconds; `retry_after_ms` of the document is finer',
    schema: { type: 'integer', minimum: 0 },
  },
  'Server-Timing': {
    description: 'How long each stage took until the first text: `auth`, `prompt`, `cache`, `queue`, `first`',
    schema: { type: 'string' },
  },
  [SPENDING_HEADER]: {
    description:
      'Only when the completion costs less than it might: `stopped`, `budget-low`, `budget-spent` or `budget-unknown`, and of whose spending',
    schema: { type: 'string', examples: ['budget-low;scope=user;period=day;used=0.84'] },
  },
  'WWW-Authenticate': { description: 'How to say who asks', schema: { type: 'string', const: 'Bearer' } },
  'X-Request-Id': {
    description: 'Of the request if that has one in the usual form, else a new one; the server’s log has it too',
    schema: { type: 'string' },
  },
} as const satisfies Record<string, { description: string; schema: object }>;

/** Every schema with an id: what refers to another one must find it here. */
const COMPONENTS = {
  ClientPolicy,
  SpendingReport,
  BudgetRow,
  SpendingStop,
  SpendingStops,
  SpendingChange,
  StopSpending,
  CompletionRequest,
  CompletionId,
  LanguageId,
  Snippet,
  CompletionResponse,
  StartEvent,
  DeltaEvent,
  FinishEvent,
  DoneEvent,
  Usage,
  Timings,
  Problem,
  TelemetryBatch,
  TelemetryEvent,
  TelemetryReceipt,
  AcceptanceReport,
  AcceptanceRow,
  LatencyReport,
  LatencyRow,
  RetentionReport,
  RetentionRow,
  RegionsResponse,
  Readiness,
  RunningConfig,
};

/** The OpenAPI 3.1 document of the HTTP interface, from the schemas that validate it. `version` is the server's. */
export function openApiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ghostline',
      version,
      description:
        'Self-hosted inline code completions. Wire names are snake_case; times are RFC 3339 UTC or `_ms` numbers; sizes are UTF-8 bytes. ' +
        'Errors before a stream starts are RFC 9457 problem documents. Unknown fields are ignored unless one looks like a typo of a known one.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ apiKey: [] }, {}],
    paths: {
      [COMPLETIONS_PATH]: {
        post: {
          operationId: 'getCompletion',
          summary: 'A completion at the cursor, streamed or as one document',
          description: STREAM_DESCRIPTION,
          parameters: [
            {
              name: DEADLINE_HEADER,
              in: 'header',
              schema: { type: 'integer', minimum: 0, maximum: MAX_DEADLINE_MS },
              description:
                'How many milliseconds you will still wait, from the arrival of the request on. What cannot be answered by then is ' +
                'answered at once with reason `deadline`; what is under way by then is cut with reason `time`.',
            },
            {
              name: 'x-request-id',
              in: 'header',
              schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{7,63}$' },
              description: 'Taken over when it has this form: one name for the request in all logs.',
            },
            {
              name: 'traceparent',
              in: 'header',
              schema: { type: 'string' },
              description: 'W3C trace context: where the server traces, it joins this trace when that is sampled.',
            },
          ],
          requestBody: jsonBody('CompletionRequest'),
          responses: {
            200: {
              description:
                'The completion. With `Accept: text/event-stream` a stream of events, otherwise one document.',
              headers: headers('RateLimit-Policy', 'RateLimit', SPENDING_HEADER, 'Server-Timing', 'X-Request-Id'),
              content: {
                'application/json': { schema: ref('CompletionResponse') },
                [EVENT_STREAM_MEDIA_TYPE]: {
                  schema: {
                    type: 'string',
                    description:
                      'Events start, delta, finish, done, error; see StartEvent, DeltaEvent, FinishEvent, DoneEvent, Problem',
                  },
                },
              },
            },
            ...problems(
              ...ASKED_BY,
              'forbidden',
              'invalid-json',
              'invalid-request',
              'not-acceptable',
              'too-large',
              'unsupported-media-type',
              'budget-spent',
              'upstream-error',
              'upstream-rejected',
              'overloaded',
              'shutting-down',
              'upstream-timeout',
            ),
          },
        },
      },
      [TELEMETRY_PATH]: {
        post: {
          operationId: 'recordTelemetry',
          summary: 'What became of suggestions',
          description: `At most ${LIMITS.telemetryEvents} events and ${LIMITS.telemetryBodyBytes} bytes a batch; answered only when what it accepted is durable. The same \`event_id\` twice counts once. Events older than ${LIMITS.telemetryMaxAgeMs / 86_400_000} days are rejected.`,
          requestBody: jsonBody('TelemetryBatch'),
          responses: {
            202: {
              description: 'Accepted and durable',
              content: { 'application/json': { schema: ref('TelemetryReceipt') } },
            },
            ...problems(
              ...ASKED_BY,
              'forbidden',
              'invalid-json',
              'invalid-request',
              'too-large',
              'unsupported-media-type',
              'event-log-unavailable',
            ),
          },
        },
      },
      [REGIONS_PATH]: {
        get: {
          operationId: 'listRegions',
          summary: 'Regions a client may choose from',
          responses: {
            ...ok('RegionsResponse'),
            ...problems(...ASKED_BY),
          },
        },
      },
      [POLICY_PATH]: {
        get: {
          operationId: 'getPolicy',
          summary: 'What the organisation wants of every client',
          responses: {
            ...ok('ClientPolicy'),
            ...problems(...ASKED_BY),
          },
        },
      },
      [`${ADMIN_API_PATH}/acceptance`]: {
        get: reportOperation('getAcceptance', 'Shown, accepted and rejected suggestions', 'AcceptanceReport'),
      },
      [`${ADMIN_API_PATH}/latency`]: {
        get: reportOperation('getLatency', 'Latency of shown suggestions as the editor saw it', 'LatencyReport'),
      },
      [`${ADMIN_API_PATH}/retention`]: {
        get: reportOperation(
          'getRetention',
          'What is left of accepted suggestions, and what of them does not resolve',
          'RetentionReport',
        ),
      },
      [SPENDING_PATH]: {
        get: {
          operationId: 'getSpending',
          summary: 'Budgets, what of them is spent, and what is stopped',
          parameters: [queryName('team'), queryName('user')],
          responses: {
            ...ok('SpendingReport'),
            ...problems(...ASKED_BY, 'invalid-request', 'forbidden', 'counters-unavailable'),
          },
        },
      },
      [SPENDING_STOP_PATH]: {
        get: {
          operationId: 'getSpendingStops',
          summary: 'Whose spending is stopped',
          responses: { ...ok('SpendingStops'), ...problems(...ASKED_BY, 'forbidden') },
        },
        post: {
          operationId: 'stopSpending',
          summary: 'Stop spending: completions then come from caches and the embedded model',
          requestBody: jsonBody('StopSpending'),
          responses: {
            ...ok('SpendingChange'),
            ...problems(
              ...ASKED_BY,
              'forbidden',
              'invalid-json',
              'invalid-request',
              'too-large',
              'unsupported-media-type',
            ),
          },
        },
        delete: {
          operationId: 'resumeSpending',
          summary: 'Resume spending',
          parameters: [queryName('organisation'), queryName('user')],
          responses: { ...ok('SpendingChange'), ...problems(...ASKED_BY, 'forbidden', 'invalid-request') },
        },
      },
      [CONFIG_PATH]: {
        get: {
          operationId: 'getConfig',
          summary: 'The configuration in force, what waits for a restart, and what was refused',
          responses: { ...ok('RunningConfig'), ...problems(...ASKED_BY, 'forbidden') },
        },
      },
      '/healthz': {
        get: {
          operationId: 'healthz',
          summary: 'The process lives',
          security: [],
          responses: { 200: { description: 'It does' } },
        },
      },
      '/readyz': {
        get: {
          operationId: 'readyz',
          summary: 'State of every component',
          security: [],
          responses: {
            ...ok('Readiness'),
            503: {
              description: 'Not ready for traffic',
              content: { 'application/json': { schema: ref('Readiness') } },
            },
          },
        },
      },
      '/metrics': {
        get: {
          operationId: 'metrics',
          summary: 'Prometheus metrics',
          security: [],
          responses: { 200: { description: 'Text exposition format', content: { 'text/plain': {} } } },
        },
      },
    },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key, or a token (JWT) of an identity provider that the server is configured for. Not needed on a loopback server without authentication.',
        },
      },
      headers: HEADERS,
      schemas: componentSchemas(),
    },
  };
}

const STREAM_DESCRIPTION = [
  'Stream: `start` comes with the first token, then `delta`s, one `finish` per choice, and `done`. After `start` a failure is `event: error` with a problem document.',
  'An empty completion is an answer: `start`, then `done` with its `reason`. Closing the connection cancels the work upstream.',
].join('\n\n');

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

function reportOperation(operationId: string, summary: string, schema: keyof typeof COMPONENTS): Json {
  return {
    operationId,
    summary,
    parameters: [
      {
        name: 'from',
        in: 'query',
        required: true,
        schema: { type: 'string', format: 'date-time' },
        description: 'Inclusive, UTC',
      },
      {
        name: 'to',
        in: 'query',
        required: true,
        schema: { type: 'string', format: 'date-time' },
        description: 'Exclusive, UTC',
      },
      { name: 'interval', in: 'query', schema: { type: 'string', enum: ReportInterval.options } },
      {
        name: 'group_by',
        in: 'query',
        description: 'Repeatable',
        schema: { type: 'array', items: { type: 'string', enum: ReportDimension.options } },
        style: 'form',
        explode: true,
      },
    ],
    responses: {
      ...ok(schema),
      ...problems(...ASKED_BY, 'forbidden', 'invalid-request', 'analytics-unavailable'),
    },
  };
}

function queryName(name: string): Json {
  return { name, in: 'query', schema: { type: 'string' } };
}

function jsonBody(schema: keyof typeof COMPONENTS): Json {
  return { required: true, content: { 'application/json': { schema: ref(schema) } } };
}

function ok(schema: keyof typeof COMPONENTS): Json {
  return { 200: { description: 'OK', content: { 'application/json': { schema: ref(schema) } } } };
}

function problems(...names: ProblemName[]): Json {
  const byStatus = new Map<number, string[]>();
  for (const name of names)
    byStatus.set(PROBLEMS[name].status, [...(byStatus.get(PROBLEMS[name].status) ?? []), PROBLEMS[name].title]);
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      status,
      {
        description: titles.join(' · '),
        headers: headers(...problemHeaders(status, names.includes('budget-spent'))),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: ref('Problem') } },
      },
    ]),
  );
}

/** What an answer of that status may say besides its document: how to come again, or when. */
function problemHeaders(status: number, isLimited: boolean): (keyof typeof HEADERS)[] {
  if (status === 401) return ['WWW-Authenticate'];
  if (status === 429 && isLimited) return ['Retry-After', 'RateLimit-Policy', 'RateLimit'];
  return RETRIED.has(status) ? ['Retry-After'] : [];
}

/** Statuses that may say when to come again. */
const RETRIED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function headers(...names: (keyof typeof HEADERS)[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function ref(schema: keyof typeof COMPONENTS): Json {
  return { $ref: `#/components/schemas/${schema}` };
}
