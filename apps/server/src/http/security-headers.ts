import { createMiddleware } from 'hono/factory';
import { type AppEnv, setHeader } from './app-env.ts';

/** As https://hstspreload.org asks for. Without subdomains: those are not ours to promise for. */
const HSTS = 'max-age=31536000';

/**
 * What every answer carries: it is what its type says, tells nobody where a reader came from, and stands in no frame. Pages have a
 * content security policy besides.
 */
export function securityHeaders({ hsts }: { readonly hsts: boolean }) {
  return createMiddleware<AppEnv>((c, next) => {
    setHeader(c, 'x-content-type-options', 'nosniff');
    setHeader(c, 'referrer-policy', 'no-referrer');
    setHeader(c, 'x-frame-options', 'DENY');
    if (hsts) setHeader(c, 'strict-transport-security', HSTS);
    return next();
  });
}
