import { describe, expect, it } from 'vitest';
import { forecast, periodAt } from './periods.ts';
import { createPriceList } from './prices.ts';

const at = (text: string) => Date.parse(text);

describe('a period', () => {
  it.each([
    ['minute', '2026-12-31T23:59', '2026-12-31T23:59:00Z', '2027-01-01T00:00:00Z'],
    ['hour', '2026-12-31T23', '2026-12-31T23:00:00Z', '2027-01-01T00:00:00Z'],
    ['day', '2026-12-31', '2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['month', '2026-12', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ] as const)('of the kind %s begins and ends by the UTC calendar', (period, id, startsAt, endsAt) => {
    const expected = { id, startsAt: at(startsAt), endsAt: at(endsAt) };
    expect(periodAt(period, at('2026-12-31T23:59:59.999Z'))).toEqual(expected);
    expect(periodAt(period, at(endsAt)).startsAt).toBe(at(endsAt));
  });

  it('of a month knows leap years', () => {
    expect(periodAt('month', at('2028-02-10T00:00:00Z')).endsAt).toBe(at('2028-03-01T00:00:00Z'));
  });
});

describe('the forecast', () => {
  it('goes on as the last 24 hours went', () => {
    const now = at('2026-11-21T06:00:00Z');
    const span = periodAt('month', now);
    // 4 today and three quarters of yesterday's 8: 10 a day, for nine days and three quarters.
    expect(forecast({ span, spent: 100, today: 4, yesterday: 8 }, now)).toBeCloseTo(197.5);
  });

  it('is what was spent when the period is over', () => {
    const now = at('2026-11-21T06:00:00Z');
    const span = { ...periodAt('month', now), endsAt: now };
    expect(forecast({ span, spent: 100, today: 4, yesterday: 8 }, now)).toBe(100);
  });
});

describe('a price', () => {
  const prices = createPriceList([
    { name: 'big', price: { inputPerMillion: 0.1, outputPerMillion: 0.3 }, freeEndpoints: ['embedded'] },
    { name: 'own', freeEndpoints: [] },
  ]);
  const usage = { model: 'big', endpoint: 'gpu', promptTokens: 1_000, completionTokens: 101 };

  it('is in millionths, rounded up', () => {
    expect(prices.costOf(usage)).toBe(131);
    expect(prices.estimate(1_000, 101)).toBe(131);
  });

  it('is nothing for the embedded model, and for models without one', () => {
    expect(prices.costOf({ ...usage, endpoint: 'embedded' })).toBe(0);
    expect(prices.costOf({ ...usage, model: 'own' })).toBe(0);
    expect(prices.costOf({ ...usage, model: 'none' })).toBe(0);
  });
});
