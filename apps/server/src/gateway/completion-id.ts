import { randomFillSync, timingSafeEqual } from 'node:crypto';
import { createMac } from '@ghostline/engine';
import type { CompletionId } from '@ghostline/protocol';
import { v7 } from 'uuid';

const ID_BYTES = 16;
/** 80 bits: a forger has one online guess per request, and a hit would only let them invent telemetry of their own. */
const TAG_BYTES = 10;

export interface CompletionIds {
  create(org: string): CompletionId;
  /** Whether this deployment gave that id to that organisation. Local ids (`loc_`) are nobody's to sign: always true. */
  isGenuine(id: CompletionId, org: string): boolean;
}

/** Ids of completions: `cmp_` and the base64url of a UUIDv7 followed by a truncated HMAC-SHA-256 over it and the organisation. */
export function createCompletionIds(secret: Uint8Array): CompletionIds {
  const mac = createMac(secret);
  const tag = (id: Uint8Array, org: string) => mac.bytes(Buffer.concat([id, Buffer.from(org)])).subarray(0, TAG_BYTES);
  const random = pooledRandom();
  return {
    create(org) {
      const signed = Buffer.allocUnsafe(ID_BYTES + TAG_BYTES);
      v7({ random: random() }, signed);
      signed.set(tag(signed.subarray(0, ID_BYTES), org), ID_BYTES);
      return `cmp_${signed.toString('base64url')}`;
    },
    isGenuine(id, org) {
      if (id.startsWith('loc_')) return true;
      const signed = Buffer.from(id.slice('cmp_'.length), 'base64url');
      if (signed.length !== ID_BYTES + TAG_BYTES) return false;
      return timingSafeEqual(signed.subarray(ID_BYTES), tag(signed.subarray(0, ID_BYTES), org));
    },
  };
}

/** Random bytes of ids, drawn 256 ids at a time: one system call for each would cost more than the rest of an id. */
function pooledRandom(): () => Uint8Array {
  const pool = Buffer.allocUnsafe(256 * ID_BYTES);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += ID_BYTES;
    return pool.subarray(used - ID_BYTES, used);
  };
}
