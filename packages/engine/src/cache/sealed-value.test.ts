import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createSealer } from './sealed-value.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOON = 20_000 * DAY + DAY / 2;
const secret = new Uint8Array(32).fill(1);
const other = new Uint8Array(32).fill(2);
const place = { name: 'k1', org: 'acme' };

function sealer({ at = NOON, key = secret, previous = [] as Uint8Array[] } = {}) {
  return createSealer(key, previous, () => at);
}

describe('a sealed value', () => {
  it.each(['', 'x', 'const größe = "\u{1f600}";\n'.repeat(500)])('opens to what it was', (text) => {
    expect(sealer().open(sealer().seal(text, place), place)).toBe(text);
  });

  it('shows nothing of its text, and is another one each time', () => {
    const { seal } = sealer();
    const text = 'a text that is long enough to be found';
    const [one, two] = [seal(text, place), seal(text, place)];
    expect(Buffer.from(one).includes(text.slice(0, 4))).toBe(false);
    expect(Buffer.from(one).equals(two)).toBe(false);
  });

  it('opens at its own place only', () => {
    const { seal, open } = sealer();
    const value = seal('text', place);
    expect(open(value, { ...place, name: 'k2' })).toBeUndefined();
    expect(open(value, { ...place, org: 'other' })).toBeUndefined();
    expect(open(seal('text', { name: 'k', org: 'a\nb' }), { name: 'k\na', org: 'b' })).toBeUndefined();
  });

  it('opens today and tomorrow, and to clocks that are not there yet by minutes', () => {
    const value = sealer().seal('text', place);
    expect(sealer({ at: NOON + DAY }).open(value, place)).toBe('text');
    expect(sealer({ at: NOON + 1.5 * DAY }).open(value, place)).toBeUndefined();
    const midnight = 20_000 * DAY;
    const early = sealer({ at: midnight + 1000 }).seal('text', place);
    expect(sealer({ at: midnight - 60_000 }).open(early, place)).toBe('text');
    expect(sealer({ at: midnight - 600_000 }).open(early, place)).toBeUndefined();
  });

  it('is sealed with another key each day', () => {
    let at = NOON;
    const { seal, open } = createSealer(secret, [], () => at);
    const today = Buffer.from(seal('text', place));
    at += DAY;
    const tomorrow = Buffer.from(seal('text', place));
    expect(open(today, place)).toBe('text');
    // The day is part of what is authenticated, and of the key.
    today.writeUInt32BE(tomorrow.readUInt32BE(5), 5);
    expect(open(today, place)).toBeUndefined();
  });

  it('opens after a change of the secret where the one before is known', () => {
    const value = sealer().seal('text', place);
    expect(sealer({ key: other }).open(value, place)).toBeUndefined();
    expect(sealer({ key: other, previous: [secret] }).open(value, place)).toBe('text');
    expect(sealer().open(sealer({ key: other, previous: [secret] }).seal('text', place), place)).toBeUndefined();
  });

  it('does not open when any of its bits is another', () => {
    const { seal, open } = sealer();
    const value = Buffer.from(seal('text', place));
    for (let bit = 0; bit < value.length * 8; bit++) {
      value[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(value, place), `bit ${bit}`).toBeUndefined();
      value[bit >> 3]! ^= 1 << (bit & 7);
    }
    for (let length = 0; length < value.length; length++)
      expect(open(value.subarray(0, length), place)).toBeUndefined();
  });

  it('is nothing that anybody else has written', () => {
    const random = seeded(5);
    const { open } = sealer();
    for (let length = 0; length < 100; length++) {
      const value = Uint8Array.from({ length }, () => random() * 256);
      value[0] = 1;
      expect(open(value, place)).toBeUndefined();
    }
  });
});
