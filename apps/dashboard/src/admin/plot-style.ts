import type { ReportInterval } from '@ghostline/protocol';
import * as Plot from '@observablehq/plot';
import { type Moment, middleOf } from './rows.ts';

/** What all charts share: one left edge, type and colours of the page. */
export const AXIS = {
  marginLeft: 44,
  marginRight: 12,
  marginTop: 8,
  style: {
    background: 'none',
    color: 'var(--ink-3)',
    fontFamily: 'var(--sans)',
    fontSize: '12px',
    overflow: 'visible',
  },
} as const satisfies Plot.PlotOptions;

/** The box that says what is under the pointer. */
export const TIP = { anchor: 'bottom', lineHeight: 1.45, textPadding: 10 } as const satisfies Plot.TipOptions;

/** Hours in the reader's time zone, days in UTC, as they are counted. */
export function timeScale(timeline: readonly Moment[], interval: ReportInterval): Plot.ScaleOptions {
  const first = timeline[0]?.startMs ?? 0;
  const last = timeline.at(-1)?.endMs ?? 1;
  return { type: interval === 'hour' ? 'time' : 'utc', domain: [first, last], label: null };
}

/** Room for "21 Nov" or "18:00" and as much air again. */
const LABEL_WIDTH = 76;

/** An hour's label stands where it begins, a day's below its middle; as many as fit, the last one always. */
export function timeAxis(timeline: readonly Moment[], interval: ReportInterval, width: number): Plot.Markish {
  const every = Math.ceil(timeline.length / Math.max(1, Math.floor(width / LABEL_WIDTH)));
  const labelled = timeline.filter((_, index) => (timeline.length - 1 - index) % every === 0);
  const format = new Intl.DateTimeFormat(
    'en-GB',
    interval === 'hour' ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short', timeZone: 'UTC' },
  );
  return Plot.axisX(
    labelled.map((moment) => new Date(interval === 'hour' ? moment.startMs : middleOf(moment))),
    { tickSize: 0, tickPadding: 10, tickFormat: (time: Date) => format.format(time) },
  );
}
