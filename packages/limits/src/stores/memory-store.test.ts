import { describe, expect, it } from 'vitest';
import { describePermitStore } from '../testing/contracts.ts';
import { createMemoryPermitStore } from './memory-store.ts';
import type { PoolRule } from './permit-store.ts';

describePermitStore('the memory of a process', () => {
  let now = 1_000_000;
  return { store: createMemoryPermitStore({ now: () => now }), advance: (ms) => void (now += ms) };
});

describe('what a gateway on its own remembers over a restart', () => {
  const until = 5_000_000;
  const budget: PoolRule = {
    slot: 'acme',
    name: 'day',
    capacity: 100,
    refillPerMs: 0,
    holdMs: 1_000,
    rememberUntil: until,
  };
  const rate: PoolRule = { slot: 'acme', name: 'rate', capacity: 100, refillPerMs: 1, holdMs: 1_000 };
  const nothing = { held: 0, spent: 0, known: 0, born: '', want: 0, need: 0, keep: 0 };

  it('is what was spent of budgets, not what was only held', () => {
    const before = createMemoryPermitStore({ now: () => 1_000 });
    before.exchange(budget, { ...nothing, holder: 'a', want: 60 });
    before.exchange(budget, { ...nothing, holder: 'a', held: 20, spent: 40 });
    before.exchange(rate, { ...nothing, holder: 'a', spent: 40 });
    const remembered: unknown = JSON.parse(JSON.stringify(before.remembered()));
    const after = createMemoryPermitStore({ now: () => 2_000, remembered });
    expect(after.exchange(budget, { ...nothing, holder: 'b' }).available).toBe(60);
    expect(after.exchange(rate, { ...nothing, holder: 'b' }).available).toBe(100);
  });

  it('survives a second restart unused, and ends with its period', () => {
    const remembered = [{ key: 'acme\nday', spent: 40, until }];
    const second = createMemoryPermitStore({ now: () => 2_000, remembered }).remembered();
    const third = createMemoryPermitStore({ now: () => 3_000, remembered: second });
    expect(third.exchange(budget, { ...nothing, holder: 'a' }).available).toBe(60);
    expect(createMemoryPermitStore({ now: () => until, remembered }).remembered()).toEqual([]);
  });

  it('leaves out what it cannot read', () => {
    for (const remembered of [undefined, null, 'x', [null, 1, { key: 'acme\nday' }, { key: 1, spent: 2, until }]]) {
      expect(createMemoryPermitStore({ now: () => 1_000, remembered }).remembered()).toEqual([]);
    }
  });
});
