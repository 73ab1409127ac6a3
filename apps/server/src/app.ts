import {
  ADMIN_API_PATH,
  COMPLETIONS_PATH,
  POLICY_PATH,
  REGIONS_PATH,
  type Problem,
  TELEMETRY_PATH,
  problem,
  problemName,
} from '@ghostline/protocol';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import { docsRoutes, pageRoutes } from './admin/pages.ts';
import { type ReportOptions, reportRoutes } from './admin/reports.ts';
import { type ConfigOptions, configRoutes } from './admin/running-config.ts';
import { type SpendingOptions, spendingRoutes } from './admin/spending.ts';
import { type CompletionsOptions, completionRoutes } from './gateway/completions.ts';
import { type PolicyOptions, policyRoutes } from './gateway/policy.ts';
import { type TelemetryOptions, telemetryRoutes } from './gateway/telemetry.ts';
import { type HealthOptions, healthRoutes, livenessRoutes, regionRoutes } from './health.ts';
import { type AppEnv, setHeader } from './http/app-env.ts';
import { type Authenticator, authenticate, requireRole } from './http/authenticate.ts';
import { createBodyRoom } from './http/body-room.ts';
import type { ClientAddress } from './http/client-address.ts';
import { ClientGoneError } from './http/client-gone.ts';
import { refuseTooLate } from './http/drain.ts';
import { guardOrigin, originRule } from './http/origin-guard.ts';
import { problemResponse, toProblem } from './http/problem-response.ts';
import { requestIdOf } from './http/request-id.ts';
import { securityHeaders } from './http/security-headers.ts';
import { createServiceCheck } from './http/service-check.ts';
import { rateLimit } from './limits/rate-limit.ts';
import { type Stage, type Tracing, markStage, traceRequests } from './tracing/index.ts';

export interface AppOptions {
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly clientAddress: ClientAddress;
  /** Web pages that may ask when there is authentication; absent: all. */
  readonly origins?: readonly string[] | undefined;
  readonly health: HealthOptions;
  /** Whether browsers may be told to come over TLS only: under a certificate and a name that is not this machine's alone. */
  readonly hsts?: boolean;
  /** Absent: no request is traced, and none pays for it. */
  readonly tracing?: Tracing | undefined;
  /** Absent in a process without that role; so is `admin`. */
  readonly gateway?: CompletionsOptions &
    PolicyOptions &
    TelemetryOptions & {
      readonly intake: Parameters<typeof rateLimit>[0];
      /** Whether a completion that begins now would be cut by the end of the process. */
      readonly isTooLate: () => boolean;
    };
  readonly admin?: ReportOptions & {
    readonly pages: string;
    readonly config?: ConfigOptions;
    readonly spending: SpendingOptions;
  };
}

/** The path of a request through the server: id → origin → health and pages, or authenticate → limit → route. */
export function createApp(options: AppOptions): Hono<AppEnv> {
  const { log, authenticator, clientAddress, health, tracing, gateway, admin } = options;
  const app = new Hono<AppEnv>();
  const bodies = createBodyRoom();
  app.use(async (c, next) => {
    const requestId = requestIdOf(c.req.header('x-request-id'));
    c.set('requestId', requestId);
    const headers: Record<string, string> = {};
    c.set('headers', headers);
    c.set('bodies', bodies);
    setHeader(c, 'x-request-id', requestId);
    // What still comes over a connection that was kept open is answered, and the client told to open another elsewhere.
    // HTTP/2 has GOAWAY for it.
    if (health.draining() && c.env?.incoming?.httpVersionMajor !== 2) setHeader(c, 'connection', 'close');
    await next();
    // A stream took them along; Hono's own would have cost it 15 µs.
    if (c.res !== RESPONSE_ALREADY_SENT)
      for (const [name, value] of Object.entries(headers)) c.res.headers.set(name, value);
  });
  app.use(securityHeaders({ hsts: options.hsts ?? false }));
  const stage = (name: Stage) => tracing && app.use(COMPLETIONS_PATH, markStage(name));
  if (tracing) app.use(COMPLETIONS_PATH, traceRequests(tracing));
  const { authenticated } = health;
  const mayRead = originRule(authenticated, options.origins);
  app.route('/', livenessRoutes(mayRead));
  const isService = createServiceCheck();
  app.use(guardOrigin({ authenticated, mayRead, methodsAt: (path) => methodsAt(app, path), isService }));
  app.route('/', healthRoutes(health, isService));

  const authentication = authenticate(authenticator, clientAddress);
  stage('authenticate');
  for (const path of [COMPLETIONS_PATH, TELEMETRY_PATH, REGIONS_PATH, POLICY_PATH, `${ADMIN_API_PATH}/*`])
    app.use(path, authentication);
  app.route('/', regionRoutes(health));
  app.route('/', docsRoutes(health.version));
  if (gateway) {
    stage('limit');
    app.use(COMPLETIONS_PATH, refuseTooLate(gateway.isTooLate));
    app.use(COMPLETIONS_PATH, requireRole('developer'));
    app.use(TELEMETRY_PATH, requireRole('developer'), rateLimit(gateway.intake));
    stage('read');
    app.route('/', policyRoutes(gateway));
    app.route('/', completionRoutes(gateway));
    app.route('/', telemetryRoutes(gateway));
  }
  if (admin) {
    app.use(`${ADMIN_API_PATH}/*`, requireRole('admin'));
    app.route('/', reportRoutes(admin));
    if (admin.config) app.route('/', configRoutes(admin.config));
    app.route('/', spendingRoutes(admin.spending));
    app.route('/', pageRoutes(admin.pages));
  }

  const refuse = (c: Context<AppEnv>, document: Problem) => {
    const name = problemName(document) ?? 'internal';
    health.metrics.problems.inc({ problem: name });
    if (tracing) c.set('problem', name);
    return problemResponse(c, document);
  };
  app.notFound((c) => {
    const about = { request_id: c.get('requestId') };
    const { path, method } = c.req;
    const allowed = methodsAt(app, path).filter((other) => other !== method);
    if (allowed.length === 0) {
      return refuse(
        c,
        problem('not-found', `${path.slice(0, 200)} is not an address of this server; see /docs.`, about),
      );
    }
    c.header('allow', allowed.join(', '));
    return refuse(c, problem('method-not-allowed', `${path} takes ${allowed.join(' or ')}, not ${method}.`, about));
  });
  app.onError((error, c) => {
    // Nobody is there to read an answer: closing the connection is how clients cancel.
    if (error instanceof ClientGoneError) return c.body(null, 499 as 400);
    return refuse(c, toProblem(error, c.get('requestId'), log));
  });
  return app;
}

function methodsAt(app: Hono<AppEnv>, path: string): string[] {
  const here = app.routes.filter((route) => route.method !== 'ALL' && route.path === path);
  return [...new Set(here.map((route) => route.method))];
}
