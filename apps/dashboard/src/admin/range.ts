import type { ReportInterval } from '@ghostline/protocol';

const HOUR_MS = 3_600_000;
const INTERVAL_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const satisfies Record<ReportInterval, number>;

/** What can be picked. Hours only where there are few enough to be bars at 380 pixels. */
export const RANGES = {
  '24h': { label: '24 hours', interval: 'hour', buckets: 24 },
  '7d': { label: '7 days', interval: 'day', buckets: 7 },
  '28d': { label: '28 days', interval: 'day', buckets: 28 },
} as const satisfies Record<string, { label: string; interval: ReportInterval; buckets: number }>;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = ['24h', '7d', '28d'] as const satisfies readonly RangeName[];

/** The range a page address asks for; 24 hours unless it names another. */
export function rangeFromSearch(search: string): RangeName {
  const asked = new URLSearchParams(search).get('range');
  return RANGE_NAMES.find((name) => name === asked) ?? '24h';
}

/** `[fromMs, toMs)` in whole UTC hours or days; the last one is still running. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
  readonly interval: ReportInterval;
}

/** The period of that name at `nowMs`. Whole buckets, so that it is the same period until the hour or day ends. */
export function periodOf(range: RangeName, nowMs: number): Period {
  const { interval, buckets } = RANGES[range];
  const step = INTERVAL_MS[interval];
  const toMs = (Math.floor(nowMs / step) + 1) * step;
  return { fromMs: toMs - buckets * step, toMs, interval };
}

/** As long before, and ended as far into its last bucket as `period` is now: a whole day is not compared with a morning. */
export function periodBefore(period: Period, nowMs: number): Period {
  const length = period.toMs - period.fromMs;
  return { ...period, fromMs: period.fromMs - length, toMs: Math.min(nowMs, period.toMs) - length };
}

/** Starts of the period's buckets. */
export function bucketsOf(period: Period): readonly number[] {
  const step = INTERVAL_MS[period.interval];
  return Array.from({ length: Math.round((period.toMs - period.fromMs) / step) }, (_, i) => period.fromMs + i * step);
}

export function endOfBucket(startMs: number, interval: ReportInterval): number {
  return startMs + INTERVAL_MS[interval];
}

/** The bounds as a report takes them. */
export function bounds(period: Period): { from: string; to: string } {
  return { from: new Date(period.fromMs).toISOString(), to: new Date(period.toMs).toISOString() };
}
