import type { Role } from '../principal.ts';
import { digestOf, newApiKey } from './api-key.ts';
import { type KeyRecord, keysOf } from './journal.ts';
import type { KeyStore } from './key-store.ts';

export interface NewKey {
  readonly id: string;
  readonly org: string;
  readonly team: string;
  readonly user: string;
  readonly roles: readonly [Role, ...Role[]];
  /** Milliseconds since 1970; undefined: never. */
  readonly expires: number | undefined;
}

/** `secret` is nowhere else: who does not keep it makes another key. */
export type CreateOutcome =
  | { readonly kind: 'created'; readonly secret: string; readonly first: boolean }
  | { readonly kind: 'id-taken'; readonly by: KeyRecord };

/** Makes a key. `first`: the store had none before, revoked and expired ones included. */
export async function createKey(
  store: KeyStore,
  key: NewKey,
  signal: AbortSignal,
  now: () => number = Date.now,
): Promise<CreateOutcome> {
  const before = await allKeys(store, signal);
  const taken = before.get(key.id);
  if (taken) return { kind: 'id-taken', by: taken };
  const secret = newApiKey(key.id);
  const { id, org, team, user, roles, expires } = key;
  const sha256 = digestOf(secret);
  await store.append(
    {
      v: 1,
      type: 'created',
      at: new Date(now()).toISOString(),
      id,
      sha256,
      org,
      team,
      user,
      roles: [...roles],
      ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
    },
    signal,
  );
  // Another process may have made the same id meanwhile: the journal says whose it is.
  const winner = (await allKeys(store, signal)).get(id);
  if (!winner) throw new Error(`the key was written to ${store.name}, and is not there`);
  return winner.sha256 === sha256
    ? { kind: 'created', secret, first: before.size === 0 }
    : { kind: 'id-taken', by: winner };
}

export type RevokeOutcome =
  | { readonly kind: 'revoked' }
  | { readonly kind: 'already-revoked'; readonly at: number }
  | { readonly kind: 'unknown'; readonly known: readonly string[] };

/** Ends a key, for good. `unknown` says which ids there are. */
export async function revokeKey(
  store: KeyStore,
  id: string,
  signal: AbortSignal,
  now: () => number = Date.now,
): Promise<RevokeOutcome> {
  const keys = await allKeys(store, signal);
  const key = keys.get(id);
  if (!key) return { kind: 'unknown', known: [...keys.keys()] };
  if (key.revoked !== undefined) return { kind: 'already-revoked', at: key.revoked };
  await store.append({ v: 1, type: 'revoked', at: new Date(now()).toISOString(), id }, signal);
  return { kind: 'revoked' };
}

export interface ListedKey extends KeyRecord {
  readonly lastUsed: number | undefined;
}

/** Every key there ever was, the oldest first. */
export async function listKeys(store: KeyStore, signal: AbortSignal): Promise<readonly ListedKey[]> {
  const keys = await allKeys(store, signal);
  const uses = await store.lastUsed(signal);
  return [...keys.values()].map((key) => Object.assign({}, key, { lastUsed: uses.get(key.id) }));
}

async function allKeys(store: KeyStore, signal: AbortSignal): Promise<Map<string, KeyRecord>> {
  return keysOf((await store.read(undefined, signal)).entries).byId;
}
