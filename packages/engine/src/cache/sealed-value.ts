import { type KeyObject, createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';

/** Raised when the layout changes: version, secret, day, nonce and tag, then the text. */
const VERSION = 1;
const SECRET_ID = { at: 1, bytes: 4 } as const;
const DAY = { at: 5, bytes: 4 } as const;
const NONCE = { at: 9, bytes: 12 } as const;
const TAG = { at: 21, bytes: 16 } as const;
const TEXT_AT = 37;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Midnight comes at different moments to clocks that NTP keeps: minutes are far more than those differ. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** What a value belongs to; given again to open it, and never stored with it. */
export interface SealedPlace {
  /** The name it is stored under. */
  readonly name: string;
  readonly org: string;
}

/** Values that only holders of the secret can read or make, and only for one place. */
export interface Sealer {
  seal(text: string, place: SealedPlace): Uint8Array;
  /** Undefined for whatever `seal` did not make for this place today or yesterday, with a secret known here. */
  open(value: Uint8Array, place: SealedPlace): string | undefined;
}

interface Secret {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** By day; those that cannot be used any more are forgotten. */
  readonly keys: Map<number, KeyObject>;
}

/**
 * AES-256-GCM. Each day of each secret has a key of its own (HKDF-SHA-256, RFC 5869): nonces are random, and NIST SP
 * 800-38D allows 2³² of those for a key. That is 50,000 answers a second all day. Values are sealed with `secret`;
 * `previous` ones open what was sealed before the secret was changed. `date` is the time of day, in Unix milliseconds.
 */
export function createSealer(secret: Uint8Array, previous: readonly Uint8Array[], date: () => number): Sealer {
  const current = secretOf(secret);
  const known = [current, ...previous.map(secretOf)];

  function keyOf({ bytes, keys }: Secret, day: number): KeyObject {
    const derived = keys.get(day);
    if (derived) return derived;
    for (const old of keys.keys()) if (!isReadable(old, date())) keys.delete(old);
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', `ghostline cache value ${day}`, 32)));
    keys.set(day, key);
    return key;
  }

  return {
    seal(text, place) {
      const day = dayOf(date());
      const header = Buffer.alloc(NONCE.at);
      header[0] = VERSION;
      header.writeUInt32BE(current.id, SECRET_ID.at);
      header.writeUInt32BE(day, DAY.at);
      const nonce = randomBytes(NONCE.bytes);
      const cipher = createCipheriv('aes-256-gcm', keyOf(current, day), nonce).setAAD(bindingOf(header, place));
      const sealed = cipher.update(text, 'utf8');
      cipher.final();
      return Buffer.concat([header, nonce, cipher.getAuthTag(), sealed]);
    },
    open(value, place) {
      const sealed = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      if (sealed.length < TEXT_AT || sealed[0] !== VERSION) return undefined;
      const id = sealed.readUInt32BE(SECRET_ID.at);
      const day = sealed.readUInt32BE(DAY.at);
      const secretOfValue = known.find((each) => each.id === id);
      if (!secretOfValue || !isReadable(day, date())) return undefined;
      const nonce = sealed.subarray(NONCE.at, TAG.at);
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secretOfValue, day), nonce, { authTagLength: TAG.bytes })
        .setAAD(bindingOf(sealed.subarray(0, NONCE.at), place))
        .setAuthTag(sealed.subarray(TAG.at, TEXT_AT));
      try {
        return decipher.update(sealed.subarray(TEXT_AT), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        // Another secret with the same id, another place, or bytes that somebody has changed.
        return undefined;
      }
    },
  };
}

function secretOf(bytes: Uint8Array): Secret {
  // Told to whoever can read the cache, so that readers know which one to try: says nothing about the secret.
  const id = Buffer.from(hkdfSync('sha256', bytes, '', 'ghostline cache secret id', SECRET_ID.bytes)).readUInt32BE();
  return { id, bytes, keys: new Map() };
}

/** No two places are bound alike. */
function bindingOf(header: Uint8Array, { name, org }: SealedPlace): Buffer {
  return Buffer.concat([header, Buffer.from(`${name.length}\n${name}${org}`)]);
}

function dayOf(date: number): number {
  return Math.floor(date / DAY_MS);
}

function isReadable(day: number, date: number): boolean {
  return day <= dayOf(date + CLOCK_SKEW_MS) && day >= dayOf(date) - 1;
}
