import type { JWTPayload } from 'jose';
import { type Principal, ROLES, type Role } from '../principal.ts';

/** Which claims of a token say who it is; a dotted name leads into an object, such as `realm_access.roles`. */
export interface ClaimNames {
  readonly org: string | undefined;
  readonly team: string | undefined;
  readonly user: string;
  /** Undefined: everyone with a token is a developer. */
  readonly roles: string | undefined;
}

export interface ClaimRules {
  readonly claims: ClaimNames;
  /** For tokens without that claim. */
  readonly org: string | undefined;
  readonly team: string | undefined;
  /** Which values of the claim of roles make a developer, and which an admin; undefined: their own names. */
  readonly roles: Partial<Record<Role, readonly string[]>> | undefined;
}

export type ClaimsOutcome =
  | { readonly kind: 'principal'; readonly principal: Principal }
  | { readonly kind: 'unfit'; readonly detail: string };

/** Whose a verified token is, or which claim is missing and what to do about it. */
export function principalOf(payload: JWTPayload, rules: ClaimRules, keyId: string): ClaimsOutcome {
  const { claims } = rules;
  if (!NAME.test(payload.sub ?? '')) return { kind: 'unfit', detail: SUBJECT };
  const org = nameIn(payload, claims.org, rules.org);
  const team = nameIn(payload, claims.team, rules.team);
  const user = nameIn(payload, claims.user, undefined);
  if (org === undefined) return unfit('org', claims.org, 'or set org for all tokens of this issuer');
  if (team === undefined) return unfit('team', claims.team, 'or set team for all tokens of this issuer');
  if (user === undefined) return unfit('user', claims.user, 'such as sub or email');
  return { kind: 'principal', principal: { keyId, org, team, user, roles: rolesOf(payload, rules) } };
}

const SUBJECT = 'The token has no usable claim "sub": it must be one line of at most 128 characters.';

function unfit(field: string, claim: string | undefined, otherwise: string): ClaimsOutcome {
  const what = claim === undefined ? `The token does not say its ${field}` : `The token has no usable claim "${claim}"`;
  const verb = claim === undefined ? 'Name its claim' : 'Have the issuer add it, name another one';
  return { kind: 'unfit', detail: `${what}. ${verb} in auth.oidc[].claims.${field}, ${otherwise}.` };
}

function rolesOf(payload: JWTPayload, { claims, roles }: ClaimRules): readonly Role[] {
  if (claims.roles === undefined) return ['developer'];
  const given = new Set(stringsIn(claimOf(payload, claims.roles)));
  return ROLES.filter((role) => (roles ? (roles[role] ?? []) : [role]).some((value) => given.has(value)));
}

/** The claim as a name; of a list the first item. What cannot be a name is none. */
function nameIn(payload: JWTPayload, claim: string | undefined, otherwise: string | undefined): string | undefined {
  const value = claim === undefined ? undefined : claimOf(payload, claim);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const name = typeof first === 'number' ? String(first) : first;
  return typeof name === 'string' && NAME.test(name) ? name : otherwise;
}

/** Anything a person or a team may be called, on one line: names are joined with line breaks elsewhere. */
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u;

/** Roles are a list, or one text with spaces as OAuth scopes are. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ');
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The claim of exactly this name (they may be URLs), else the one its dots lead to. */
function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
