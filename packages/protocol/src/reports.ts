import * as z from 'zod';

export const ADMIN_API_PATH = '/admin/api';

export const ReportDimension = z.enum(['language', 'model', 'region', 'team', 'user', 'trigger', 'source', 'origin']);
export type ReportDimension = z.infer<typeof ReportDimension>;
export const ReportInterval = z.enum(['hour', 'day']);
export type ReportInterval = z.infer<typeof ReportInterval>;

const instant = z.iso.datetime({ error: 'must be an RFC 3339 time in UTC such as 2026-11-21T00:00:00Z' });

/** `[from, to)` in UTC. Without `interval` and `group_by` the report is one total row. */
export const ReportQuery = z
  .object({
    from: instant,
    to: instant,
    interval: ReportInterval.optional(),
    group_by: z.array(ReportDimension).max(3).optional(),
  })
  .refine((query) => Date.parse(query.from) < Date.parse(query.to), {
    path: ['to'],
    error: 'must be later than "from"',
  })
  .meta({ id: 'ReportQuery' });
export type ReportQuery = z.infer<typeof ReportQuery>;

const dimensions = {
  time: instant.optional().meta({ description: 'Start of the interval, when one was asked for' }),
  language: z.string().optional(),
  model: z.string().optional(),
  region: z.string().optional(),
  team: z.string().optional(),
  user: z.string().optional(),
  trigger: z.string().optional(),
  source: z.string().optional(),
  origin: z.string().optional(),
};
const total = z.int().nonnegative();
const latency = z.number().nonnegative().nullable();

export const AcceptanceRow = z
  .object({
    ...dimensions,
    shown: total,
    accepted: total,
    partially_accepted: total.meta({ description: 'Views accepted in part only' }),
    rejected: total,
    acceptance_rate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'accepted / shown; null when nothing was shown' }),
    shown_chars: total,
    accepted_chars: total,
  })
  .meta({ id: 'AcceptanceRow' });
export type AcceptanceRow = z.infer<typeof AcceptanceRow>;

export const LatencyRow = z
  .object({
    ...dimensions,
    shown: total,
    shown_p50_ms: latency.meta({ description: 'Keystroke to ghost text as the editor saw it' }),
    shown_p90_ms: latency,
    shown_p99_ms: latency,
    under_300_ms: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'Share of shown suggestions that came within 300 ms' }),
  })
  .meta({ id: 'LatencyRow' });
export type LatencyRow = z.infer<typeof LatencyRow>;

const share = z.number().min(0).max(1).nullable();

/** How accepted text fares; a column for each time it is looked at. */
export const RetentionRow = z
  .object({
    ...dimensions,
    taken: total.meta({ description: 'Views accepted whole or in part' }),
    measured_15s: total.meta({ description: 'Those whose text was looked at 15 s after the acceptance; and so on' }),
    measured_30s: total,
    measured_120s: total,
    measured_300s: total,
    measured_600s: total,
    kept_15s: share.meta({
      description: 'Share of these with half of their text at least unchanged; null when none was looked at',
    }),
    kept_30s: share,
    kept_120s: share,
    kept_300s: share,
    kept_600s: share,
    edit_ratio_15s: share.meta({ description: 'Mean share of their text that was changed by then' }),
    edit_ratio_30s: share,
    edit_ratio_120s: share,
    edit_ratio_300s: share,
    edit_ratio_600s: share,
    checked: total.meta({ description: 'Views whose text a language server had looked at' }),
    unresolved_identifiers: total,
    unresolved_imports: total,
    unresolved_per_checked: z
      .number()
      .nonnegative()
      .nullable()
      .meta({ description: 'Unresolved identifiers and imports for each view that was checked; null without one' }),
  })
  .meta({ id: 'RetentionRow' });
export type RetentionRow = z.infer<typeof RetentionRow>;

export const report = <Row extends z.ZodType>(row: Row) =>
  z.object({
    rows: z.array(row),
    freshness_ms: z
      .number()
      .nonnegative()
      .nullable()
      .meta({ description: 'How far the store may be behind the gateways; null before the first delivery' }),
  });
export const AcceptanceReport = report(AcceptanceRow).meta({ id: 'AcceptanceReport' });
export type AcceptanceReport = z.infer<typeof AcceptanceReport>;
export const LatencyReport = report(LatencyRow).meta({ id: 'LatencyReport' });
export type LatencyReport = z.infer<typeof LatencyReport>;

export const RetentionReport = report(RetentionRow).meta({ id: 'RetentionReport' });
export type RetentionReport = z.infer<typeof RetentionReport>;
