import { createHmac } from 'node:crypto';
import { seeded } from '@ghostline/seeded';
import { expect, it } from 'vitest';
import { createMac } from './mac.ts';

it('is HMAC-SHA-256, for secrets and messages of all lengths', () => {
  const random = seeded(3);
  for (let round = 0; round < 500; round++) {
    const secret = Uint8Array.from({ length: 1 + Math.floor(random() * 130) }, () => random() * 256);
    const mac = createMac(secret);
    for (const length of [0, 3, 2_000, 1]) {
      const message = Array.from(
        { length: Math.floor(random() * length) },
        () => 'aß漢😀'[Math.floor(random() * 5)],
      ).join('');
      const expected = createHmac('sha256', secret).update(message, 'utf8').digest();
      expect(mac.text(message)).toBe(expected.toString('base64url'));
      expect(mac.bytes(message)).toEqual(expected);
      expect(mac.bytes(Buffer.from(message))).toEqual(expected);
    }
  }
});
