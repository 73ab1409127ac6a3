import { randomUUID } from 'node:crypto';
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import type { AcceptanceRow, LatencyRow, RetentionRow } from '@ghostline/protocol';
import {
  type ReportStatement,
  acceptanceStatement,
  freshnessStatement,
  latencyStatement,
  retentionStatement,
} from './reports.ts';
import { storeTime, toRows } from './rows.ts';
import { MIGRATIONS, SCHEMA_TABLE, retentionStatements } from './schema.ts';
import type { AnalyticsStore, ReportOf } from './types.ts';

export interface ClickHouseStoreOptions {
  /** Asked for every call: the embedded store moves to another port when it had to be restarted. May throw when it is away. */
  readonly client: () => ClickHouseClient;
  /** Default 400: a year and a month, to compare with the same month of last year. */
  readonly retentionDays?: number;
  readonly now?: () => number;
  /**
   * True for a ClickHouse server, which goes on with a query whose connection was closed: it is told to stop. The embedded one sees
   * that by itself.
   */
  readonly killsQueries?: boolean;
}

/** ClickHouse's code for a table that is not there. */
const UNKNOWN_TABLE = '60';

/**
 * The analytics store in ClickHouse, or in chDB behind the same HTTP interface. The first use migrates, so nobody has to
 * wait for a store that comes up late. Metric definitions: docs/metrics.md.
 */
export function createClickHouseStore(options: ClickHouseStoreOptions): AnalyticsStore {
  const { client, retentionDays = 400, now = Date.now, killsQueries = false } = options;
  let migrated: Promise<void> | undefined;

  async function select<Row>({ query, query_params }: ReportStatement, signal?: AbortSignal): Promise<Row[]> {
    signal?.throwIfAborted();
    const query_id = randomUUID();
    try {
      const result = await client().query({
        query,
        query_params: { ...query_params },
        format: 'JSONEachRow',
        query_id,
        ...(signal && { abort_signal: signal }),
      });
      return await result.json<Row>();
    } catch (error) {
      // The server did not answer, because it was not waited for: it would go on.
      if (killsQueries && !(error instanceof ClickHouseError)) kill(query_id);
      throw signal?.aborted ? signal.reason : error;
    }
  }

  /** Whether it has ended by itself, or the server is away, is all the same. */
  function kill(id: string): void {
    const query = 'KILL QUERY WHERE query_id = {id:String} ASYNC';
    const told = async () => client().command({ query, query_params: { id } });
    told().catch(() => {});
  }

  async function insertRows(table: string, values: readonly object[]) {
    if (values.length > 0) await client().insert({ table, values, format: 'JSONEachRow' });
  }

  async function report<Row>(statement: ReportStatement, signal: AbortSignal): Promise<ReportOf<Row>> {
    // First, so that the rows hold at least what the freshness promises.
    const freshness_ms = await freshness(signal);
    return { rows: await select<Row>(statement, signal), freshness_ms };
  }

  async function freshness(signal: AbortSignal): Promise<number | null> {
    const at = now();
    const [row] = await select<{ gateways: number; complete_through_ms: number }>(freshnessStatement(at), signal);
    return row && row.gateways > 0 ? Math.max(0, at - row.complete_through_ms) : null;
  }

  async function migrate(): Promise<void> {
    await client().command({ query: SCHEMA_TABLE });
    const [applied] = await select<{ version: number; retention: number }>({
      query: 'SELECT max(version) AS version, argMax(retention_days, applied_at) AS retention FROM ghostline_schema',
      query_params: {},
    });
    const version = applied?.version ?? 0;
    if (version > MIGRATIONS.length) {
      throw new Error(
        `The analytics store has schema version ${version}, this program knows ${MIGRATIONS.length}: start the newer Ghostline that wrote it.`,
      );
    }
    for (const query of MIGRATIONS.slice(version).flat()) await client().command({ query });
    const retentionChanged = applied?.retention !== retentionDays;
    if (retentionChanged) for (const query of retentionStatements(retentionDays)) await client().command({ query });
    if (version === MIGRATIONS.length && !retentionChanged) return;
    await insertRows('ghostline_schema', [
      { version: MIGRATIONS.length, retention_days: retentionDays, applied_at: storeTime(now()) },
    ]);
  }

  async function prepared<T>(use: () => Promise<T>): Promise<T> {
    migrated ??= migrate().catch((error: unknown) => {
      migrated = undefined;
      throw error;
    });
    await migrated;
    try {
      return await use();
    } catch (error) {
      // Somebody has emptied the store.
      if (error instanceof ClickHouseError && error.code === UNKNOWN_TABLE) migrated = undefined;
      throw error;
    }
  }

  return {
    migrate,
    insert: ({ gateway, completeThrough, records }) =>
      prepared(async () => {
        const { events, requests } = toRows(gateway, records);
        await insertRows('ghostline_events', events);
        await insertRows('ghostline_requests', requests);
        // Last: the watermark is only true once the rows are there.
        await insertRows('ghostline_gateways', [
          { gateway, complete_through: storeTime(completeThrough), heard_at: storeTime(now()) },
        ]);
      }),
    acceptance: (query, scope, signal) =>
      prepared(() => report<AcceptanceRow>(acceptanceStatement(query, scope), signal)),
    latency: (query, scope, signal) => prepared(() => report<LatencyRow>(latencyStatement(query, scope), signal)),
    retention: (query, scope, signal) => prepared(() => report<RetentionRow>(retentionStatement(query, scope), signal)),
    async ping() {
      // A SELECT, not /ping: it also goes through the queue and the engine.
      const result = await client().ping({ select: true });
      if (!result.success) throw result.error;
    },
  };
}
