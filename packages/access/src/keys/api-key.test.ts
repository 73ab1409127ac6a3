import { describe, expect, it } from 'vitest';
import { KEY_ID, digestOf, formOf, newApiKey, newKeyId } from './api-key.ts';

describe('the secret of a key', () => {
  it('names its key, and has 256 random bits and a checksum', () => {
    const secret = newApiKey('alice-laptop', () => Buffer.alloc(32, 0xff));
    expect(secret).toMatch(/^gl_alice-laptop_[0-9A-Za-z]{49}$/);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const random = secret.slice('gl_alice-laptop_'.length, -6).split('');
    expect(random.reduce((number, digit) => number * 62n + BigInt(digits.indexOf(digit)), 0n)).toBe(2n ** 256n - 1n);
    expect(newApiKey('alice', () => new Uint8Array(32))).toMatch(/^gl_alice_0{43}/);
  });

  it('is never the same twice', () => {
    const made = new Set(Array.from({ length: 1000 }, () => newApiKey('a')));
    expect(made.size).toBe(1000);
  });

  it('fits ids with the separators of secrets in them', () => {
    for (const id of ['a', 'a_b', 'gl_x', 'a.b-c_d', 'x'.repeat(64)]) expect(formOf(newApiKey(id))).toBe('api-key');
  });

  it('is seen to be damaged when a character is missing, added or another one', () => {
    const secret = newApiKey('alice');
    expect(formOf(secret.slice(0, -1))).toBe('damaged');
    expect(formOf(`${secret}x`)).toBe('damaged');
    for (let at = 3; at < secret.length; at++) {
      const other = secret[at] === 'x' ? 'y' : 'x';
      expect(formOf(secret.slice(0, at) + other + secret.slice(at + 1))).toBe('damaged');
    }
  });

  it('is told from what is no key at all', () => {
    expect(formOf('sk-something')).toBe('other');
    expect(formOf('eyJhbGciOiJFUzI1NiJ9.e30.c2ln')).toBe('other');
  });

  it('is found by its SHA-256', () => {
    expect(digestOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('the id of a key that was given none', () => {
  it('says whose it is, in letters that ids may have', () => {
    expect(newKeyId('alice')).toMatch(/^alice-[a-z0-9]{4}$/);
    expect(newKeyId('Zoë Müller@acme.com')).toMatch(/^Zo-M-ller-acme.com-[a-z0-9]{4}$/);
    for (const user of ['', '..', '日本', 'x'.repeat(300), '_a']) expect(newKeyId(user)).toMatch(KEY_ID);
  });
});
