import { PROBLEM_MEDIA_TYPE, Problem, type ProblemName, problemName } from '@ghostline/protocol';
import type { ClientFailure } from '../types.ts';
import { TransportError } from './error.ts';

/** Where a server was looked for, and what its user changes to look elsewhere. */
export interface Address {
  readonly url: string;
  readonly setting: string;
}

/** An answer of our own server that is a problem document, as the failure to show. */
export function problemError(document: Problem): TransportError {
  const failure: ClientFailure = {
    reason: reasonOf(problemName(document), document.status),
    detail: document.detail,
    retryable: document.retryable,
    ...(document.retry_after_ms === undefined ? {} : { retryAfterMs: document.retry_after_ms }),
  };
  return new TransportError(failure, { status: document.status });
}

function reasonOf(name: ProblemName | undefined, status: number): ClientFailure['reason'] {
  if (name === 'unauthenticated') return 'unauthenticated';
  if (name === 'rate-limited') return 'rate-limited';
  return status >= 500 ? 'server' : 'rejected';
}

/** The error of a response that is not the one hoped for: a problem document, or somebody else's page. */
export async function responseError(response: Response, address: Address): Promise<TransportError> {
  if (mediaType(response) === PROBLEM_MEDIA_TYPE) {
    const document = Problem.safeParse(await response.json().catch(() => undefined));
    if (document.success) return problemError(document.data);
  } else {
    await response.body?.cancel().catch(() => undefined);
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const failure: ClientFailure = {
    reason: 'protocol',
    detail:
      `${address.url} answered ${response.status} with ${mediaType(response) || 'no content type'}, which is not Ghostline. ` +
      `Check ${address.setting} and any proxy in between.`,
    retryable: response.status >= 500 || response.status === 429,
    ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
  };
  return new TransportError(failure, { status: response.status });
}

export function mediaType(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
}

export function unreachable(address: Address, cause: unknown): TransportError {
  const code = errorCode(cause);
  const detail =
    `Cannot reach Ghostline at ${address.url}${code ? ` (${code})` : ''}. ` +
    `Is the server running? Start it with \`npm start\`, or set ${address.setting} to where it runs.`;
  return new TransportError({ reason: 'unreachable', detail, retryable: true }, { cause });
}

/** The system's code (ECONNREFUSED, ENOTFOUND…), which Node's fetch hides in causes and aggregates. */
function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('cause' in error && error.cause !== undefined) return errorCode(error.cause);
  return undefined;
}

export function silent({ url }: Address, afterMs: number): TransportError {
  const detail = `${url} said nothing for ${afterMs / 1000} seconds. Is the server overloaded, or is a proxy holding the stream?`;
  return new TransportError({ reason: 'unreachable', detail, retryable: true });
}

export function broken({ url }: Address, what: string, cause?: unknown): TransportError {
  const detail = `The answer of ${url} ${what}.`;
  return new TransportError({ reason: 'protocol', detail, retryable: true }, { cause });
}
