import { randomUUID } from 'node:crypto';
import {
  ADMIN_API_PATH,
  COMPLETIONS_PATH,
  REGIONS_PATH,
  TELEMETRY_PATH,
  problem,
  problemName,
} from '@ghostline/protocol';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import { docsRoutes, pageRoutes } from './admin/pages.ts';
import { type ReportOptions, reportRoutes } from './admin/reports.ts';
import { type CompletionsOptions, completionRoutes } from './gateway/completions.ts';
import { type TelemetryOptions, telemetryRoutes } from './gateway/telemetry.ts';
import { type HealthOptions, healthRoutes, regionRoutes } from './health.ts';
import { type Authenticator, authenticate, requireRole } from './http/authenticate.ts';
import { guardOrigin } from './http/origin-guard.ts';
import { type AppEnv, setHeader } from './http/principal.ts';
import { problemResponse, toProblem } from './http/problem-response.ts';
import { rateLimit } from './http/rate-limit.ts';

export interface AppOptions {
  readonly log: Logger;
  readonly authenticator: Authenticator;
  /** Whether keys are configured: decides which origins are answered. */
  readonly authenticated: boolean;
  readonly health: HealthOptions;
  /** Absent in a process without that role; so is `admin`. */
  readonly gateway?: CompletionsOptions & TelemetryOptions & { readonly requestsPerMinute: number };
  readonly admin?: ReportOptions & { readonly pages: string };
}

/** The path of a request through the server: id → origin → health and pages, or authenticate → limit → route. */
export function createApp({ log, authenticator, authenticated, health, gateway, admin }: AppOptions): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    const requestId = randomUUID();
    c.set('requestId', requestId);
    c.set('headers', {});
    setHeader(c, 'x-request-id', requestId);
    await next();
  });
  app.route('/', healthRoutes(health));
  app.use(guardOrigin({ authenticated }));

  const authentication = authenticate(authenticator);
  for (const path of [COMPLETIONS_PATH, TELEMETRY_PATH, REGIONS_PATH, `${ADMIN_API_PATH}/*`])
    app.use(path, authentication);
  app.route('/', regionRoutes(health));
  app.route('/', docsRoutes(health.version));
  if (gateway) {
    app.use(COMPLETIONS_PATH, requireRole('developer'), rateLimit({ perMinute: gateway.requestsPerMinute }));
    app.use(TELEMETRY_PATH, requireRole('developer'));
    app.route('/', completionRoutes(gateway));
    app.route('/', telemetryRoutes(gateway));
  }
  if (admin) {
    app.use(`${ADMIN_API_PATH}/*`, requireRole('admin'));
    app.route('/', reportRoutes(admin));
    app.route('/', pageRoutes(admin.pages));
  }

  app.notFound((c) => {
    const about = { request_id: c.get('requestId') };
    const allowed = methodsAt(app, c.req.path).filter((method) => method !== c.req.method);
    if (allowed.length === 0)
      return problemResponse(
        c,
        problem('not-found', `${c.req.path} is not an address of this server; see /docs.`, about),
      );
    c.header('allow', allowed.join(', '));
    return problemResponse(
      c,
      problem('method-not-allowed', `${c.req.path} takes ${allowed.join(' or ')}, not ${c.req.method}.`, about),
    );
  });
  app.onError((error, c) => {
    const document = toProblem(error, c.get('requestId'), log);
    health.metrics.problems.inc({ problem: problemName(document) ?? 'internal' });
    return problemResponse(c, document);
  });
  return app;
}

function methodsAt(app: Hono<AppEnv>, path: string): string[] {
  const here = app.routes.filter((route) => route.method !== 'ALL' && route.path === path);
  return [...new Set(here.map((route) => route.method))];
}
