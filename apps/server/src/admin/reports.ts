import { ADMIN_API_PATH, ProblemError, ReportQuery, problem, validate } from '@ghostline/protocol';
import type { AnalyticsStore } from '@ghostline/telemetry';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import type { AppEnv } from '../http/app-env.ts';
import { ClientGoneError, clientSignal } from '../http/client-gone.ts';
import { reasonOf } from '../reason-of.ts';

export interface ReportOptions {
  readonly store: Pick<AnalyticsStore, 'acceptance' | 'latency' | 'retention'>;
  /** With authentication, groups below this many users are suppressed. */
  readonly minimumUsers: () => number;
  readonly log: Logger;
}

/** What admins read: every report takes the same query and answers in the same form. */
export function reportRoutes({ store, minimumUsers, log }: ReportOptions): Hono<AppEnv> {
  const respond = async (c: Context<AppEnv>, name: 'acceptance' | 'latency' | 'retention') => {
    const query = parseQuery(c);
    const scope = { org: c.get('principal').org, minimumUsers: minimumUsers() };
    const signal = clientSignal(c);
    const report = await store[name](query, scope, signal).catch((cause: unknown) => {
      // Whoever asked is gone, and nobody else has lost anything.
      if (signal.aborted) throw new ClientGoneError();
      log.warn({ requestId: c.get('requestId'), reason: reasonOf(cause) }, 'report failed');
      const detail =
        'The analytics store is starting or away; completions and telemetry go on without it. See /readyz.';
      throw new ProblemError(problem('analytics-unavailable', detail, { retry_after_ms: 2_000 }), { cause });
    });
    c.header('cache-control', 'no-store');
    return c.json(report);
  };
  return new Hono<AppEnv>()
    .get(`${ADMIN_API_PATH}/acceptance`, (c) => respond(c, 'acceptance'))
    .get(`${ADMIN_API_PATH}/latency`, (c) => respond(c, 'latency'))
    .get(`${ADMIN_API_PATH}/retention`, (c) => respond(c, 'retention'));
}

function parseQuery(c: Context<AppEnv>): ReportQuery {
  const { group_by: _repeatable, ...single } = c.req.query();
  const groups = c.req.queries('group_by');
  const parsed = validate(ReportQuery, { ...single, ...(groups && { group_by: groups }) });
  if (!parsed.ok) throw new ProblemError(parsed.problem);
  return parsed.value;
}
