import { type AccessRules, FAILURES_PER_MINUTE, type IssuerOptions, ROLES } from '@ghostline/access';
import * as z from 'zod';
import { isLoopback } from '../http/loopback.ts';
import type { FieldPath } from './field-path.ts';
import { httpUrl, name, unique } from './fields.ts';
import { AllowPrivate, checkAddress } from './outgoing-address.ts';
import type { Resolving } from './resolving.ts';

const Key = z.strictObject({
  id: name('Name of the key; shown to admins, never secret'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the key in lower-case hex: printf %s "$KEY" | sha256sum')
    .meta({ description: 'SHA-256 of the key in lower-case hex: printf %s "$KEY" | sha256sum' }),
  org: name('Organisation'),
  team: name('Team'),
  user: name('User'),
  roles: z.array(z.enum(ROLES)).min(1).meta({ description: 'developer: completions and telemetry; admin: reports' }),
  expires: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'must be a date such as 2027-01-31 (the key ends when that day begins, in UTC) or 2027-01-31T18:00:00Z',
    })
    .optional()
    .meta({ description: 'When the key ends; a day ends it as that day begins, in UTC' }),
});

const claim = (what: string) => z.string().min(1).max(200).optional().meta({ description: what });

const Issuer = z.strictObject({
  issuer: httpUrl.meta({
    description: 'Exactly what tokens say in iss, such as https://login.example.com/realms/acme',
  }),
  audience: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .meta({ description: 'What tokens for this server say in aud; of a list, one is enough' }),
  jwksUrl: httpUrl
    .optional()
    .meta({ description: 'Where the public keys are; default: where the discovery document of the issuer says' }),
  allowPrivate: AllowPrivate,
  clockSkewSeconds: z
    .int()
    .min(0)
    .max(600)
    .optional()
    .meta({ description: 'How far the clocks of issuer and server may differ; default 30' }),
  claims: z
    .strictObject({
      org: claim('Claim with the organisation; default org, unless one is set for all'),
      team: claim('Claim with the team, of a list the first; default team, unless one is set for all'),
      user: claim('Claim with the user; default sub'),
      roles: claim('Claim with roles; without it, everyone is a developer'),
    })
    .optional()
    .meta({ description: 'Which claims say who it is; dots lead into objects: realm_access.roles' }),
  org: name('Organisation of all tokens; with claims.org, of those without that claim').optional(),
  team: name('Team of all tokens; with claims.team, of those without that claim').optional(),
  roles: z
    .strictObject({
      developer: z.array(z.string().min(1)).optional().meta({ description: 'Values that make a developer' }),
      admin: z.array(z.string().min(1)).optional().meta({ description: 'Values that make an admin' }),
    })
    .optional()
    .meta({ description: 'Which values of the claim of roles make which role; default: their own names' }),
});

export const Auth = z
  .strictObject({
    keys: z
      .array(Key)
      .min(1)
      .superRefine(unique('id'))
      .superRefine(unique('sha256'))
      .optional()
      .meta({ description: 'Keys besides those that ghostline keys create makes' }),
    oidc: z
      .array(Issuer)
      .min(1)
      .max(32)
      .superRefine(unique('issuer'))
      .optional()
      .meta({ description: 'Issuers whose tokens are taken in place of keys' }),
    failuresPerMinute: z.int().min(1).max(10_000).optional().meta({
      description: 'Unknown keys and tokens that an address may try in a minute before it is slowed; default 20',
    }),
  })
  .meta({ description: 'Present, be it empty: requests need a key (ghostline keys create) or a token' });

/**
 * How requests are authenticated, resolved. `required` is false when the file says nothing of it: then everyone on this machine may
 * ask, until the first key is made.
 */
export type AuthSettings = Required<AccessRules>;

/** The addresses among `issuers` from which keys come over plain HTTP: whoever is on the way could replace them. */
export function openToOthers(issuers: readonly IssuerOptions[]): string[] {
  return issuers
    .map(({ issuer, jwksUrl }) => jwksUrl ?? issuer)
    .filter((url) => url.startsWith('http:') && !isLoopback(new URL(url).hostname));
}

export function authSettings(auth: z.infer<typeof Auth> | undefined, resolving: Resolving): AuthSettings {
  for (const [index, issuer] of (auth?.oidc ?? []).entries()) checkIssuer(issuer, ['auth', 'oidc', index], resolving);
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
    issuers: (auth?.oidc ?? []).map(
      ({ issuer, audience, jwksUrl, allowPrivate, clockSkewSeconds, claims, org, team, roles }) => ({
        issuer,
        audience: (typeof audience === 'string' ? [audience] : audience) as [string, ...string[]],
        jwksUrl,
        allowPrivate: allowPrivate ?? true,
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
      }),
    ),
    failuresPerMinute: auth?.failuresPerMinute ?? FAILURES_PER_MINUTE,
  };
}

/** Where the issuer's own document says that its keys are is looked at when they are read. */
function checkIssuer(settings: z.infer<typeof Issuer>, field: FieldPath, resolving: Resolving): void {
  const { issuer, jwksUrl } = settings;
  if (jwksUrl === undefined) checkAddress(issuer, [...field, 'issuer'], settings, resolving);
  else checkAddress(jwksUrl, [...field, 'jwksUrl'], settings, resolving);
}
