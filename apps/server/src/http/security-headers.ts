import { createMiddleware } from 'hono/factory';
import type { AppEnv } from './app-env.ts';

/** As https://hstspreload.org asks for. Without subdomains: those are not ours to promise for. */
const HSTS = 'max-age=31536000';

/**
 * What every answer carries that Hono writes: it is what its type says, tells nobody where a reader came from, and stands in no
 * frame. Pages have a content security policy besides; event streams, which no browser renders, are written around this.
 */
export function securityHeaders({ hsts }: { readonly hsts: boolean }) {
  return createMiddleware<AppEnv>((c, next) => {
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('x-frame-options', 'DENY');
    if (hsts) c.header('strict-transport-security', HSTS);
    return next();
  });
}
