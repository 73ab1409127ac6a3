import { describe, expect, it } from 'vitest';
import { bounds, bucketsOf, periodBefore, periodOf, rangeFromSearch } from './range.ts';

const NOW = Date.parse('2026-11-21T14:25:10Z');

describe('a range', () => {
  it('is whole hours for a day, the running one included', () => {
    expect(bounds(periodOf('24h', NOW))).toEqual({ from: '2026-11-20T15:00:00.000Z', to: '2026-11-21T15:00:00.000Z' });
  });
  it('is whole UTC days for longer, today included', () => {
    expect(bounds(periodOf('7d', NOW))).toEqual({ from: '2026-11-15T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z' });
  });
  it('stays the same until its last bucket ends', () => {
    expect(periodOf('24h', NOW + 34 * 60_000)).toEqual(periodOf('24h', NOW));
    expect(periodOf('24h', NOW + 35 * 60_000)).not.toEqual(periodOf('24h', NOW));
  });
  it('has one bucket per bar', () => {
    const buckets = bucketsOf(periodOf('28d', NOW));
    expect(buckets).toHaveLength(28);
    expect(new Date(buckets.at(-1)!).toISOString()).toBe('2026-11-21T00:00:00.000Z');
  });
  it('is compared with the time before it, up to the same hour', () => {
    expect(bounds(periodBefore(periodOf('7d', NOW), NOW))).toEqual({
      from: '2026-11-08T00:00:00.000Z',
      to: '2026-11-14T14:25:10.000Z',
    });
  });
  it('comes from the page’s address, or is 24 hours', () => {
    expect(rangeFromSearch('?range=28d')).toBe('28d');
    expect(rangeFromSearch('?range=1y')).toBe('24h');
    expect(rangeFromSearch('')).toBe('24h');
  });
});
