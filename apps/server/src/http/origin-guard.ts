import { DEADLINE_HEADER, ProblemError, problem } from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import { isLoopback } from './loopback.ts';
import { type AppEnv, setHeader } from './principal.ts';

const ALLOWED_HEADERS = `authorization, content-type, accept, ${DEADLINE_HEADER}`;

/**
 * Who may ask from a browser. Without authentication only pages on this machine, under a host name of this machine: else any
 * web site could read the user's code through DNS rebinding or a plain cross-origin request. With authentication every
 * origin may, as a key is never sent by itself the way a cookie is. What a proxy on this machine says it forwards is not of this
 * machine either.
 */
export function guardOrigin({ authenticated }: { authenticated: boolean }) {
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
      if (c.req.header('x-forwarded-for') !== undefined || c.req.header('forwarded') !== undefined) {
        throw refused(
          'A proxy has forwarded this, so it may come from anywhere: configure auth, and make keys with ghostline keys create.',
        );
      }
      if (origin !== undefined && !isLoopbackOrigin(origin)) {
        throw refused('Pages from other origins are answered only when authentication is configured (auth).');
      }
    }
    if (origin !== undefined) {
      setHeader(c, 'access-control-allow-origin', origin);
      setHeader(c, 'vary', 'origin');
    }
    if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) {
      c.header('access-control-allow-methods', 'GET, POST');
      c.header('access-control-allow-headers', ALLOWED_HEADERS);
      c.header('access-control-allow-private-network', 'true');
      c.header('access-control-max-age', '600');
      return c.body(null, 204);
    }
    await next();
    return undefined;
  });
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
