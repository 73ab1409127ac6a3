import { describe, expect, it } from 'vitest';
import { createRecency } from './recency.ts';

describe('recency', () => {
  it('lists what was touched last first, each once', () => {
    const recency = createRecency(10);
    for (const key of ['a', 'b', 'c', 'a']) recency.touch(key);
    expect(recency.keys()).toEqual(['a', 'c', 'b']);
  });

  it('forgets the oldest beyond its limit, and what it is told to', () => {
    const recency = createRecency(2);
    for (const key of ['a', 'b', 'c']) recency.touch(key);
    expect(recency.keys()).toEqual(['c', 'b']);
    recency.forget('c');
    expect(recency.keys()).toEqual(['b']);
  });
});
