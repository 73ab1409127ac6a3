import type { SetTimer } from '@ghostline/clock';
import { type LocalJWKSet, createLocalJWKSet } from 'jose';
import * as z from 'zod';
import { fetchJson } from './fetch-json.ts';

/** How old keys may become: one that the issuer withdrew is not taken for longer. */
const REFRESH_EVERY_MS = 300_000;
/**
 * From one attempt to the next that somebody asks for: unknown key ids must not become a flood on the issuer, whoever sends them.
 * Whoever brings a new key waits for so long at most, less than an editor does for a completion.
 */
export const COOLDOWN_MS = 3000;
/** The same after a failure: whoever comes then is told so instead of waiting. */
const COOLDOWN_AFTER_FAILURE_MS = 10_000;
/** After a failure, without anybody asking. */
const RETRY_EVERY_MS = 30_000;
const FETCH_TIMEOUT_MS = 3000;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

export type KeysState =
  | { readonly kind: 'unread' }
  | { readonly kind: 'read'; readonly at: number }
  /** `keys`: there are some of an earlier time, which go on being used. */
  | { readonly kind: 'away'; readonly reason: string; readonly keys: boolean };

/** What came of asking the issuer anew, or of having asked it a moment ago where that failed. */
export type Refetch =
  | { readonly kind: 'fetched' }
  | { readonly kind: 'failed'; readonly waitMs: number; readonly reason: string };

export interface IssuerKeys {
  /** The issuer's public keys as last read; undefined while there are none. */
  current(): LocalJWKSet | undefined;
  /**
   * Asks the issuer, once for all who want it at the time, and again three seconds after it answered at the earliest. Resolves
   * within seconds, at once while the issuer is away, and never rejects.
   */
  refetch(): Promise<Refetch>;
  state(): KeysState;
  /** Resolves after the first attempt. */
  readonly ready: Promise<Refetch>;
  close(): void;
}

export interface IssuerSurroundings {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** The issuer publishes other keys than before: tokens that were verified may not be any more. */
  readonly onKeysChanged?: () => void;
  /** For all that is asked of an issuer at a time, as a request may be waiting for it; default 3 s. */
  readonly fetchTimeoutMs?: number;
}

export interface IssuerAddress {
  readonly issuer: string;
  /** Where the keys are; undefined: where the issuer's discovery document says. */
  readonly jwksUrl: string | undefined;
  /** False: its documents are on the internet, and nothing on this machine or in a private network is asked. */
  readonly allowPrivate?: boolean | undefined;
}

/** The keys of an issuer, read at once and then every five minutes; when it is away, those that are known go on. */
export function followIssuerKeys(
  { issuer, jwksUrl }: IssuerAddress,
  { fetch, now, setTimer, onKeysChanged = () => {}, fetchTimeoutMs = FETCH_TIMEOUT_MS }: IssuerSurroundings,
): IssuerKeys {
  const closing = new AbortController();
  let keys: LocalJWKSet | undefined;
  let published = '';
  let state: KeysState = { kind: 'unread' };
  let coolUntil = Number.NEGATIVE_INFINITY;
  let running: Promise<Refetch> | undefined;
  let cancelNext: (() => void) | undefined;
  const closed = new Promise<void>((resolve) => closing.signal.addEventListener('abort', () => resolve()));

  return {
    current: () => keys,
    state: () => state,
    refetch,
    ready: refetch(),
    close() {
      closing.abort();
      cancelNext?.();
    },
  };

  function refetch(): Promise<Refetch> {
    // One that is under way, or about to be, may bring what is asked for.
    if (running) return running;
    const waitMs = coolUntil - now();
    if (waitMs > 0 && state.kind === 'away') return Promise.resolve({ kind: 'failed', waitMs, reason: state.reason });
    running = attemptAfter(waitMs).finally(() => (running = undefined));
    return running;
  }

  async function attemptAfter(waitMs: number): Promise<Refetch> {
    if (waitMs > 0) await cooled(waitMs);
    cancelNext?.();
    const outcome = await attempt();
    coolUntil = now() + (outcome.kind === 'fetched' ? COOLDOWN_MS : COOLDOWN_AFTER_FAILURE_MS);
    if (!closing.signal.aborted) {
      cancelNext = setTimer(() => void refetch(), outcome.kind === 'fetched' ? REFRESH_EVERY_MS : RETRY_EVERY_MS);
    }
    return outcome;
  }

  async function cooled(waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = setTimer(resolve, waitMs);
    await Promise.race([closed, promise]);
    cancel();
  }

  async function attempt(): Promise<Refetch> {
    try {
      const set = await read(AbortSignal.timeout(fetchTimeoutMs));
      // The same keys stay imported.
      const text = JSON.stringify(set);
      if (text !== published) {
        const first = keys === undefined;
        keys = createLocalJWKSet(set);
        published = text;
        if (!first) onKeysChanged();
      }
      state = { kind: 'read', at: now() };
      return { kind: 'fetched' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      state = { kind: 'away', reason, keys: keys !== undefined };
      return { kind: 'failed', waitMs: COOLDOWN_AFTER_FAILURE_MS, reason };
    }
  }

  async function read(deadline: AbortSignal): Promise<z.infer<typeof KeySet>> {
    const load = (url: string) => fetchJson(url, { fetch, deadline, signal: closing.signal });
    const url = jwksUrl ?? (await discover(load));
    const set = KeySet.safeParse(await load(url));
    if (!set.success) throw new Error(`${url} has no JSON Web Key Set with a key in it`);
    return set.data;
  }

  async function discover(load: (url: string) => Promise<unknown>): Promise<string> {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = Discovery.safeParse(await load(url));
    if (!document.success) throw new Error(`${url} is no OpenID discovery document: it lacks issuer or jwks_uri`);
    const { issuer: itself, jwks_uri: found } = document.data;
    // OpenID Connect Discovery 1.0, section 4.3: else one issuer could speak for another.
    if (itself !== issuer) {
      throw new Error(`${url} calls its issuer "${itself}", and "${issuer}" is configured: they must be the same`);
    }
    if (!URL.canParse(found) || (issuer.startsWith('https:') && !found.startsWith('https:'))) {
      throw new Error(`${url} has keys at "${found}", which is no https:// address`);
    }
    return found;
  }
}
