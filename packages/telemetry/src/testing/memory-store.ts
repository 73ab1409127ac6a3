import {
  type AcceptanceRow,
  type LatencyRow,
  RETENTION_S,
  type ReportDimension,
  type ReportQuery,
  type RetentionRow,
  type TelemetryEvent,
} from '@ghostline/protocol';
import type { AnalyticsStore, EventRecord, ReportOf, ReportScope, RequestRecord } from '../types.ts';

export interface MemoryStore extends AnalyticsStore {
  /** From now on every call rejects with this; undefined ends that. */
  fail(error: Error | undefined): void;
}

interface View {
  readonly at: number;
  readonly user: string;
  readonly dimensions: Record<ReportDimension, string>;
  readonly outcome: 'accepted' | 'partially-accepted' | 'typed-through' | 'rejected' | 'none';
  readonly chars: number;
  readonly acceptedChars: number;
  readonly latencyMs: number;
  /** First received first. */
  readonly retained: readonly Retained[];
}

type Retained = Extract<TelemetryEvent, { type: 'completion-retained' }>;

/** The reports of the real store (docs/metrics.md) over records in memory: for tests of what stands on the store. */
export function createMemoryStore({ now = Date.now }: { now?: () => number } = {}): MemoryStore {
  const events: EventRecord[] = [];
  const requests: RequestRecord[] = [];
  const gateways = new Map<string, { completeThrough: number; heardAt: number }>();
  let failure: Error | undefined;

  function check() {
    if (failure) throw failure;
  }

  function freshness(): number | null {
    const heard = [...gateways.values()].filter(({ heardAt }) => heardAt >= now() - 300_000);
    if (heard.length === 0) return null;
    return Math.max(0, now() - Math.min(...heard.map(({ completeThrough }) => completeThrough)));
  }

  async function report<Row>(
    query: ReportQuery,
    scope: ReportScope,
    signal: AbortSignal,
    toRow: (views: View[]) => object,
  ): Promise<ReportOf<Row>> {
    check();
    signal.throwIfAborted();
    const mine = views(
      events.filter(({ org }) => org === scope.org),
      requests.filter(({ org }) => org === scope.org),
    ).filter(({ at }) => at >= Date.parse(query.from) && at < Date.parse(query.to));
    const dimensions = query.group_by ?? [];
    const keyed = mine.map((view) => ({ key: keyOf(view, query, dimensions), view }));
    const total = query.interval === undefined && dimensions.length === 0;
    const groups = Map.groupBy(keyed, ({ key }) => JSON.stringify(key));
    if (total && groups.size === 0) groups.set('{}', []);
    const rows = [...groups]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, members]) => ({ key: JSON.parse(key) as object, views: members.map(({ view }) => view) }))
      .filter(
        ({ views }) => scope.minimumUsers <= 1 || new Set(views.map(({ user }) => user)).size >= scope.minimumUsers,
      )
      .map(({ key, views }) => Object.assign(key, toRow(views)) as Row);
    return { rows, freshness_ms: freshness() };
  }

  return {
    migrate: async () => check(),
    ping: async () => check(),
    async insert(batch) {
      check();
      for (const record of batch.records) {
        if (record.kind === 'event') events.push(record);
        else requests.push(record);
      }
      gateways.set(batch.gateway, { completeThrough: batch.completeThrough, heardAt: now() });
    },
    acceptance: (query, scope, signal) => report<AcceptanceRow>(query, scope, signal, acceptanceColumns),
    latency: (query, scope, signal) => report<LatencyRow>(query, scope, signal, latencyColumns),
    retention: (query, scope, signal) => report<RetentionRow>(query, scope, signal, retentionColumns),
    fail(error) {
      failure = error;
    },
  };
}

function views(events: readonly EventRecord[], requests: readonly RequestRecord[]): View[] {
  const byCompletion = new Map(
    requests.toSorted((a, b) => b.receivedAt - a.receivedAt).map((request) => [request.completionId, request]),
  );
  return [...Map.groupBy(events, ({ event }) => event.view_id).values()].flatMap((members) => {
    const [shown] = members
      .filter(({ event }) => event.type === 'completion-shown')
      .toSorted((a, b) => a.receivedAt - b.receivedAt || (a.event.event_id < b.event.event_id ? -1 : 1));
    if (shown?.event.type !== 'completion-shown') return [];
    const { event, receivedAt, team, user } = shown;
    const request = byCompletion.get(event.completion_id);
    const local = event.origin === 'local' ? 'local' : undefined;
    const view: View = {
      at: receivedAt,
      user,
      dimensions: {
        language: event.language ?? request?.language ?? 'unknown',
        model: local ?? request?.model ?? 'unknown',
        region: local ?? request?.region ?? 'unknown',
        team,
        user,
        trigger: event.trigger,
        source: event.source,
        origin: event.origin ?? 'server',
      },
      outcome: outcomeOf(members.map(({ event }) => event)),
      chars: Math.max(...members.map(({ event }) => ('chars' in event ? event.chars : 0))),
      acceptedChars: acceptedCharsOf(members.map(({ event }) => event)),
      latencyMs: event.latency_ms,
      retained: members
        .toSorted((a, b) => a.receivedAt - b.receivedAt)
        .flatMap((member) => (member.event.type === 'completion-retained' ? member.event : [])),
    };
    return [view];
  });
}

function outcomeOf(events: readonly TelemetryEvent[]): View['outcome'] {
  const types = new Set(events.map(({ type }) => type));
  if (types.has('completion-accepted')) return 'accepted';
  if (types.has('completion-partially-accepted')) return 'partially-accepted';
  if (types.has('completion-typed-through')) return 'typed-through';
  return types.has('completion-rejected') ? 'rejected' : 'none';
}

function acceptedCharsOf(events: readonly TelemetryEvent[]): number {
  const steps = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'completion-accepted' || event.type === 'completion-partially-accepted') {
      steps.set(event.event_id, event.accepted_chars);
    }
  }
  return [...steps.values()].reduce((sum, chars) => sum + chars, 0);
}

function keyOf(view: View, { interval }: ReportQuery, dimensions: readonly ReportDimension[]): object {
  const bucketMs = interval === 'day' ? 86_400_000 : 3_600_000;
  const start = new Date(Math.floor(view.at / bucketMs) * bucketMs).toISOString().replace('.000Z', 'Z');
  return {
    ...(interval && { time: start }),
    ...Object.fromEntries(dimensions.map((dimension) => [dimension, view.dimensions[dimension]])),
  };
}

function acceptanceColumns(views: readonly View[]) {
  const count = (outcome: View['outcome']) => views.filter((view) => view.outcome === outcome).length;
  const shown = views.length;
  const accepted = count('accepted');
  return {
    shown,
    accepted,
    partially_accepted: count('partially-accepted'),
    rejected: count('rejected'),
    acceptance_rate: shown === 0 ? null : accepted / shown,
    shown_chars: views.reduce((sum, { chars }) => sum + chars, 0),
    accepted_chars: views.reduce((sum, { acceptedChars }) => sum + acceptedChars, 0),
  };
}

function latencyColumns(views: readonly View[]) {
  const sorted = views.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  // The same element that ClickHouse's quantileExact takes.
  const quantile = (level: number) => sorted[Math.floor(level * sorted.length)] ?? null;
  return {
    shown: sorted.length,
    shown_p50_ms: quantile(0.5),
    shown_p90_ms: quantile(0.9),
    shown_p99_ms: quantile(0.99),
    under_300_ms: sorted.length === 0 ? null : sorted.filter((ms) => ms <= 300).length / sorted.length,
  };
}

function retentionColumns(views: readonly View[]) {
  const taken = views.filter(({ outcome }) => outcome === 'accepted' || outcome === 'partially-accepted');
  const looks = taken.flatMap(({ retained }) => {
    const [first] = retained
      .filter((event) => event.unresolved_identifiers !== undefined)
      .toSorted((a, b) => a.after_s - b.after_s);
    return first ? [[first.unresolved_identifiers ?? 0, first.unresolved_imports ?? 0] as const] : [];
  });
  const unresolved_identifiers = sum(looks.map(([identifiers]) => identifiers));
  const unresolved_imports = sum(looks.map(([, imports]) => imports));
  const columns = RETENTION_S.map((after) => {
    const ratios = taken.flatMap(({ retained }) => retained.find(({ after_s }) => after_s === after)?.edit_ratio ?? []);
    const share = (of: number) => (ratios.length === 0 ? null : of / ratios.length);
    return {
      [`measured_${after}s`]: ratios.length,
      [`kept_${after}s`]: share(ratios.filter((ratio) => ratio <= 0.5).length),
      [`edit_ratio_${after}s`]: share(sum(ratios)),
    };
  });
  return Object.assign({}, ...columns, {
    taken: taken.length,
    checked: looks.length,
    unresolved_identifiers,
    unresolved_imports,
    unresolved_per_checked: looks.length === 0 ? null : (unresolved_identifiers + unresolved_imports) / looks.length,
  }) as object;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
