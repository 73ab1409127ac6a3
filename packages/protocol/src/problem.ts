import type { Problem, ProblemLimit } from './problem-document.ts';

/**
 * Every error there is before a stream starts (and the payload of `event: error` after it), with what is always true of it.
 * `retryable` means: the same request may succeed later, or elsewhere, without a change by the caller.
 */
export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'The body is not valid JSON', retryable: false },
  'invalid-request': { status: 400, title: 'The request does not match its schema', retryable: false },
  unauthenticated: { status: 401, title: 'A valid API key is needed', retryable: false },
  forbidden: { status: 403, title: 'This key may not do that', retryable: false },
  'origin-not-allowed': { status: 403, title: 'This origin or host is not answered', retryable: false },
  'not-found': { status: 404, title: 'There is nothing at this address', retryable: false },
  'method-not-allowed': { status: 405, title: 'This address does not take that method', retryable: false },
  'not-acceptable': { status: 406, title: 'No representation fits the Accept header', retryable: false },
  'too-large': { status: 413, title: 'The request is larger than its limit', retryable: false },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json', retryable: false },
  'rate-limited': { status: 429, title: 'Too many requests', retryable: true },
  'budget-spent': { status: 429, title: 'The budget is spent', retryable: true },
  internal: { status: 500, title: 'Ghostline failed unexpectedly', retryable: true },
  'upstream-error': { status: 502, title: 'No inference endpoint gave a usable answer', retryable: true },
  'upstream-rejected': { status: 502, title: 'The inference endpoint refused the request', retryable: false },
  overloaded: { status: 503, title: 'No inference endpoint has room', retryable: true },
  'too-many-connections': { status: 503, title: 'This address has too many connections open', retryable: true },
  'shutting-down': { status: 503, title: 'This gateway is shutting down', retryable: true },
  'identity-unavailable': { status: 503, title: 'Who is asking cannot be checked now', retryable: true },
  'event-log-unavailable': { status: 503, title: 'Events cannot be made durable now', retryable: true },
  'counters-unavailable': { status: 503, title: 'The store of limits and budgets does not answer', retryable: true },
  'analytics-unavailable': { status: 503, title: 'The analytics store does not answer', retryable: true },
  'upstream-timeout': { status: 504, title: 'No inference endpoint answered in time', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ProblemName = keyof typeof PROBLEMS;
export const PROBLEM_NAMES = Object.keys(PROBLEMS) as [ProblemName, ...ProblemName[]];

export const PROBLEM_TYPE_PREFIX = 'urn:ghostline:problem:';
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The problem document of that name; `detail` says what was wrong here and how to mend it. */
export function problem(
  name: ProblemName,
  detail: string,
  extra: {
    retry_after_ms?: number | undefined;
    request_id?: string | undefined;
    limit?: ProblemLimit | undefined;
  } = {},
): Problem {
  const { status, title, retryable } = PROBLEMS[name];
  const document: Problem = { type: PROBLEM_TYPE_PREFIX + name, title, status, detail, retryable };
  if (extra.retry_after_ms !== undefined) document.retry_after_ms = extra.retry_after_ms;
  if (extra.request_id !== undefined) document.request_id = extra.request_id;
  if (extra.limit !== undefined) document.limit = extra.limit;
  return document;
}

/** The name inside `type`, or undefined for a document that is not ours (a proxy's, say). */
export function problemName(document: Pick<Problem, 'type'>): ProblemName | undefined {
  if (!document.type.startsWith(PROBLEM_TYPE_PREFIX)) return undefined;
  const name = document.type.slice(PROBLEM_TYPE_PREFIX.length);
  return name in PROBLEMS ? (name as ProblemName) : undefined;
}

/** Thrown where a problem must cross function boundaries before a response exists. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  constructor(document: Problem, options?: ErrorOptions) {
    super(`${document.title}: ${document.detail}`, options);
    this.problem = document;
  }
}
