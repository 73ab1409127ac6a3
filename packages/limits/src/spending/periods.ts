/** Stretches of the UTC calendar that money is counted over. */
export type Period = 'minute' | 'hour' | 'day' | 'month';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface PeriodSpan {
  /** Sortable and unique, such as `2026-11-21`. */
  readonly id: string;
  readonly startsAt: number;
  /** Unix ms; the first moment of the next one. */
  readonly endsAt: number;
}

/** The period of that kind that `now` (Unix ms) lies in. */
export function periodAt(period: Period, now: number): PeriodSpan {
  const iso = new Date(now).toISOString();
  switch (period) {
    case 'minute':
      return span(iso.slice(0, 16), Math.floor(now / MINUTE_MS) * MINUTE_MS, MINUTE_MS);
    case 'hour':
      return span(iso.slice(0, 13), Math.floor(now / (60 * MINUTE_MS)) * 60 * MINUTE_MS, 60 * MINUTE_MS);
    case 'day':
      return span(iso.slice(0, 10), Math.floor(now / DAY_MS) * DAY_MS, DAY_MS);
    case 'month': {
      const date = new Date(now);
      const startsAt = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
      return { id: iso.slice(0, 7), startsAt, endsAt: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) };
    }
  }
}

function span(id: string, startsAt: number, lengthMs: number): PeriodSpan {
  return { id, startsAt, endsAt: startsAt + lengthMs };
}

/** Spending is remembered so long after its period: the forecast of a day looks back over the one before. */
export const REMEMBERED_MS = 2 * DAY_MS;

export interface ForecastInput {
  readonly span: PeriodSpan;
  /** In this period so far. */
  readonly spent: number;
  /** Since midnight UTC, and on the day before. */
  readonly today: number;
  readonly yesterday: number;
}

/**
 * What will have been spent at the end of the period if it goes on as in the last 24 hours: today's spending and of
 * yesterday's the share of the day that is still to come today.
 */
export function forecast({ span: { endsAt }, spent, today, yesterday }: ForecastInput, now: number): number {
  const passed = (now % DAY_MS) / DAY_MS;
  const lastDay = today + yesterday * (1 - passed);
  return spent + lastDay * (Math.max(0, endsAt - now) / DAY_MS);
}
