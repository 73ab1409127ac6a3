import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Issuer } from './oidc/issuer.ts';
import type { Refusal } from './refusal.ts';
import type { ClaimedToken } from './strangers/token-verifier.ts';

/** Longer than any token of an issuer that fits a header; nothing beyond it is decoded. */
const MAX_TOKEN_CHARS = 16_384;

/** The credential of an `Authorization` header; undefined when it has none. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

export function withoutCredential(authorization: string | undefined): Refusal {
  const detail = 'Send your API key as "Authorization: Bearer KEY".';
  return authorization === undefined
    ? { reason: 'missing', detail: `This server asks for an API key. ${detail}` }
    : { reason: 'malformed', detail: `The Authorization header has another form. ${detail}` };
}

export type TokenLook =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: ClaimedToken }
  | { readonly kind: 'unfit'; readonly refusal: Refusal };

/** Whether the credential is a token, and which issuer it says it is from; nothing in it is believed yet. */
export function tokenIn(credential: string, issuers: readonly Issuer[]): TokenLook {
  if (issuers.length === 0 || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential)) return { kind: 'none' };
  if (credential.length > MAX_TOKEN_CHARS) {
    const detail = `The token is longer than ${MAX_TOKEN_CHARS} characters.`;
    return { kind: 'unfit', refusal: { reason: 'token-malformed', detail } };
  }
  let algorithm: unknown;
  let from: unknown;
  try {
    algorithm = decodeProtectedHeader(credential).alg;
    from = decodeJwt(credential).iss;
  } catch {
    return { kind: 'unfit', refusal: { reason: 'token-malformed', detail: 'The token cannot be read.' } };
  }
  const issuer = issuers.find(({ name }) => name === from);
  if (!issuer) {
    const who = typeof from === 'string' ? `"${from.slice(0, 200)}"` : 'nobody it names';
    const detail = `The token is from ${who}; this server takes those of issuers in auth.oidc only.`;
    return { kind: 'unfit', refusal: { reason: 'token-issuer', detail } };
  }
  return { kind: 'token', token: { issuer, algorithm: typeof algorithm === 'string' ? algorithm : 'none' } };
}
