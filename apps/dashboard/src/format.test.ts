import { describe, expect, it } from 'vitest';
import { formatAge, formatHeadline, formatInterval, formatMoment, formatMs, formatShare } from './format.ts';

describe('figures', () => {
  it('say "–" for a rate that does not exist, and 0% for one that is zero', () => {
    expect(formatShare(null)).toBe('–');
    expect(formatShare(0)).toBe('0%');
    expect(formatShare(1)).toBe('100%');
    expect(formatShare(0.3142)).toBe('31.4%');
  });
  it('say latencies in the unit that reads best', () => {
    expect([null, 0, 0.42, 41.6, 999.4, 1240, 3000, 12_340].map(formatMs)).toEqual([
      '–',
      '0 ms',
      '0.4 ms',
      '42 ms',
      '999 ms',
      '1.24 s',
      '3 s',
      '12.3 s',
    ]);
  });
  it('group thousands, and shorten millions', () => {
    expect(formatHeadline(12_345)).toBe('12,345');
    expect(formatHeadline(1_234_567)).toBe('1.2M');
  });
  it('say ages in whole units', () => {
    expect([900, 59_999, 61_000, 7_200_000, 200_000_000].map(formatAge)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 h',
      '2 d',
    ]);
  });
  it('say intervals in whole percent', () => {
    expect(formatInterval({ low: 0.137, high: 0.694 })).toBe('14–69%');
  });
  it('name days by UTC, as they are counted', () => {
    expect(formatMoment(Date.parse('2026-11-21T00:00:00Z'), 'day')).toMatch(/Sat,? 21 Nov/);
  });
});
