import { DEADLINE_HEADER, ProblemError, parseDeadline } from '@ghostline/protocol';
import type { Context } from 'hono';
import type { AppEnv } from '../http/app-env.ts';

/** The abort reason of a request whose client waits no longer. */
export const TOO_LATE = Symbol('the deadline of the request has passed');

/** When the client stops waiting for the request that has just arrived, on `performance.now`; throws ProblemError 400. */
export function deadlineOf(c: Context<AppEnv>): number | undefined {
  const deadline = parseDeadline(c.req.header(DEADLINE_HEADER));
  if (!deadline.ok) throw new ProblemError(deadline.problem);
  return deadline.value === undefined ? undefined : performance.now() + deadline.value;
}

/** Aborts at the deadline, if there is one; returns what to call when the request is over before. */
export function abortAt(deadlineAt: number | undefined, abort: AbortController): () => void {
  if (deadlineAt === undefined) return () => {};
  const leftMs = deadlineAt - performance.now();
  // A body that took until now to arrive: nothing is begun.
  if (leftMs <= 0) {
    abort.abort(TOO_LATE);
    return () => {};
  }
  const timer = setTimeout(() => abort.abort(TOO_LATE), leftMs);
  return () => clearTimeout(timer);
}
