import { describe, expect, it } from 'vitest';
import { declared, drawn, drawnInAll, openInsurance, refilled } from './pools/insurance.ts';
import { batchFor, keptFor, nextDemand } from './pools/lease.ts';
import { NO_HISTORY, learn, unusualAbove } from './spending/unusual-use.ts';
import { HERE, afterAnswer, afterFailure } from './stores/store-breaker.ts';

describe('a batch', () => {
  it('is one where there is little demand or little to have', () => {
    expect(batchFor({ perMs: 0.001, leaseMs: 200, capacity: 1_000, gateways: 4 })).toBe(1);
    expect(batchFor({ perMs: 10, leaseMs: 200, capacity: 10, gateways: 4 })).toBe(1);
  });

  it('lasts as long as it should, and is a quarter of the share at most', () => {
    expect(batchFor({ perMs: 0.1, leaseMs: 200, capacity: 1_000, gateways: 4 })).toBe(20);
    expect(batchFor({ perMs: 10, leaseMs: 200, capacity: 1_000, gateways: 4 })).toBe(62);
  });

  it('follows demand by halves', () => {
    expect(nextDemand(0.4, 0, 250)).toBe(0.2);
    expect(nextDemand(0, 100, 250)).toBe(0.2);
    expect(nextDemand(0.3, 5, 0)).toBe(0.3);
  });
});

describe('what is kept for those who go first', () => {
  it('is a fifth from speculative requests and a twentieth from automatic ones, in whole permits', () => {
    expect([keptFor('speculative', 100), keptFor('automatic', 100), keptFor('manual', 100)]).toEqual([20, 5, 0]);
    expect([keptFor('speculative', 4), keptFor('automatic', 19)]).toEqual([0, 0]);
  });
});

describe('the insurance', () => {
  const insured = { capacity: 100, refillPerMs: 0.1, available: 40, gateways: 4, undeclared: 0 };

  it('begins with the share of what was left, and refills with that of the rate', () => {
    const opened = openInsurance(insured, 0);
    expect(opened.level).toBe(10);
    expect(refilled(opened, 400).level).toBe(20);
    expect(refilled(opened, 100_000).level).toBe(25);
    const overdrawn = openInsurance({ ...insured, available: -40 }, 0);
    expect(refilled(overdrawn, 400).level).toBe(0);
  });

  it('has paid already what was drawn since the store last counted', () => {
    expect(openInsurance({ ...insured, undeclared: 8 }, 0).level).toBe(2);
    expect(openInsurance({ ...insured, available: 1_000, undeclared: 30 }, 0).level).toBe(-5);
  });

  it('goes on with what is left after the store was told of what was taken', () => {
    const told = declared(drawn(openInsurance({ ...insured, available: 100 }, 0), 20), 3);
    expect([told.level, drawnInAll(told)]).toEqual([5, 3]);
    expect(drawnInAll(drawn(told, 2))).toBe(5);
  });

  it('allows one at least, however many gateways share', () => {
    expect(openInsurance({ ...insured, capacity: 3 }, 0).capacity).toBe(1);
  });

  it('owes what was taken and would not have come back anyway', () => {
    const opened = openInsurance({ ...insured, available: 100 }, 0);
    const taken = drawn(opened, 20);
    expect(drawnInAll(taken)).toBe(20);
    expect(drawnInAll(refilled(taken, 400))).toBe(10);
    expect(drawnInAll(refilled(taken, 10_000))).toBe(0);
  });
});

describe('the breaker of the store', () => {
  const fail = (times: number, began: (index: number) => number) => {
    let breaker = HERE;
    for (let i = 0; i < times; i++) breaker = afterFailure(breaker, began(i), 10 * i + 5);
    return breaker;
  };

  it('opens after five failures, one after the other', () => {
    expect(fail(4, (i) => 10 * i).kind).toBe('here');
    expect(fail(5, (i) => 10 * i).kind).toBe('away');
  });

  it('counts what began before the last failure as one with it', () => {
    expect(fail(50, () => 0).kind).toBe('here');
  });

  it('begins anew with an answer, and once open with a heartbeat only', () => {
    expect(
      afterAnswer(
        fail(4, (i) => 10 * i),
        false,
      ),
    ).toEqual(HERE);
    expect(afterAnswer({ kind: 'away' }, false).kind).toBe('away');
    expect(afterAnswer({ kind: 'away' }, true)).toEqual(HERE);
  });
});

describe('a history', () => {
  it('has the mean and the spread of what it was taught', () => {
    let history = NO_HISTORY;
    for (let i = 0; i < 4_000; i++) history = learn(history, i % 2 === 0 ? 90 : 110);
    expect(history.mean).toBeCloseTo(100, 0);
    expect(Math.sqrt(history.variance)).toBeCloseTo(10, 0);
  });

  it('says nothing before it is long enough, and never that little is much', () => {
    let history = NO_HISTORY;
    for (let i = 0; i < 23; i++) history = learn(history, 1_000);
    expect(unusualAbove(history, {})).toBe(Number.POSITIVE_INFINITY);
    expect(unusualAbove(learn(history, 1_000), {})).toBe(200_000);
    expect(unusualAbove(learn(history, 1_000), { floorTokens: 0 })).toBeCloseTo(1_000);
  });
});
