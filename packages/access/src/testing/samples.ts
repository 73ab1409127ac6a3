import { createHash } from 'node:crypto';
import type { FixedKey } from '../keys/key-ring.ts';
import type { IssuerOptions } from '../oidc/issuer.ts';

/** Alice's key, as a configuration has it, whose text is `secret`. */
export function fixedKeyFor(secret: string, changes: Partial<FixedKey> = {}): FixedKey {
  return {
    id: 'alice-laptop',
    sha256: createHash('sha256').update(secret).digest('hex'),
    org: 'acme',
    team: 'web',
    user: 'alice',
    roles: ['developer'],
    expires: undefined,
    ...changes,
  };
}

/** What a configuration says of an issuer that says everything in its tokens itself. */
export function issuerOptions(
  { url, audience }: { readonly url: string; readonly audience: string },
  changes: Partial<IssuerOptions> = {},
): IssuerOptions {
  return {
    issuer: url,
    jwksUrl: undefined,
    audience: [audience],
    clockSkewMs: 0,
    claims: { org: 'org', team: 'team', user: 'sub', roles: undefined },
    org: undefined,
    team: undefined,
    roles: undefined,
    ...changes,
  };
}
