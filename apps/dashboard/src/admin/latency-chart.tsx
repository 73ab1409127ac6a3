import type { ReportInterval } from '@ghostline/protocol';
import * as Plot from '@observablehq/plot';
import { useCallback } from 'react';
import { formatMoment, formatMs } from '../format.ts';
import { PlotFigure } from './plot-figure.tsx';
import { AXIS, TIP, timeAxis, timeScale } from './plot-style.ts';
import { type Moment, middleOf } from './rows.ts';
import { type Column, TimelineTable } from './timeline-table.tsx';

const PERCENTILES = [
  { name: 'p99', key: 'p99Ms', colour: 'var(--p99)' },
  { name: 'p90', key: 'p90Ms', colour: 'var(--p90)' },
  { name: 'p50', key: 'p50Ms', colour: 'var(--p50)' },
] as const;

const COLUMNS: readonly Column[] = [
  { name: 'p50', text: ({ p50Ms }) => formatMs(p50Ms) },
  { name: 'p90', text: ({ p90Ms }) => formatMs(p90Ms) },
  { name: 'p99', text: ({ p99Ms }) => formatMs(p99Ms) },
];

const LEGEND = [
  ...PERCENTILES.map(({ name }) => ({ label: name, mark: name })).toReversed(),
  { label: '300 ms', mark: 'dashed' },
];

interface ChartProps {
  timeline: readonly Moment[];
  interval: ReportInterval;
}

/** Percentiles on a logarithmic scale: the p99 would flatten the p50 on any other. */
export function LatencyChart({ timeline, interval }: ChartProps) {
  const draw = useCallback((width: number) => [percentiles(timeline, interval, width)], [timeline, interval]);
  return (
    <PlotFigure
      title="Latency as the editor saw it"
      legend={LEGEND}
      description={`Latency percentiles p50, p90 and p99 of shown suggestions per ${interval}, on a logarithmic scale.`}
      draw={draw}
      table={<TimelineTable subject="Latency" timeline={timeline} interval={interval} columns={COLUMNS} />}
    />
  );
}

/** What a logarithmic scale can draw: a suggestion out of the client's own cache may take 0 ms. */
const FASTEST_MS = 1;
const TICKS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000];

function percentiles(timeline: readonly Moment[], interval: ReportInterval, width: number): Element {
  const values = timeline.flatMap(({ p50Ms, p99Ms }) => [p50Ms, p99Ms]).filter((ms) => ms !== null);
  const low = Math.max(FASTEST_MS, Math.min(100, ...values) * 0.8);
  const high = Math.max(600, ...values) * 1.2;
  const ticks = TICKS.filter((ms) => ms >= low && ms <= high);
  return Plot.plot({
    ...AXIS,
    width,
    height: 240,
    x: timeScale(timeline, interval),
    y: { type: 'log', domain: [low, high], clamp: true, label: null },
    marks: [
      Plot.gridY(ticks, { className: 'plot-grid' }),
      Plot.axisY({ ticks, tickSize: 0, tickFormat: formatMs }),
      timeAxis(timeline, interval, width),
      Plot.ruleY([300], { stroke: 'var(--ink-3)', strokeDasharray: '3 4' }),
      ...PERCENTILES.flatMap(({ key, colour }) => {
        const y = (moment: Moment) => moment[key] ?? Number.NaN;
        return [
          Plot.lineY(timeline, { x: middleOf, y, curve: 'monotone-x', stroke: colour, strokeWidth: 2 }),
          Plot.dot(
            timeline.filter((moment) => moment[key] !== null),
            { x: middleOf, y, r: 3, fill: colour, stroke: 'var(--surface)', strokeWidth: 1 },
          ),
        ];
      }),
      Plot.ruleX(timeline, Plot.pointerX({ x: middleOf, stroke: 'var(--line-strong)' })),
      Plot.tip(
        timeline,
        Plot.pointerX({
          x: middleOf,
          y: (moment: Moment) => moment.p99Ms ?? FASTEST_MS,
          title: (moment: Moment) => describe(moment, interval),
          ...TIP,
        }),
      ),
    ],
  });
}

function describe(moment: Moment, interval: ReportInterval): string {
  const lines = PERCENTILES.map(({ name, key }) => `${name} ${formatMs(moment[key])}`).toReversed();
  return [formatMoment(moment.startMs, interval), ...lines].join('\n');
}
