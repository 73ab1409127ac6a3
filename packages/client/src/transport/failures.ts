import { PROBLEM_MEDIA_TYPE, type Problem, type ProblemName, problemName } from '@ghostline/protocol';
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
    ...(document.retry_after_ms === undefined ? {} : { retryAfterMs: bounded(document.retry_after_ms) }),
  };
  return new TransportError(failure, { status: document.status });
}

function reasonOf(name: ProblemName | undefined, status: number): ClientFailure['reason'] {
  if (name === 'unauthenticated') return 'unauthenticated';
  if (name === 'rate-limited' || name === 'budget-spent') return 'rate-limited';
  return status >= 500 ? 'server' : 'rejected';
}

/** The error of a response that is not the one hoped for: a problem document, or somebody else's page. */
export async function responseError(response: Response, address: Address): Promise<TransportError> {
  if (mediaType(response) === PROBLEM_MEDIA_TYPE) {
    const schemas = await import('../schemas.ts');
    const document = schemas.Problem.safeParse(await response.json().catch(() => undefined));
    if (document.success) return problemError(document.data);
  } else {
    await response.body?.cancel().catch(() => undefined);
  }
  return new TransportError(foreignFailure(response, address), { status: response.status });
}

/** An answer that is not ours: of a proxy before the server, or of something else altogether. */
function foreignFailure(response: Response, { url, setting }: Address): ClientFailure {
  const { status } = response;
  const retryAfterMs = retryAfter(response.headers.get('retry-after'));
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (PROXY_STATUSES.has(status)) {
    const detail =
      `A proxy at ${url} answers ${status}: it cannot reach Ghostline behind it. ` +
      'Is the server running, or is it just restarting?';
    return { reason: 'unreachable', detail, retryable: true, ...wait };
  }
  if (status === 429) {
    const detail = `A proxy at ${url} answers 429: too many requests.`;
    return { reason: 'rate-limited', detail, retryable: true, ...wait };
  }
  const detail =
    `${url} answered ${status} with ${mediaType(response) || 'no content type'}, which is not Ghostline. ` +
    `Check ${setting} and any proxy in between.`;
  return { reason: 'protocol', detail, retryable: status >= 500, ...wait };
}

/** Bad gateway, service unavailable, gateway timeout (RFC 9110, 15.6.3 to 15.6.5). */
export const PROXY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** The value of `Retry-After`, seconds or a date (RFC 9110, 10.2.3), in ms. */
function retryAfter(value: string | null): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? bounded(ms) : undefined;
}

/** An hour: no server knows better when it is back, and a timer of more than 24 days would run at once. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

function bounded(waitMs: number): number {
  return Math.min(Math.max(0, waitMs), LONGEST_WAIT_MS);
}

export function mediaType(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
}

export function unreachable(address: Address, cause: unknown): TransportError {
  const causes = causesOf(cause);
  if (causes.some(({ message }) => /redirect/i.test(message))) return redirected(address, cause);
  const code = systemCode(cause);
  const detail =
    `Cannot reach Ghostline at ${address.url}${code ? ` (${code})` : ''}. ` +
    `Is the server running? Start it with \`npm start\`, or change ${address.setting} to where it runs.`;
  const interrupted = causes.some(isLostConnection);
  return new TransportError({ reason: 'unreachable', detail, retryable: true }, { cause, interrupted });
}

/** Code and key were meant for one address: nothing is sent after a redirect, which the fetch was told to refuse. */
function redirected({ url, setting }: Address, cause: unknown): TransportError {
  const detail =
    `${url} redirects elsewhere, and Ghostline sends your code only where you said. ` +
    `Log in if a proxy asks for it, or set ${setting} to the address that it redirects to.`;
  return new TransportError({ reason: 'unreachable', detail, retryable: false }, { cause });
}

/** The system's word for what went wrong (ECONNREFUSED, ENOTFOUND…), where it said one. */
export function systemCode(error: unknown): string | undefined {
  return causesOf(error).find(({ code }) => code !== undefined)?.code;
}

interface Cause {
  readonly code: string | undefined;
  readonly message: string;
}

/** The error and what it hides: Node's fetch puts the system's error in causes and aggregates. */
function causesOf(error: unknown): Cause[] {
  const found: Cause[] = [];
  // Bounded, as a cause may be its own.
  for (let each = error; typeof each === 'object' && each !== null && found.length < 8;) {
    found.push({
      code: 'code' in each && typeof each.code === 'string' ? each.code : undefined,
      message: 'message' in each && typeof each.message === 'string' ? each.message : '',
    });
    each = 'cause' in each ? each.cause : undefined;
  }
  return found;
}

/**
 * True of a connection that was there and went: one kept open that the other side has closed meanwhile, as a rule, or one
 * that HTTP/2 is told to leave (GOAWAY). Browsers ask again by themselves then, Node's fetch does not for a POST.
 */
function isLostConnection({ code, message }: Cause): boolean {
  return (code !== undefined && LOST.has(code)) || message.includes('GOAWAY');
}

const LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ERR_HTTP2_STREAM_ERROR']);

export function silent({ url }: Address, afterMs: number): TransportError {
  const detail = `${url} said nothing for ${afterMs / 1000} seconds. Is the server overloaded, or is a proxy holding the stream?`;
  return new TransportError({ reason: 'unreachable', detail, retryable: true });
}

/** An answer that was begun and is not whole. */
export function broken({ url }: Address, what: string, cause?: unknown): TransportError {
  const detail = `The answer of ${url} ${what}.`;
  return new TransportError({ reason: 'protocol', detail, retryable: true }, { cause, interrupted: true });
}
