import type { Socket } from 'node:net';
import type { Principal } from '@ghostline/access';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { RequestTrace } from '../tracing/tracing.ts';
import type { BodyRoom } from './body-room.ts';

/** What middleware leaves for the routes. `headers` are those of every answer, for the stream that is written around Hono. */
export interface AppEnv {
  Variables: {
    principal: Principal;
    authMs: number;
    requestId: string;
    headers: Record<string, string>;
    /** Where bodies are kept while they come. */
    bodies: BodyRoom;
    /** Of requests that are traced only, like the two after it. */
    trace?: RequestTrace;
    /** What the endpoint is told of the trace this request is part of. */
    traceparent?: string;
    /** The name of the problem that it was answered with. */
    problem?: string;
  };
  Bindings: Partial<HttpBindings> | Partial<Http2Bindings>;
}

/** The connection that a request came over: one object for all of its requests. Undefined when it has ended, and in tests. */
export function connectionOf(c: Context<AppEnv>): Socket | undefined {
  const incoming = c.env?.incoming;
  try {
    const session = incoming && 'stream' in incoming ? incoming.stream.session : undefined;
    const socket = session?.socket ?? incoming?.socket;
    // An HTTP/2 session that has ended throws when its socket is asked for anything.
    void socket?.remoteAddress;
    return socket;
  } catch {
    return undefined;
  }
}

/** Sets a header on whatever answers this request: a stream, or Hono's response, which gets it at the end. */
export function setHeader(c: Context<AppEnv>, name: string, value: string): void {
  c.get('headers')[name] = value;
}
