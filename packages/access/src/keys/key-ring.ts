import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../principal.ts';
import type { KeyRecord } from './journal.ts';

/** A key as requests meet it: whose it is, and until when. */
export interface HeldKey {
  readonly principal: Principal;
  /** Milliseconds since 1970; infinity: never. */
  readonly expires: number;
  readonly revoked: number | undefined;
}

/** A key of the configuration; in milliseconds, `expires` undefined for never. */
export type FixedKey = Pick<KeyRecord, 'id' | 'sha256' | 'org' | 'team' | 'user' | 'roles' | 'expires'>;

/** Keys by digest. */
export interface KeyRing {
  /**
   * The key of that digest, revoked and expired ones too. Nothing about a secret can be learnt from how long this takes, as
   * nobody can choose a digest; it is compared in constant time all the same.
   */
  find(digest: string): HeldKey | undefined;
  put(key: FixedKey & { readonly revoked?: number | undefined }): void;
  clear(): void;
  readonly size: number;
}

export function createKeyRing(keys: Iterable<FixedKey> = []): KeyRing {
  const byDigest = new Map<string, HeldKey & { readonly digest: Uint8Array }>();
  const ring: KeyRing = {
    find(digest) {
      const held = byDigest.get(digest);
      return held && timingSafeEqual(held.digest, Buffer.from(digest, 'hex')) ? held : undefined;
    },
    put({ id, sha256, org, team, user, roles, expires, revoked }) {
      byDigest.set(sha256, {
        digest: Buffer.from(sha256, 'hex'),
        principal: { keyId: id, org, team, user, roles },
        expires: expires ?? Number.POSITIVE_INFINITY,
        revoked,
      });
    },
    clear: () => byDigest.clear(),
    get size() {
      return byDigest.size;
    },
  };
  for (const key of keys) ring.put(key);
  return ring;
}
