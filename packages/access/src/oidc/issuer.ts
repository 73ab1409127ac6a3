import { type JWTPayload, type LocalJWKSet, errors, jwtVerify } from 'jose';
import type { Principal } from '../principal.ts';
import type { Refusal } from '../refusal.ts';
import { type ClaimRules, principalOf } from './claims.ts';
import {
  type IssuerAddress,
  type IssuerKeys,
  type IssuerSurroundings,
  type KeysState,
  followIssuerKeys,
} from './issuer-keys.ts';

/** Signatures that only the issuer can make. With HMAC, whoever knows the public key could sign (RFC 8725, section 2.1). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export interface IssuerOptions extends IssuerAddress, ClaimRules {
  /** Whom tokens must be for: one of these. */
  readonly audience: readonly [string, ...string[]];
  readonly clockSkewMs: number;
}

export type TokenOutcome =
  | {
      readonly kind: 'verified';
      readonly principal: Principal;
      /** When the token ends, with the clock skew; milliseconds since 1970. */
      readonly expires: number;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** `unknown-key`: signed with none of the keys that are known here, so that only the issuer can tell whether it is one of its own. */
export type LocalOutcome = TokenOutcome | { readonly kind: 'unknown-key' };

export interface Issuer {
  readonly name: string;
  /** By the keys that are known here; asks nobody, and never rejects. */
  look(token: string, algorithm: string): Promise<LocalOutcome>;
  /** By the keys that the issuer has now; within the few seconds it may take to answer. Never rejects. */
  lookAnew(token: string, algorithm: string): Promise<TokenOutcome>;
  state(): KeysState;
  readonly ready: IssuerKeys['ready'];
  close(): void;
}

/** One that tokens are taken from. */
export function createIssuer(options: IssuerOptions, surroundings: IssuerSurroundings): Issuer {
  const { issuer, audience, clockSkewMs } = options;
  const { now } = surroundings;
  const keys = followIssuerKeys(options, surroundings);
  const issuerName = issuer.replace(/^https?:\/\//, '').replace(/\/$/, '');

  return {
    name: issuer,
    state: keys.state,
    ready: keys.ready,
    close: keys.close,
    look,
    async lookAnew(token, algorithm) {
      const refetch = await keys.refetch();
      if (refetch.kind === 'failed') {
        const { reason, waitMs } = refetch;
        const detail = `The token's signature cannot be checked: the issuer ${issuer} has no key for it here (${reason}). Try again in ${Math.ceil(waitMs / 1000)} s.`;
        return refused('unavailable', detail, waitMs);
      }
      const outcome = await look(token, algorithm);
      if (outcome.kind !== 'unknown-key') return outcome;
      return refused('token-signature', `The token is signed with a key that ${issuer} does not publish.`);
    },
  };

  async function look(token: string, algorithm: string): Promise<LocalOutcome> {
    if (!ALGORITHMS.some((known) => known === algorithm)) {
      const detail = `The token is signed with "${algorithm.slice(0, 20)}"; taken are ${ALGORITHMS.join(', ')}.`;
      return refused('token-algorithm', detail);
    }
    const known = keys.current();
    return known ? verifyWith(known, token) : { kind: 'unknown-key' };
  }

  async function verifyWith(set: LocalJWKSet, token: string): Promise<LocalOutcome> {
    try {
      const { payload } = await jwtVerify(token, set, {
        issuer,
        audience: [...audience],
        algorithms: [...ALGORITHMS],
        clockTolerance: clockSkewMs / 1000,
        currentDate: new Date(now()),
        requiredClaims: ['exp', 'sub'],
      });
      return judge(payload);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return { kind: 'unknown-key' };
      return refusalOf(error);
    }
  }

  function judge(payload: JWTPayload): TokenOutcome {
    if (payload.iat !== undefined && payload.iat * 1000 > now() + clockSkewMs) {
      return refused('token-not-yet-valid', `The token was issued in the future; ${CLOCKS}`);
    }
    // The subject names a person at this issuer only.
    const outcome = principalOf(payload, options, `${issuerName}/${payload.sub}`);
    if (outcome.kind === 'unfit') return refused('token-claims', outcome.detail);
    return { kind: 'verified', principal: outcome.principal, expires: payload.exp! * 1000 + clockSkewMs };
  }

  function refusalOf(error: unknown): TokenOutcome {
    if (error instanceof errors.JWTExpired) {
      return refused('token-expired', 'The token has expired; sign in again, or have it refreshed.');
    }
    if (error instanceof errors.JWTClaimValidationFailed) {
      const { claim, reason } = error;
      if (claim === 'nbf') return refused('token-not-yet-valid', `The token is not valid yet; ${CLOCKS}`);
      if (claim === 'aud') {
        const list = audience.map((one) => `"${one}"`).join(' or ');
        return refused('token-audience', `The token is not for this server: its audience must have ${list}.`);
      }
      const what = reason === 'missing' ? 'lacks it' : 'has another one than it should, or of another kind';
      return refused('token-claims', `The token needs the claim "${claim}" and ${what}.`);
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      return refused('token-signature', `The token's signature is not that of ${issuer}.`);
    }
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      return refused('token-signature', `The token must name its key (kid): ${issuer} publishes several that fit.`);
    }
    return refused('token-malformed', 'The token cannot be read.');
  }
}

const CLOCKS = 'compare the clock of the issuer with that of this server, or raise clockSkewSeconds.';

function refused(reason: Refusal['reason'], detail: string, retryAfterMs?: number): TokenOutcome {
  return { kind: 'refused', refusal: { reason, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) } };
}
