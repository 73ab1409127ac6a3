import {
  COMPLETIONS_PATH,
  DEADLINE_HEADER,
  ProblemError,
  SPENDING_HEADER,
  TELEMETRY_PATH,
  problem,
} from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import { type AppEnv, setHeader } from './app-env.ts';
import { signOfForwarding } from './forwarded.ts';
import { isLoopback } from './loopback.ts';
import type { ServiceCheck } from './service-check.ts';

/** What a page's script may send besides what every page may. */
const ALLOWED_HEADERS = `authorization, content-type, accept, x-request-id, traceparent, ${DEADLINE_HEADER}`;
/** What it may read besides what every page may: all that answers say in headers of their own. */
const EXPOSED_HEADERS = `x-request-id, retry-after, ratelimit, ratelimit-policy, server-timing, ${SPENDING_HEADER}, www-authenticate, allow`;
/** As long as browsers that keep it longest take it for: two hours (Chromium). */
const PREFLIGHT_KEPT_S = '7200';

/** A completion on a new connection waits for no look at who connected: a proxy that keeps its own is known by the next one. */
const HURRIED: ReadonlySet<string> = new Set([COMPLETIONS_PATH, TELEMETRY_PATH]);

/** Whether pages of an origin may read what is answered. */
export type OriginRule = (origin: string) => boolean;

/** `origins`: pages that may when there is authentication, as `https://host` or `https://*.host`; undefined: all. */
export function originRule(authenticated: boolean, origins: readonly string[] | undefined): OriginRule {
  return authenticated ? originMatcher(origins) : isLoopbackOrigin;
}

export interface OriginGuardOptions {
  readonly authenticated: boolean;
  readonly mayRead: OriginRule;
  /** What is answered at a path. */
  readonly methodsAt: (path: string) => readonly string[];
  readonly isService: ServiceCheck;
}

/**
 * Who may ask from a browser. Without authentication only pages on this machine, under a host name of this machine: else any
 * web site could read the user's code through DNS rebinding or a plain cross-origin request. With authentication those that are
 * configured, or every page, as a key is never sent by itself the way a cookie is. What a proxy on this machine forwards is not of
 * this machine either.
 */
export function guardOrigin({ authenticated, mayRead, methodsAt, isService }: OriginGuardOptions) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const origin = c.req.header('origin');
    if (!authenticated) {
      const host = c.req.header('host') ?? new URL(c.req.url).host;
      if (!isLoopback(hostname(host))) {
        throw refused(
          `The host "${host.slice(0, 100)}" is not this machine. Open http://127.0.0.1 instead, or configure auth.`,
        );
      }
      // Proxies such as nginx ask by their own name for the server, so that anybody's requests look like this machine's.
      const service = isService(c, { wait: !HURRIED.has(c.req.path) });
      const sign =
        signOfForwarding(c) ??
        ((typeof service === 'boolean' ? service : await service) ? "it came from a service's account" : undefined);
      if (sign !== undefined) {
        throw refused(
          `A proxy has forwarded this (${sign}), so it may come from anywhere: configure auth, and make keys with ghostline keys create.`,
        );
      }
      if (origin !== undefined && !mayRead(origin)) {
        throw refused('Pages from other origins are answered only when authentication is configured (auth).');
      }
    }
    if (origin === undefined) return next();
    setHeader(c, 'vary', 'origin');
    const readable = mayRead(origin);
    if (readable) {
      setHeader(c, 'access-control-allow-origin', origin);
      setHeader(c, 'access-control-expose-headers', EXPOSED_HEADERS);
    }
    if (c.req.method !== 'OPTIONS' || c.req.header('access-control-request-method') === undefined) return next();
    if (!readable) throw refused('Pages of this origin are not among listen.origins.');
    const methods = methodsAt(c.req.path);
    // A path where there is nothing says so itself.
    if (methods.length === 0) return next();
    c.header('access-control-allow-methods', methods.join(', '));
    c.header('access-control-allow-headers', ALLOWED_HEADERS);
    if (c.req.header('access-control-request-private-network') === 'true')
      c.header('access-control-allow-private-network', 'true');
    c.header('access-control-max-age', PREFLIGHT_KEPT_S);
    return c.body(null, 204);
  });
}

function originMatcher(origins: readonly string[] | undefined): OriginRule {
  if (origins === undefined) return () => true;
  const exact = new Set(origins.filter((origin) => !origin.includes('*')));
  const families = origins.flatMap((origin) => {
    const [scheme, rest] = origin.split('*');
    return rest === undefined ? [] : [{ scheme: scheme!, rest }];
  });
  return (origin) =>
    exact.has(origin) ||
    families.some(
      ({ scheme, rest }) =>
        origin.startsWith(scheme) && origin.endsWith(rest) && origin.length > scheme.length + rest.length,
    );
}

function hostname(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':')[0] ?? '');
}

function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

function refused(detail: string): ProblemError {
  return new ProblemError(problem('origin-not-allowed', detail));
}
