import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import type { ComponentState, ProblemError } from '@ghostline/protocol';
import { bearerOf, tokenIn, withoutCredential } from './credential.ts';
import { digestOf, formOf } from './keys/api-key.ts';
import { type FollowedStore, type KeyFollower, followKeys } from './keys/follow.ts';
import { type FixedKey, type HeldKey, createKeyRing } from './keys/key-ring.ts';
import type { IssuerAddress } from './oidc/issuer-keys.ts';
import { type Issuer, type IssuerOptions, createIssuer } from './oidc/issuer.ts';
import { LOCAL_PRINCIPAL, type Principal } from './principal.ts';
import { type Refusal, type RefusalReason, refusalProblem } from './refusal.ts';
import { createRemembered } from './remembered.ts';
import { issuersState, keysState } from './states.ts';
import { createRefusedCredentials } from './strangers/refused-credentials.ts';
import type { Stranger } from './strangers/stranger.ts';
import { type ClaimedToken, createTokenVerifier } from './strangers/token-verifier.ts';

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
  /** What an issuer's documents are read with; default: `fetch` itself. */
  readonly fetchFor?: (issuer: IssuerAddress) => typeof globalThis.fetch;
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
  const {
    now = Date.now,
    setTimer = backgroundTimer,
    fetchFor = () => globalThis.fetch,
    onRefused = () => {},
  } = options;
  const fixed = createKeyRing();
  let issuers: readonly ConfiguredIssuer[] = [];
  let required = false;
  const followers: KeyFollower[] = [];
  for (const store of options.stores ?? []) followers.push(followKeys(store, { now, setTimer, onNews: keysCame }));
  const tokens = createRemembered<KnownToken>(TOKENS_KEPT);
  /** Goes up when tokens have to be verified anew. */
  let epoch = 0;
  let perMinute = FAILURES_PER_MINUTE;
  const refused = createRefusedCredentials({ perMinute: () => perMinute, now, onSlowed: options.onSlowed });
  const verifier = createTokenVerifier({ perAddress: () => perMinute });

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
      const refusal = refused.known(digest, at);
      if (refusal) throw refuse(refusal);
      return askStranger({ credential, digest, address: address() }, known !== undefined);
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
      return (
        same ?? {
          text,
          issuer: createIssuer(wanted, { fetch: fetchFor(wanted), now, setTimer, onKeysChanged: verifyAnew }),
        }
      );
    });
    const gone = before.filter((known) => !issuers.includes(known));
    for (const { issuer } of gone) issuer.close();
    if (gone.length > 0) verifyAnew();
    refused.reconsider();
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
  function askStranger(stranger: Stranger, wasGood: boolean): Promise<Principal> {
    const { credential, address } = stranger;
    const waitMs = wasGood ? 0 : refused.waitMs(address);
    if (waitMs > 0) {
      const detail = `Too many unknown keys or tokens came from ${address}: no other is looked at for ${Math.ceil(waitMs / 1000)} s. Keys and tokens that are known go on working.`;
      throw refuse({ reason: 'slowed', detail, retryAfterMs: waitMs });
    }
    const found = tokenIn(
      credential,
      issuers.map(({ issuer }) => issuer),
    );
    if (found.kind === 'token') return verified(found.token, stranger);
    const refusal = found.kind === 'unfit' ? found.refusal : unknownKey(credential);
    refused.note(refusal, stranger);
    throw refuse(refusal);
  }

  async function verified(token: ClaimedToken, stranger: Stranger): Promise<Principal> {
    const began = epoch;
    const { outcome, first } = await verifier.verify(token, stranger);
    if (outcome.kind === 'verified') {
      const { principal, expires } = outcome;
      // Keys that came meanwhile may have been those it was verified with, or not: it is looked at again.
      tokens.put(stranger.digest, { principal, until: now() + TOKEN_KEPT_MS, epoch: began }, expires);
      return principal;
    }
    if (first) refused.note(outcome.refusal, stranger);
    throw refuse(outcome.refusal);
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

  function refuse(refusal: Refusal): ProblemError {
    onRefused(refusal.reason);
    return refusalProblem(refusal);
  }
}
