import { describe, expect, it } from 'vitest';
import { createRemembered } from './remembered.ts';

describe('what is remembered', () => {
  it('is there until its time', () => {
    const remembered = createRemembered<string>(10);
    remembered.put('a', 'alice', 100);
    expect([remembered.get('a', 99), remembered.get('a', 100), remembered.get('a', 99)]).toEqual([
      'alice',
      undefined,
      undefined,
    ]);
  });

  it('is never more than its bound: the oldest goes, one that is put again is young', () => {
    const remembered = createRemembered<number>(3);
    for (const [i, name] of ['a', 'b', 'c', 'a', 'd'].entries()) remembered.put(name, i, 100);
    expect(['a', 'b', 'c', 'd'].map((name) => remembered.get(name, 0))).toEqual([3, undefined, 2, 4]);
  });
});
