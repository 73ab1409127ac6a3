import type { AcceptanceRow, LatencyRow } from '@ghostline/protocol';
import type { Reports } from '../api/reports.ts';
import { type Period, bounds, periodBefore } from './range.ts';
import { type Group, type Moment, groupsOf, timelineOf } from './rows.ts';

/** Everything the page shows, of one moment. Plain data, so that an unchanged part stays the same object. */
export interface Snapshot {
  readonly period: Period;
  /** Undefined when there is nothing to report, or too few people to report about. */
  readonly total: AcceptanceRow | undefined;
  readonly latency: LatencyRow | undefined;
  readonly before: { readonly total: AcceptanceRow | undefined; readonly latency: LatencyRow | undefined };
  readonly timeline: readonly Moment[];
  readonly languages: readonly Group[];
  readonly models: readonly Group[];
  /** How far the store may be behind the gateways; null before the first delivery. */
  readonly freshnessMs: number | null;
  readonly loadedAtMs: number;
  /** Time the store was kept busy for the last full load. */
  readonly tookMs: number;
}

/**
 * The figures of `period`, step by step: the totals first; when they are what they were, everything else is too, so that
 * an open page on a quiet server costs one small query per refresh.
 */
export async function loadAcceptance(
  { acceptance, latency }: Reports,
  period: Period,
  previous: Snapshot | undefined,
  signal: AbortSignal,
  now: () => number = Date.now,
): Promise<Snapshot> {
  const startedAt = now();
  const range = bounds(period);
  const totals = await acceptance(range, signal);
  const total = totals.rows[0];
  const freshnessMs = totals.freshness_ms;
  if (previous && samePeriod(previous.period, period) && sameFigures(previous.total, total)) {
    return { ...previous, freshnessMs, loadedAtMs: now() };
  }

  const before = bounds(periodBefore(period, startedAt));
  const { interval } = period;
  const [latencies, over, latencyOver, byLanguage, latencyByLanguage, byModel, latencyByModel, past, pastLatency] =
    await Promise.all([
      latency(range, signal),
      acceptance({ ...range, interval }, signal),
      latency({ ...range, interval }, signal),
      acceptance({ ...range, group_by: ['language'] }, signal),
      latency({ ...range, group_by: ['language'] }, signal),
      acceptance({ ...range, group_by: ['model'] }, signal),
      latency({ ...range, group_by: ['model'] }, signal),
      acceptance(before, signal),
      latency(before, signal),
    ]);
  const loadedAtMs = now();
  return {
    period,
    total,
    latency: latencies.rows[0],
    before: { total: past.rows[0], latency: pastLatency.rows[0] },
    timeline: timelineOf(period, over.rows, latencyOver.rows),
    languages: groupsOf('language', byLanguage.rows, latencyByLanguage.rows),
    models: groupsOf('model', byModel.rows, latencyByModel.rows),
    freshnessMs,
    loadedAtMs,
    tookMs: loadedAtMs - startedAt,
  };
}

/** Five seconds feel live; a page never asks the store for more than a twentieth of its time, so 20 can be open. */
const REFRESH_MS = 5_000;
const SHARE_OF_STORE = 1 / 20;
const SLOWEST_REFRESH_MS = 60_000;

/** How long to wait before the next load, after one that took `tookMs`. */
export function refreshDelay(tookMs: number): number {
  return Math.min(SLOWEST_REFRESH_MS, Math.max(REFRESH_MS, tookMs / SHARE_OF_STORE));
}

/** How old the newest event that may be missing is, at `nowMs`; undefined before the first delivery. */
export function dataAge({ freshnessMs, loadedAtMs }: Snapshot, nowMs: number): number | undefined {
  return freshnessMs === null ? undefined : freshnessMs + Math.max(0, nowMs - loadedAtMs);
}

function samePeriod(a: Period, b: Period): boolean {
  return a.fromMs === b.fromMs && a.toMs === b.toMs;
}

function sameFigures(a: AcceptanceRow | undefined, b: AcceptanceRow | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.shown === b.shown &&
    a.accepted === b.accepted &&
    a.partially_accepted === b.partially_accepted &&
    a.rejected === b.rejected &&
    a.accepted_chars === b.accepted_chars
  );
}
