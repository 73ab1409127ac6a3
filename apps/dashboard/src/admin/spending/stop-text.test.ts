import { describe, expect, it } from 'vitest';
import { since, usageOf, whose } from './stop-text.ts';

const timeOf = (at: Date) => at.toISOString().slice(11, 16);

describe('a stop', () => {
  it('says whose spending it ends', () => {
    expect(whose({ scope: 'everything' })).toBe('everybody');
    expect(whose({ scope: 'organisation', organisation: 'acme' })).toBe('the organisation acme');
    expect(whose({ scope: 'user', organisation: 'acme', user: 'alice' })).toBe('alice of acme');
  });

  it('says who stopped it, when, and until when', () => {
    const stop = { scope: 'everything', reason: '', since: '2026-11-21T10:00:00.000Z' } as const;
    expect(since({ ...stop, by: 'hand', who: 'acme/root' }, timeOf)).toBe(
      'Since 10:00 by acme/root, until somebody resumes it.',
    );
    expect(since({ ...stop, by: 'rule', until: '2026-11-21T11:30:00.000Z' }, timeOf)).toBe(
      'Since 10:00 by a rule, until 11:30.',
    );
  });
});

describe('a budget', () => {
  it.each([
    [
      { budget: 100, spent: 20, forecast: 80 },
      { share: 0.2, level: 'fine' },
    ],
    [
      { budget: 100, spent: 20, forecast: 140 },
      { share: 0.2, level: 'short' },
    ],
    [
      { budget: 100, spent: 130, forecast: 140 },
      { share: 1, level: 'spent' },
    ],
    [
      { budget: 0, spent: 0, forecast: 0 },
      { share: 1, level: 'spent' },
    ],
    [
      { budget: null, spent: 20, forecast: 80 },
      { share: 0, level: 'fine' },
    ],
  ] as const)('%j is %j', (row, use) => expect(usageOf(row)).toEqual(use));
});
