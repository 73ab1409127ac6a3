import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import type { ComponentState, ProblemError } from '@ghostline/protocol';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createFailureTable } from './failures.ts';
import { digestOf, formOf } from './keys/api-key.ts';
import { type FollowedStore, type KeyFollower, followKeys } from './keys/follow.ts';
import { type FixedKey, type HeldKey, createKeyRing } from './keys/key-ring.ts';
import { type Issuer, type IssuerOptions, type TokenOutcome, createIssuer } from './oidc/issuer.ts';
import { LOCAL_PRINCIPAL, type Principal } from './principal.ts';
import { type Refusal, type RefusalReason, refusalProblem } from './refusal.ts';
import { createRemembered } from './remembered.ts';
import { issuersState, keysState } from './states.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** What of it may change while requests go on. */
export interface AccessRules {
  /** True: configuration asks for authentication, whether there are keys or not. */
  readonly required: boolean;
  /** Keys of the configuration. */
  readonly fixedKeys?: readonly FixedKey[];
  readonly issuers?: readonly IssuerOptions[];
  /** Unknown credentials an address may try in a minute before it is slowed; default 20. */
  readonly failuresPerMinute?: number;
}

export interface AccessOptions extends AccessRules {
  /** Where other keys are kept. The first one also notes the last uses of `fixedKeys`. */
  readonly stores?: readonly FollowedStore[];
  /** An address is slowed, for so many milliseconds. */
  readonly onSlowed?: (address: string, waitMs: number) => void;
  /** Every request that was not let in. */
  readonly onRefused?: (reason: RefusalReason) => void;
  /** The first key was made, or keys cannot be read: from now on requests need one. */
  readonly onRequired?: () => void;
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
  readonly fetch?: typeof globalThis.fetch;
}

export interface Access {
  /**
   * Whose request this is: at once for a key, and for a token that was verified before; a promise for other tokens. Throws, or
   * rejects with, ProblemError `unauthenticated`, `rate-limited` or `identity-unavailable`. `address` is asked only when the
   * credential is unknown.
   */
  authenticate(authorization: string | undefined, address: () => string): Principal | Promise<Principal>;
  /**
   * Other rules from now on. Issuers that are as before keep their keys; keys and issuers that are gone count no more, from the
   * next request on. What was required stays required until this is made anew.
   */
  configure(rules: AccessRules): void;
  /** False: everyone is the one local user. Never goes from true to false. */
  required(): boolean;
  /** For `/readyz`. */
  states(): Record<string, ComponentState>;
  /** Keys there are here, revoked and expired ones included. */
  keyCount(): number;
  /** Resolves when every store was read once, or found away. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** How long a verified token is taken without looking again, unless its issuer changes its keys. */
const TOKEN_KEPT_MS = 300_000;
/** 10 MB of them; one beyond counts as unknown when it comes. */
const TOKENS_KEPT = 20_000;
/** A client that goes on sending the same wrong credential tries nothing, and need not be counted again. */
const COUNTED_MS = 60_000;
const REFUSED_KEPT_MS = 60_000;
/** Shorter for tokens: the issuer's keys and the clock may change the answer. */
const REFUSED_TOKEN_KEPT_MS = 10_000;
const REFUSED_KEPT = 10_000;
/** Verifications at a time; more come from an attack. */
const MAX_PENDING = 1000;
/** Of these, who waits for an issuer at a time: the others are tokens of people whose keys are known, and go on beside them. */
const MAX_WAITING = 200;
/** Longer than any token of an issuer that fits a header; nothing beyond it is decoded. */
const MAX_TOKEN_CHARS = 16_384;

/**
 * Refusals of what anybody could have made up. A token that its issuer did sign, and that is too old or for somebody else, is a
 * client that was forgotten, of which an office may have many.
 */
const GUESSES: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'damaged-key',
  'unknown-key',
  'token-malformed',
  'token-algorithm',
  'token-issuer',
  'token-signature',
]);

/**
 * Twenty mistyped keys a minute are more than anybody types, and an office behind one address has rarely more than a few newcomers
 * at a time; a guesser gets nowhere near 2²⁵⁶ with them.
 */
export const FAILURES_PER_MINUTE = 20;

/** A token that was verified: for how long, and in which epoch, it need not be looked at again. */
interface KnownToken {
  readonly principal: Principal;
  readonly until: number;
  readonly epoch: number;
}

interface ConfiguredIssuer {
  readonly issuer: Issuer;
  /** What it was made of. */
  readonly text: string;
}

/** Finds out who is asking: local → bearer → known key → known token → address slowed? → token of an issuer → unknown. */
export function createAccess(options: AccessOptions): Access {
  const { now = Date.now, setTimer = backgroundTimer, fetch = globalThis.fetch, onRefused = () => {} } = options;
  const fixed = createKeyRing();
  let issuers: readonly ConfiguredIssuer[] = [];
  let required = false;
  const followers: KeyFollower[] = [];
  for (const store of options.stores ?? []) followers.push(followKeys(store, { now, setTimer, onNews: keysCame }));
  const tokens = createRemembered<KnownToken>(TOKENS_KEPT);
  /** Goes up when tokens have to be verified anew. */
  let epoch = 0;
  const refusals = createRemembered<Refusal>(REFUSED_KEPT);
  /** Refused credentials that have counted against their address. */
  const counted = createRemembered<true>(REFUSED_KEPT);
  let perMinute = FAILURES_PER_MINUTE;
  const failures = createFailureTable({ perMinute: () => perMinute, now });
  const pending = new Map<string, Promise<TokenOutcome>>();
  const waiting = createWaitingRoom({ total: MAX_WAITING, perAddress: () => perMinute });

  configure(options);

  return {
    configure,
    authenticate(authorization, address) {
      if (!required) return LOCAL_PRINCIPAL;
      const credential = bearerOf(authorization);
      if (credential === undefined) throw refuse(withoutCredential(authorization));
      const digest = digestOf(credential);
      const at = now();
      const key = findKey(digest, at);
      if (key) return key;
      const known = tokens.get(digest, at);
      if (known && known.epoch === epoch && at < known.until) return known.principal;
      const refused = refusals.get(digest, at);
      if (refused) throw refuse(refused);
      return unknownCredential(credential, digest, address(), known !== undefined);
    },
    required: () => required,
    keyCount: () => fixed.size + followers.reduce((sum, follower) => sum + follower.count(), 0),
    states: () => ({
      ...(followers.length > 0 && { keys: keysState(followers) }),
      ...(issuers.length > 0 && { issuers: issuersState(issuers.map(({ issuer }) => issuer)) }),
    }),
    ready: Promise.all(followers.map(({ ready }) => ready)).then(() => undefined),
    async close() {
      for (const { issuer } of issuers) issuer.close();
      await Promise.all(followers.map((follower) => follower.close()));
    },
  };

  function configure(rules: AccessRules): void {
    required ||= rules.required;
    perMinute = rules.failuresPerMinute ?? FAILURES_PER_MINUTE;
    fixed.clear();
    for (const key of rules.fixedKeys ?? []) fixed.put(key);
    const before = issuers;
    issuers = (rules.issuers ?? []).map((wanted) => {
      const text = JSON.stringify(wanted);
      const same = before.find((known) => known.text === text);
      return same ?? { text, issuer: createIssuer(wanted, { fetch, now, setTimer, onKeysChanged: verifyAnew }) };
    });
    const gone = before.filter((known) => !issuers.includes(known));
    for (const { issuer } of gone) issuer.close();
    if (gone.length > 0) verifyAnew();
    refusals.clear();
  }

  function verifyAnew(): void {
    epoch += 1;
  }

  /** Keys never turn authentication off again: not when all are revoked, nor when their store is gone. */
  function keysCame(): void {
    if (required || !followers.some((follower) => follower.closes())) return;
    required = true;
    options.onRequired?.();
  }

  function findKey(digest: string, at: number): Principal | undefined {
    const held = fixed.find(digest);
    if (held) return usableKey(held, at, followers[0]);
    for (const follower of followers) {
      const found = follower.find(digest);
      if (found) return usableKey(found, at, follower);
    }
    return undefined;
  }

  function usableKey(
    { principal, expires, revoked }: HeldKey,
    at: number,
    follower: KeyFollower | undefined,
  ): Principal {
    // Whoever sends this key has it: telling what became of it gives nothing away.
    const { keyId } = principal;
    if (revoked !== undefined) {
      throw refuse({
        reason: 'revoked-key',
        detail: `The API key "${keyId}" was revoked. Ask an admin for a new one.`,
      });
    }
    if (expires <= at) {
      const since = new Date(expires).toISOString();
      const detail = `The API key "${keyId}" expired at ${since}. Ask an admin for a new one.`;
      throw refuse({ reason: 'expired-key', detail });
    }
    follower?.used(keyId, at);
    return principal;
  }

  /** `wasGood`: a token that was verified before is no guess, whatever else comes from its address. */
  function unknownCredential(
    credential: string,
    digest: string,
    address: string,
    wasGood: boolean,
  ): Promise<Principal> {
    const waitMs = wasGood ? 0 : failures.waitMs(address);
    if (waitMs > 0) {
      const detail = `Too many unknown keys or tokens came from ${address}: no other is looked at for ${Math.ceil(waitMs / 1000)} s. Keys and tokens that are known go on working.`;
      throw refuse({ reason: 'slowed', detail, retryAfterMs: waitMs });
    }
    const token = tokenIn(credential, issuers);
    if (token.kind === 'none') throw refuseUnknown(unknownKey(credential), digest, address, REFUSED_KEPT_MS);
    if (token.kind === 'unfit') throw refuseUnknown(token.refusal, digest, address, REFUSED_TOKEN_KEPT_MS);
    return verified(credential, digest, address, token);
  }

  async function verified(
    credential: string,
    digest: string,
    address: string,
    { issuer, algorithm }: { issuer: Issuer; algorithm: string },
  ): Promise<Principal> {
    const underWay = pending.get(digest);
    if (!underWay && pending.size >= MAX_PENDING) throw refuse(TOO_MANY);
    const began = epoch;
    const verification =
      underWay ?? judge(issuer, { credential, algorithm, address }).finally(() => pending.delete(digest));
    pending.set(digest, verification);
    const outcome = await verification;
    if (outcome.kind === 'verified') {
      const { principal, expires } = outcome;
      // Keys that came meanwhile may have been those it was verified with, or not: it is looked at again.
      tokens.put(digest, { principal, until: now() + TOKEN_KEPT_MS, epoch: began }, expires);
      return principal;
    }
    const { refusal } = outcome;
    // Once for all that waited for the same answer.
    if (underWay) throw refuse(refusal);
    throw refuseUnknown(refusal, digest, address, REFUSED_TOKEN_KEPT_MS);
  }

  async function judge(
    issuer: Issuer,
    { credential, algorithm, address }: { credential: string; algorithm: string; address: string },
  ): Promise<TokenOutcome> {
    const outcome = await issuer.look(credential, algorithm);
    if (outcome.kind !== 'unknown-key') return outcome;
    const leave = waiting.enter(address);
    if (!leave) return { kind: 'refused', refusal: TOO_MANY };
    return issuer.lookAnew(credential, algorithm).finally(leave);
  }

  function unknownKey(credential: string): Refusal {
    const form = formOf(credential);
    if (form === 'damaged') {
      const detail = 'This begins like an API key of Ghostline, and is not whole: copy it again, all of it.';
      return { reason: 'damaged-key', detail };
    }
    const away = followers.find((follower) => follower.state().kind !== 'following');
    if (form === 'api-key' && away) {
      const detail = `This API key is not known here, and new keys cannot be read now: ${away.name} is away. Try again.`;
      return { reason: 'unavailable', detail, retryAfterMs: 2000 };
    }
    const noKeys = fixed.size + issuers.length === 0 && followers.every((follower) => follower.count() === 0);
    const detail = noKeys
      ? 'This server asks for an API key, and has none yet. An admin makes one with: ghostline keys create'
      : 'This API key is not known here. Ask an admin of this server for one.';
    return { reason: 'unknown-key', detail };
  }

  /** Counts against the address, and answers the same credential the same for a while. */
  function refuseUnknown(refusal: Refusal, digest: string, address: string, keptMs: number): ProblemError {
    if (refusal.reason === 'unavailable' || refusal.reason === 'slowed') return refuse(refusal);
    const at = now();
    refusals.put(digest, refusal, at + keptMs);
    const counts = GUESSES.has(refusal.reason) && !counted.get(digest, at);
    if (counts) counted.put(digest, true, at + COUNTED_MS);
    const waitMs = counts ? failures.failed(address) : 0;
    if (waitMs > 0) options.onSlowed?.(address, waitMs);
    return refuse(refusal);
  }

  function refuse(refusal: Refusal): ProblemError {
    onRefused(refusal.reason);
    return refusalProblem(refusal);
  }
}

const TOO_MANY: Refusal = {
  reason: 'slowed',
  detail: 'Too many tokens are being verified at this moment. Try again in a second.',
  retryAfterMs: 1000,
};

function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
}

function withoutCredential(authorization: string | undefined): Refusal {
  const detail = 'Send your API key as "Authorization: Bearer KEY".';
  return authorization === undefined
    ? { reason: 'missing', detail: `This server asks for an API key. ${detail}` }
    : { reason: 'malformed', detail: `The Authorization header has another form. ${detail}` };
}

type TokenLook =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly issuer: Issuer; readonly algorithm: string }
  | { readonly kind: 'unfit'; readonly refusal: Refusal };

/** Whether the credential is a token, and which issuer it says it is from; nothing in it is believed yet. */
function tokenIn(credential: string, issuers: readonly ConfiguredIssuer[]): TokenLook {
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
  const issuer = issuers.find((known) => known.issuer.name === from)?.issuer;
  if (!issuer) {
    const who = typeof from === 'string' ? `"${from.slice(0, 200)}"` : 'nobody it names';
    const detail = `The token is from ${who}; this server takes those of issuers in auth.oidc only.`;
    return { kind: 'unfit', refusal: { reason: 'token-issuer', detail } };
  }
  return { kind: 'token', issuer, algorithm: typeof algorithm === 'string' ? algorithm : 'none' };
}
