import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../http/app-env.ts';
import type { Stage } from './spans.ts';
import type { Tracing } from './tracing.ts';

/** Puts a request's trace where the routes find it, and ends it with the answer, whatever that is. */
export function traceRequests(tracing: Tracing) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { trace, traceparent } = tracing.begin(c.req.header('traceparent'));
    if (traceparent !== undefined) c.set('traceparent', traceparent);
    if (!trace) return next();
    c.set('trace', trace);
    await next();
    trace.end({
      requestId: c.get('requestId'),
      path: c.req.path,
      status: c.env?.outgoing?.headersSent ? c.env.outgoing.statusCode : c.res.status,
      problem: c.get('problem'),
      user: c.get('principal'),
    });
    return undefined;
  });
}

/** Marks where one stage of the gateway's own ends and the next begins. */
export function markStage(name: Stage) {
  return createMiddleware<AppEnv>((c, next) => {
    c.get('trace')?.stage(name);
    return next();
  });
}
