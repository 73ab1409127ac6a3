import type { Access, Role } from '@ghostline/access';
import { ProblemError, problem } from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import { type AppEnv, connectionOf } from './app-env.ts';
import type { ClientAddress } from './client-address.ts';

export type Authenticator = Access['authenticate'];

/** Sets `principal` and how long that took. The address is made out only for credentials that nobody knows. */
export function authenticate(find: Authenticator, addressOf: ClientAddress) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const started = performance.now();
    const found = find(c.req.header('authorization'), () =>
      addressOf(connectionOf(c)?.remoteAddress, c.req.header('x-forwarded-for')),
    );
    // Known keys and tokens come without a promise, and go on without one.
    c.set('principal', found instanceof Promise ? await found : found);
    c.set('authMs', performance.now() - started);
    await next();
  });
}

/** Lets only principals with `role` through: 403 for the others. */
export function requireRole(role: Role) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { roles } = c.get('principal');
    if (!roles.includes(role)) {
      const has = roles.length === 0 ? 'no role here' : `only the role "${roles.join('", "')}"`;
      throw new ProblemError(problem('forbidden', `This needs the role "${role}"; yours has ${has}.`));
    }
    await next();
  });
}
