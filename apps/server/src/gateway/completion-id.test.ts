import { CompletionId } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createCompletionIds } from './completion-id.ts';

const ids = createCompletionIds(Buffer.alloc(32, 1));

describe('a completion id', () => {
  it('is genuine for the organisation it was given to, and no other', () => {
    const id = ids.create('acme');
    expect(CompletionId.safeParse(id).success).toBe(true);
    expect(ids.isGenuine(id, 'acme')).toBe(true);
    expect(ids.isGenuine(id, 'rival')).toBe(false);
  });

  it('cannot be made up, changed, or signed with another key', () => {
    const id = ids.create('acme');
    const flipped = id.slice(0, -2) + (id.at(-2) === 'A' ? 'B' : 'A') + id.slice(-1);
    expect(ids.isGenuine(flipped, 'acme')).toBe(false);
    expect(ids.isGenuine('cmp_AAAAAAAAAAAA', 'acme')).toBe(false);
    expect(createCompletionIds(Buffer.alloc(32, 2)).isGenuine(id, 'acme')).toBe(false);
  });

  it('of a local model is not ours to sign', () => {
    expect(ids.isGenuine('loc_0123456789', 'acme')).toBe(true);
  });
});
