import { hash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * `gl_<id>_<43 random characters><6 of checksum>`. The fixed beginning and the checksum let secret scanners find leaked keys and
 * report nothing else, as GitHub's tokens do (github.blog, "Behind GitHub's new authentication token formats").
 */
const FORM = /^gl_[A-Za-z0-9][A-Za-z0-9._-]{0,63}_[0-9A-Za-z]{49}$/;

/** What ids of keys look like; they are shown to admins and stand in logs. */
export const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62⁴³ > 2²⁵⁶: all of 32 random bytes. */
const RANDOM_CHARS = 43;
/** 62⁶ > 2³². */
const CHECKSUM_CHARS = 6;

/** A new secret for the key of that id. Whoever has it is the key's user: it is shown once, and only its digest kept. */
export function newApiKey(id: string, random: (bytes: number) => Uint8Array = randomBytes): string {
  const number = BigInt(`0x${Buffer.from(random(32)).toString('hex')}`);
  const body = `gl_${id}_${base62(number, RANDOM_CHARS)}`;
  return body + checksum(body);
}

/** A likely unique id for a key of `user`: what of the name an id may have, and four random characters. */
export function newKeyId(user: string): string {
  const name = user.replaceAll(/[^A-Za-z0-9.-]+/g, '-').replace(/^[.-]+/, '');
  const tail = Array.from({ length: 4 }, () => 'abcdefghijkmnpqrstuvwxyz23456789'[randomInt(32)]).join('');
  return `${name.slice(0, 48) || 'key'}-${tail}`;
}

/** What a credential is by its looks: `damaged` ones begin like a key and cannot be one. */
export function formOf(credential: string): 'api-key' | 'damaged' | 'other' {
  if (!credential.startsWith('gl_')) return 'other';
  if (!FORM.test(credential)) return 'damaged';
  const body = credential.slice(0, -CHECKSUM_CHARS);
  return credential.endsWith(checksum(body)) ? 'api-key' : 'damaged';
}

/** Under which a credential is stored and found: its SHA-256 in hexadecimal. 32 random bytes need no slow hash. */
export function digestOf(credential: string): string {
  return hash('sha256', credential, 'hex');
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_CHARS);
}

function base62(number: bigint, length: number): string {
  let digits = '';
  for (let rest = number; digits.length < length; rest /= 62n) digits = DIGITS[Number(rest % 62n)] + digits;
  return digits;
}
