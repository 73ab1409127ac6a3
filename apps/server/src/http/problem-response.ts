import { InferenceError } from '@ghostline/inference';
import { PROBLEM_MEDIA_TYPE, type Problem, ProblemError, problem } from '@ghostline/protocol';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { AppEnv } from './app-env.ts';

/** The problem a caller sees for any error; what is unexpected is logged here and never described to the caller. */
export function toProblem(error: unknown, requestId: string, log: Logger): Problem {
  if (error instanceof ProblemError) return { ...error.problem, request_id: requestId };
  if (error instanceof InferenceError) {
    log.warn(
      { requestId, endpoint: error.endpoint, failure: error.failure, reason: error.message },
      'inference failed',
    );
    return { ...inferenceProblem(error), request_id: requestId };
  }
  log.error({ requestId, err: error }, 'unexpected error');
  return problem('internal', `Something went wrong here; the server's log has it under the request id ${requestId}.`, {
    request_id: requestId,
  });
}

function inferenceProblem(error: InferenceError): Problem {
  const retry = { retry_after_ms: error.retryAfterMs };
  switch (error.failure) {
    case 'overloaded':
      return problem('overloaded', error.message, retry);
    case 'timeout':
      return problem('upstream-timeout', error.message, retry);
    case 'status':
      return error.retryable
        ? problem('upstream-error', error.message, retry)
        : problem('upstream-rejected', error.message);
    case 'connect':
    case 'protocol':
    case 'broken':
      return problem('upstream-error', error.message, retry);
  }
}

export function problemResponse(c: Context<AppEnv>, document: Problem): Response {
  if (document.retry_after_ms !== undefined) c.header('retry-after', String(Math.ceil(document.retry_after_ms / 1000)));
  if (document.status === 401) c.header('www-authenticate', 'Bearer');
  c.header('content-type', PROBLEM_MEDIA_TYPE);
  return c.body(JSON.stringify(document), document.status as 400);
}
