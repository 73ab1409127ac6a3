import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError, problem } from '@ghostline/protocol';
import { createMiddleware } from 'hono/factory';
import type { ApiKey } from '../config.ts';
import { type AppEnv, LOCAL_PRINCIPAL, type Principal } from './principal.ts';

export type Authenticator = (authorization: string | undefined) => Principal;

/**
 * Finds the principal of a bearer key. Keys are stored and looked up by SHA-256, so nothing about a secret can be learnt
 * from how long the look-up takes; the digests are compared in constant time all the same. Throws ProblemError 401.
 */
export function createAuthenticator(keys: readonly ApiKey[] | undefined): Authenticator {
  if (keys === undefined) return () => LOCAL_PRINCIPAL;
  const byDigest = new Map(
    keys.map(({ sha256, id, org, team, user, roles }) => [
      sha256,
      { digest: Buffer.from(sha256, 'hex'), principal: { keyId: id, org, team, user, roles } },
    ]),
  );
  return (authorization) => {
    const token = bearerToken(authorization);
    if (token === undefined) throw unauthenticated('Send your API key as "Authorization: Bearer KEY".');
    const digest = createHash('sha256').update(token, 'utf8').digest();
    const known = byDigest.get(digest.toString('hex'));
    if (!known || !timingSafeEqual(known.digest, digest)) {
      throw unauthenticated('This API key is not known here. Ask an admin of this server for one.');
    }
    return known.principal;
  };
}

function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError(problem('unauthenticated', detail));
}

/** Sets `principal` and how long that took. */
export function authenticate(find: Authenticator) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const started = performance.now();
    c.set('principal', find(c.req.header('authorization')));
    c.set('authMs', performance.now() - started);
    await next();
  });
}

/** Lets only principals with `role` through: 403 for the others. */
export function requireRole(role: Principal['roles'][number]) {
  return createMiddleware<AppEnv>(async (c, next) => {
    if (!c.get('principal').roles.includes(role)) {
      throw new ProblemError(problem('forbidden', `This needs a key with the role "${role}".`));
    }
    await next();
  });
}
