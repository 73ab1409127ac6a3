import { type AccessRules, FAILURES_PER_MINUTE, type IssuerOptions } from '@ghostline/access';
import type { ConfigFile } from './config-schema.ts';

/**
 * How requests are authenticated, resolved. `required` is false when the file says nothing of it: then everyone on this machine may
 * ask, until the first key is made.
 */
export type AuthSettings = Required<AccessRules>;

/** The addresses among `issuers` from which keys come over plain HTTP: whoever is on the way could replace them. */
export function openToOthers(issuers: readonly IssuerOptions[], isLoopback: (host: string) => boolean): string[] {
  return issuers
    .map(({ issuer, jwksUrl }) => jwksUrl ?? issuer)
    .filter((url) => url.startsWith('http:') && !isLoopback(new URL(url).hostname));
}

export function authSettings(auth: ConfigFile['auth']): AuthSettings {
  return {
    required: auth !== undefined,
    fixedKeys: (auth?.keys ?? []).map(({ id, sha256, org, team, user, roles, expires }) => ({
      id,
      sha256,
      org,
      team,
      user,
      roles,
      expires: expires === undefined ? undefined : Date.parse(expires),
    })),
    issuers: (auth?.oidc ?? []).map(({ issuer, audience, jwksUrl, clockSkewSeconds, claims, org, team, roles }) => ({
      issuer,
      audience: (typeof audience === 'string' ? [audience] : audience) as [string, ...string[]],
      jwksUrl,
      clockSkewMs: (clockSkewSeconds ?? 30) * 1000,
      claims: {
        // Where an issuer stands for one organisation, its tokens cannot name another one.
        org: claims?.org ?? (org === undefined ? 'org' : undefined),
        team: claims?.team ?? (team === undefined ? 'team' : undefined),
        user: claims?.user ?? 'sub',
        roles: claims?.roles,
      },
      org,
      team,
      roles: roles && {
        ...(roles.developer && { developer: roles.developer }),
        ...(roles.admin && { admin: roles.admin }),
      },
    })),
    failuresPerMinute: auth?.failuresPerMinute ?? FAILURES_PER_MINUTE,
  };
}
