import { InferenceError } from '../errors.ts';
import { errorName } from './completion-reader.ts';
import { contextOverflowOf } from './context-overflow.ts';

/** A status other than 200 as an error that says what the operator can do. */
export function statusError(refusal: {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}): InferenceError {
  const { name, status, body, retryAfterMs } = refusal;
  const document = parsed(body);
  const said = errorName(document);
  const overflow = contextOverflowOf(status, document);
  const advice = adviceFor(status);
  const message = `endpoint ${name} answered ${status}${said ? `: ${said}` : ''}${advice ? `; ${advice}` : ''}`;
  return new InferenceError('status', name, message, {
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(overflow && { overflow }),
  });
}

function adviceFor(status: number): string | undefined {
  if (status >= 300 && status < 400) return 'give it the url that it redirects to';
  switch (status) {
    case 400:
    case 413:
    case 422:
      return 'it refuses the request: is contextTokens within what the server was started with?';
    case 401:
    case 403:
      return 'is apiKey the right one?';
    case 404:
    case 405:
      return 'does it serve the model, and /completions under this url (which often ends in /v1)?';
    default:
      return undefined;
  }
}

/** `Retry-After` (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from `nowMs`. */
export function parseRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
