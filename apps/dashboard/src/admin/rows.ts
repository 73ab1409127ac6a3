import type { AcceptanceRow, LatencyRow } from '@ghostline/protocol';
import { type Period, bucketsOf, endOfBucket } from './range.ts';
import { type RateInterval, wilson } from './wilson.ts';

/** What was counted, whatever it is grouped by. Rates and latencies are null where nothing was shown. */
interface Figures {
  readonly shown: number;
  readonly accepted: number;
  readonly rate: number | null;
  readonly likely: RateInterval | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
}

/** One bar of the charts. */
export interface Moment extends Figures {
  readonly startMs: number;
  readonly endMs: number;
}

/** One row of a table. */
export interface Group extends Figures {
  readonly name: string;
  readonly acceptedChars: number;
}

/** One moment per bucket of the period, also where the report has no row: an hour without suggestions is a fact. */
export function timelineOf(
  period: Period,
  acceptance: readonly AcceptanceRow[],
  latency: readonly LatencyRow[],
): Moment[] {
  const accepted = new Map(acceptance.map((row) => [timeOf(row), row]));
  const latencies = new Map(latency.map((row) => [timeOf(row), row]));
  return bucketsOf(period).map((startMs) =>
    withFigures(
      { startMs, endMs: endOfBucket(startMs, period.interval) },
      accepted.get(startMs),
      latencies.get(startMs),
    ),
  );
}

/** Where in a chart a moment's point is. */
export function middleOf({ startMs, endMs }: Moment): number {
  return (startMs + endMs) / 2;
}

function timeOf({ time = '' }: AcceptanceRow | LatencyRow): number {
  return Date.parse(time);
}

/** Acceptance and latency of the same group side by side, most shown first. */
export function groupsOf(
  dimension: 'language' | 'model',
  acceptance: readonly AcceptanceRow[],
  latency: readonly LatencyRow[],
): Group[] {
  const latencies = new Map(latency.map((row) => [row[dimension], row]));
  return acceptance
    .map((row) =>
      withFigures(
        { name: row[dimension] || 'unknown', acceptedChars: row.accepted_chars },
        row,
        latencies.get(row[dimension]),
      ),
    )
    .toSorted((a, b) => b.shown - a.shown || a.name.localeCompare(b.name));
}

function withFigures<Own>(
  own: Own,
  acceptance: AcceptanceRow | undefined,
  latency: LatencyRow | undefined,
): Own & Figures {
  const { shown = 0, accepted = 0, acceptance_rate = null } = acceptance ?? {};
  return {
    ...own,
    shown,
    accepted,
    rate: acceptance_rate,
    likely: wilson(accepted, shown) ?? null,
    p50Ms: latency?.shown_p50_ms ?? null,
    p90Ms: latency?.shown_p90_ms ?? null,
    p99Ms: latency?.shown_p99_ms ?? null,
  };
}

export type SortColumn = 'name' | 'shown' | 'accepted' | 'rate' | 'acceptedChars' | 'p50Ms';
export interface Sorting {
  readonly column: SortColumn;
  readonly descending: boolean;
}

/** The order a click on `column` leads to: numbers start with the largest, names with A, a second click reverses. */
export function nextSorting(current: Sorting, column: SortColumn): Sorting {
  if (current.column === column) return { column, descending: !current.descending };
  return { column, descending: column !== 'name' };
}

/** Sorted; rows without the figure stay last in both directions. */
export function sortGroups(groups: readonly Group[], { column, descending }: Sorting): Group[] {
  const direction = descending ? -1 : 1;
  return groups.toSorted((a, b) => {
    const [left, right] = [a[column], b[column]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'string' || typeof right === 'string') {
      return direction * String(left).localeCompare(String(right));
    }
    return direction * (left - right);
  });
}

/** Shown suggestions that are in the total, but in no listed group: those of groups too small to be told apart. */
export function unlisted(total: number, groups: readonly Group[]): number {
  return Math.max(0, total - groups.reduce((sum, group) => sum + group.shown, 0));
}
