import * as z from 'zod/mini';
import { documented } from './documented.ts';

export const ReportDimension = z.enum(['language', 'model', 'region', 'team', 'user', 'trigger', 'source', 'origin']);
export type ReportDimension = z.infer<typeof ReportDimension>;
export const ReportInterval = z.enum(['hour', 'day']);
export type ReportInterval = z.infer<typeof ReportInterval>;

const instant = z.iso.datetime({ error: 'must be an RFC 3339 time in UTC such as 2026-11-21T00:00:00Z' });

/** `[from, to)` in UTC. Without `interval` and `group_by` the report is one total row. */
export const ReportQuery = documented(
  z
    .object({
      from: instant,
      to: instant,
      interval: z.optional(ReportInterval),
      group_by: z.optional(z.array(ReportDimension).check(z.maxLength(3))),
    })
    .check(
      z.refine((query) => Date.parse(query.from) < Date.parse(query.to), {
        path: ['to'],
        error: 'must be later than "from"',
      }),
    ),
  { id: 'ReportQuery' },
);
export type ReportQuery = z.infer<typeof ReportQuery>;

const dimensions = {
  time: documented(z.optional(instant), { description: 'Start of the interval, when one was asked for' }),
  language: z.optional(z.string()),
  model: z.optional(z.string()),
  region: z.optional(z.string()),
  team: z.optional(z.string()),
  user: z.optional(z.string()),
  trigger: z.optional(z.string()),
  source: z.optional(z.string()),
  origin: z.optional(z.string()),
};
const total = z.int().check(z.nonnegative());
const latency = z.nullable(z.number().check(z.nonnegative()));
const share = z.nullable(z.number().check(z.minimum(0), z.maximum(1)));

export const AcceptanceRow = documented(
  z.object({
    ...dimensions,
    shown: total,
    accepted: total,
    partially_accepted: documented(total, { description: 'Views accepted in part only' }),
    rejected: total,
    acceptance_rate: documented(share, { description: 'accepted / shown; null when nothing was shown' }),
    shown_chars: total,
    accepted_chars: total,
  }),
  { id: 'AcceptanceRow' },
);
export type AcceptanceRow = z.infer<typeof AcceptanceRow>;

export const LatencyRow = documented(
  z.object({
    ...dimensions,
    shown: total,
    shown_p50_ms: documented(latency, { description: 'Keystroke to ghost text as the editor saw it' }),
    shown_p90_ms: latency,
    shown_p99_ms: latency,
    under_300_ms: documented(share, { description: 'Share of shown suggestions that came within 300 ms' }),
  }),
  { id: 'LatencyRow' },
);
export type LatencyRow = z.infer<typeof LatencyRow>;

/** How accepted text fares; a column for each time it is looked at. */
export const RetentionRow = documented(
  z.object({
    ...dimensions,
    taken: documented(total, { description: 'Views accepted whole or in part' }),
    measured_15s: documented(total, {
      description: 'Those whose text was looked at 15 s after the acceptance; and so on',
    }),
    measured_30s: total,
    measured_120s: total,
    measured_300s: total,
    measured_600s: total,
    kept_15s: documented(share, {
      description: 'Share of these with half of their text at least unchanged; null when none was looked at',
    }),
    kept_30s: share,
    kept_120s: share,
    kept_300s: share,
    kept_600s: share,
    edit_ratio_15s: documented(share, { description: 'Mean share of their text that was changed by then' }),
    edit_ratio_30s: share,
    edit_ratio_120s: share,
    edit_ratio_300s: share,
    edit_ratio_600s: share,
    checked: documented(total, { description: 'Views whose text a language server had looked at' }),
    unresolved_identifiers: total,
    unresolved_imports: total,
    unresolved_per_checked: documented(z.nullable(z.number().check(z.nonnegative())), {
      description: 'Unresolved identifiers and imports for each view that was checked; null without one',
    }),
  }),
  { id: 'RetentionRow' },
);
export type RetentionRow = z.infer<typeof RetentionRow>;

const report = <Row extends z.ZodMiniType>(row: Row) =>
  z.object({
    rows: z.array(row),
    freshness_ms: documented(z.nullable(z.number().check(z.nonnegative())), {
      description: 'How far the store may be behind the gateways; null before the first delivery',
    }),
  });
export const AcceptanceReport = documented(report(AcceptanceRow), { id: 'AcceptanceReport' });
export type AcceptanceReport = z.infer<typeof AcceptanceReport>;
export const LatencyReport = documented(report(LatencyRow), { id: 'LatencyReport' });
export type LatencyReport = z.infer<typeof LatencyReport>;

export const RetentionReport = documented(report(RetentionRow), { id: 'RetentionReport' });
export type RetentionReport = z.infer<typeof RetentionReport>;
