import type { Context } from 'hono';
import { whenClientLeaves } from './event-stream.ts';
import type { AppEnv } from './principal.ts';
import { ClientGoneError } from './read-json.ts';

/** Aborted, with a ClientGoneError, when the client leaves before it has its answer. */
export function clientSignal(c: Context<AppEnv>): AbortSignal {
  const outgoing = c.env?.outgoing;
  if (!outgoing) return c.req.raw.signal;
  const left = new AbortController();
  whenClientLeaves(outgoing, () => left.abort(new ClientGoneError()));
  if (outgoing.destroyed) left.abort(new ClientGoneError());
  return left.signal;
}
