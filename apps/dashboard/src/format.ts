import type { ReportInterval } from '@ghostline/protocol';

/** Stands for a figure that does not exist: nothing was shown, so there is no rate. Never a zero. */
export const NONE = '–';

const integer = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

export function formatCount(count: number): string {
  return integer.format(count);
}

/** Short enough for a headline: 12,345 as it is, 1.2M from a million on. */
export function formatHeadline(count: number): string {
  return count < 1_000_000 ? integer.format(count) : compact.format(count);
}

/** Short enough for an axis: 800, 1.2K. */
export function formatTick(count: number): string {
  return compact.format(count);
}

/** A share of one in percent with one decimal, but no decimal that means nothing (100%, 0%). */
export function formatShare(share: number | null): string {
  if (share === null) return NONE;
  const percent = share * 100;
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)}%`;
}

/** At most three significant figures: 0.8 ms, 45 ms, 1.24 s, 3 s. */
export function formatMs(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 1) return ms === 0 ? '0 ms' : `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${Number((ms / 1000).toPrecision(3))} s`;
}

/** `4 s`, `3 min`, `2 h`, `5 d`: whole units, rounded down. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A likely interval of a rate, in whole percent. */
export function formatInterval({ low, high }: { low: number; high: number }): string {
  return `${Math.round(low * 100)}–${Math.round(high * 100)}%`;
}

/** Hours in the reader's time zone; days as the UTC days they are. */
export function formatMoment(startMs: number, interval: ReportInterval): string {
  return interval === 'hour'
    ? new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(startMs)
    : new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
        startMs,
      );
}
