import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';
import type { Outgoing } from './event-stream.ts';

/** The client closed its connection before it had its answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Whether nobody is there any more to answer. */
export function isGone({ destroyed, stream }: Pick<Outgoing, 'destroyed' | 'stream'>): boolean {
  return destroyed === true || stream?.destroyed === true;
}

/** Calls `gone` when the client leaves before its answer is complete. */
export function whenClientLeaves(response: Outgoing, gone: () => void): void {
  response.on('close', () => {
    // Node finishes a stream of HTTP/2 by itself when it is reset: only its end being asked for tells.
    if (response.stream ? !response.writableEnded : !response.writableFinished) gone();
  });
}

/** Aborted, with a ClientGoneError, when the client leaves before it has its answer. */
export function clientSignal(c: Context<AppEnv>): AbortSignal {
  const outgoing = c.env?.outgoing;
  if (!outgoing) return c.req.raw.signal;
  const left = new AbortController();
  whenClientLeaves(outgoing, () => left.abort(new ClientGoneError()));
  if (isGone(outgoing)) left.abort(new ClientGoneError());
  return left.signal;
}
