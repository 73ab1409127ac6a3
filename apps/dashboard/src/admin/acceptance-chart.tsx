import type { ReportInterval } from '@ghostline/protocol';
import * as Plot from '@observablehq/plot';
import { useCallback } from 'react';
import { formatCount, formatInterval, formatMoment, formatShare, formatTick } from '../format.ts';
import { PlotFigure } from './plot-figure.tsx';
import { AXIS, TIP, timeAxis, timeScale } from './plot-style.ts';
import { type Moment, middleOf } from './rows.ts';
import { type Column, TimelineTable } from './timeline-table.tsx';

const COLUMNS: readonly Column[] = [
  { name: 'Shown', text: ({ shown }) => formatCount(shown) },
  { name: 'Accepted', text: ({ accepted }) => formatCount(accepted) },
  { name: 'Rate', text: ({ rate }) => formatShare(rate) },
];

const LEGEND = [
  { label: 'Shown', mark: 'ghost' },
  { label: 'Accepted', mark: 'kept' },
  { label: 'Rate, with its likely range', mark: 'line' },
] as const;

interface ChartProps {
  timeline: readonly Moment[];
  interval: ReportInterval;
}

/** The rate above, what it is made of below, on one axis of time: never two scales in one frame. */
export function AcceptanceChart({ timeline, interval }: ChartProps) {
  const draw = useCallback(
    (width: number) => [rates(timeline, interval, width), counts(timeline, interval, width)],
    [timeline, interval],
  );
  return (
    <PlotFigure
      title="Suggestions over time"
      legend={LEGEND}
      description={`Acceptance rate, and shown and accepted suggestions, per ${interval}.`}
      draw={draw}
      table={<TimelineTable subject="Suggestions" timeline={timeline} interval={interval} columns={COLUMNS} />}
    />
  );
}

function rates(timeline: readonly Moment[], interval: ReportInterval, width: number): Element {
  const top = Math.max(0.1, ...timeline.map((moment) => moment.likely?.high ?? 0));
  return Plot.plot({
    ...AXIS,
    width,
    height: 128,
    marginBottom: 10,
    x: { ...timeScale(timeline, interval), axis: null },
    y: { domain: [0, Math.min(1, top)], nice: 3, label: null },
    marks: [
      Plot.gridY({ ticks: 3, className: 'plot-grid' }),
      Plot.axisY({ ticks: 3, tickSize: 0, tickFormat: '.0%' }),
      Plot.areaY(timeline, {
        x: middleOf,
        y1: (moment: Moment) => moment.likely?.low ?? Number.NaN,
        y2: (moment: Moment) => moment.likely?.high ?? Number.NaN,
        curve: 'monotone-x',
        fill: 'var(--kept)',
        fillOpacity: 0.13,
      }),
      Plot.ruleX(
        timeline.filter((moment) => moment.likely !== null),
        {
          x: middleOf,
          y1: (moment: Moment) => moment.likely?.low,
          y2: (moment: Moment) => moment.likely?.high,
          stroke: 'var(--kept)',
          strokeOpacity: 0.3,
        },
      ),
      Plot.lineY(timeline, {
        x: middleOf,
        y: (moment: Moment) => moment.rate ?? Number.NaN,
        curve: 'monotone-x',
        stroke: 'var(--kept)',
        strokeWidth: 2,
      }),
      Plot.dot(
        timeline.filter((moment) => moment.rate !== null),
        { x: middleOf, y: 'rate', r: 3, fill: 'var(--kept)', stroke: 'var(--surface)', strokeWidth: 1 },
      ),
      Plot.ruleX(timeline, Plot.pointerX({ x: middleOf, stroke: 'var(--line-strong)' })),
      Plot.tip(
        timeline,
        Plot.pointerX({
          x: middleOf,
          y: (moment: Moment) => moment.rate ?? 0,
          title: (moment: Moment) => describe(moment, interval),
          ...TIP,
        }),
      ),
    ],
  });
}

function counts(timeline: readonly Moment[], interval: ReportInterval, width: number): Element {
  const most = Math.max(1, ...timeline.map((moment) => moment.shown));
  const ticks = Math.min(4, most);
  const bar = { x1: 'startMs', x2: 'endMs', insetLeft: 1, insetRight: 1, rx: 2 } as const;
  return Plot.plot({
    ...AXIS,
    width,
    height: 208,
    marginTop: 12,
    x: timeScale(timeline, interval),
    y: { domain: [0, most], nice: ticks, label: null },
    marks: [
      Plot.gridY({ ticks, className: 'plot-grid' }),
      Plot.axisY({ ticks, tickSize: 0, tickFormat: formatTick }),
      timeAxis(timeline, interval, width),
      Plot.rectY(timeline, { ...bar, y: 'shown', fill: 'var(--ghost)' }),
      Plot.rectY(timeline, { ...bar, y: 'accepted', fill: 'var(--kept)' }),
      Plot.ruleY([0], { stroke: 'var(--line-strong)' }),
      Plot.tip(
        timeline,
        Plot.pointerX({
          x: middleOf,
          y: 'shown',
          title: (moment: Moment) => describe(moment, interval),
          ...TIP,
        }),
      ),
    ],
  });
}

function describe(moment: Moment, interval: ReportInterval): string {
  const likely = moment.likely ? ` (likely ${formatInterval(moment.likely)})` : '';
  return [
    formatMoment(moment.startMs, interval),
    `${formatCount(moment.shown)} shown, ${formatCount(moment.accepted)} accepted`,
    `Rate ${formatShare(moment.rate)}${likely}`,
  ].join('\n');
}
