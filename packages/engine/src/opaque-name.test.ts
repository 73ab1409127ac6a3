import { describe, expect, it } from 'vitest';
import { createOpaqueNames } from './opaque-name.ts';

const secret = new Uint8Array(32).fill(1);

describe('opaque names', () => {
  it('tell things apart without saying what they are', () => {
    const nameOf = createOpaqueNames(secret, 'tenant');
    expect(nameOf('acme')).toBe(nameOf('acme'));
    expect(nameOf('acme')).toBe(createOpaqueNames(secret, 'tenant')('acme'));
    expect(nameOf('acme')).not.toBe(nameOf('other'));
    expect(nameOf('acme')).toMatch(/^[\w-]{22}$/);
    expect(nameOf('acme')).not.toContain('acme');
  });

  it('differ by kind and secret', () => {
    const names = [
      createOpaqueNames(secret, 'tenant')('acme'),
      createOpaqueNames(secret, 'author')('acme'),
      createOpaqueNames(new Uint8Array(32).fill(2), 'tenant')('acme'),
    ];
    expect(new Set(names).size).toBe(3);
  });
});
