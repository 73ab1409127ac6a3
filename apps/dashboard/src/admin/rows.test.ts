import type { AcceptanceRow, LatencyRow } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { periodOf } from './range.ts';
import { groupsOf, nextSorting, sortGroups, timelineOf, unlisted } from './rows.ts';

const acceptance = (own: Partial<AcceptanceRow>): AcceptanceRow => ({
  shown: 0,
  accepted: 0,
  partially_accepted: 0,
  rejected: 0,
  acceptance_rate: null,
  shown_chars: 0,
  accepted_chars: 0,
  ...own,
});
const latency = (own: Partial<LatencyRow>): LatencyRow => ({
  shown: 0,
  shown_p50_ms: null,
  shown_p90_ms: null,
  shown_p99_ms: null,
  under_300_ms: null,
  ...own,
});

describe('the timeline', () => {
  const period = periodOf('24h', Date.parse('2026-11-21T14:25:10Z'));

  it('has a moment for every hour, with no rate and no latency where nothing was shown', () => {
    const timeline = timelineOf(period, [], []);
    expect(timeline).toHaveLength(24);
    expect(timeline[0]).toMatchObject({ shown: 0, rate: null, likely: null, p50Ms: null });
  });
  it('finds the rows of an hour however the server writes the time', () => {
    const timeline = timelineOf(
      period,
      [acceptance({ time: '2026-11-21T14:00:00Z', shown: 4, accepted: 1, acceptance_rate: 0.25 })],
      [latency({ time: '2026-11-21T14:00:00.000Z', shown: 4, shown_p50_ms: 120 })],
    );
    expect(timeline.at(-1)).toMatchObject({ shown: 4, accepted: 1, rate: 0.25, p50Ms: 120 });
    expect(timeline.slice(0, -1).every((moment) => moment.shown === 0)).toBe(true);
  });
});

describe('groups', () => {
  const groups = groupsOf(
    'language',
    [
      acceptance({ language: 'go', shown: 2, accepted: 0, acceptance_rate: 0, accepted_chars: 0 }),
      acceptance({ language: 'typescript', shown: 10, accepted: 3, acceptance_rate: 0.3, accepted_chars: 200 }),
      acceptance({ language: '', shown: 1 }),
    ],
    [latency({ language: 'typescript', shown_p50_ms: 90 })],
  );

  it('join acceptance and latency, most shown first, and name what has no name', () => {
    expect(groups.map(({ name, shown, p50Ms }) => ({ name, shown, p50Ms }))).toEqual([
      { name: 'typescript', shown: 10, p50Ms: 90 },
      { name: 'go', shown: 2, p50Ms: null },
      { name: 'unknown', shown: 1, p50Ms: null },
    ]);
  });
  it('sort with missing figures last in both directions', () => {
    const names = (descending: boolean) =>
      sortGroups(groups, { column: 'rate', descending }).map((group) => group.name);
    expect(names(true)).toEqual(['typescript', 'go', 'unknown']);
    expect(names(false)).toEqual(['go', 'typescript', 'unknown']);
  });
  it('start with the largest number or with A, and turn round at the second click', () => {
    const byShown = { column: 'shown', descending: true } as const;
    expect(nextSorting(byShown, 'rate')).toEqual({ column: 'rate', descending: true });
    expect(nextSorting(byShown, 'name')).toEqual({ column: 'name', descending: false });
    expect(nextSorting(byShown, 'shown')).toEqual({ column: 'shown', descending: false });
  });
  it('may add up to less than the total, but never to more', () => {
    expect(unlisted(20, groups)).toBe(7);
    expect(unlisted(12, groups)).toBe(0);
  });
});
