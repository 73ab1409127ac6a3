import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import type { ReportQuery } from '@ghostline/protocol';
import { type AnalyticsStore, createClickHouseStore } from '@ghostline/telemetry';
import { MIGRATIONS, eventRecord, requestRecord } from '@ghostline/telemetry/testing';
import { describeAnalyticsStore } from '@ghostline/telemetry/testing/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Analytics, startAnalytics } from './analytics.ts';

const TOKEN = 'secret-token';
const T = Date.UTC(2026, 10, 21, 9, 30);
const { signal } = new AbortController();

let folder: string;
let analytics: Analytics;
let client: ClickHouseClient;
let store: AnalyticsStore;
let now = T;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'analytics-'));
  analytics = await startAnalytics({ dataDir: path.join(folder, 'store'), token: TOKEN, port: 0 });
  client = createClient({ url: analytics.url, access_token: TOKEN });
  store = createClickHouseStore({ client: () => client, now: () => now });
  await store.migrate();
});

afterAll(async () => {
  await client.close();
  await analytics.close();
  rmSync(folder, { recursive: true, force: true });
});

describeAnalyticsStore('chDB', () => ({
  store,
  /** Merges the copies of rows away. */
  async settle() {
    for (const table of ['ghostline_events', 'ghostline_requests'])
      await client.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
  },
}));

describe('insert', () => {
  it('takes names that are not well-formed, as a refused batch would be sent for ever', async () => {
    const records = [eventRecord({ n: 1, at: T, org: 'names', user: 'a\u{D800}', team: '\0' })];
    await store.insert({ gateway: 'eu-1', completeThrough: T, records });
    const query: ReportQuery = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z', group_by: ['user', 'team'] };
    const { rows } = await store.acceptance(query, { org: 'names', minimumUsers: 1 }, signal);
    expect(rows).toEqual([expect.objectContaining({ user: 'a\u{FFFD}', team: '\0', shown: 1 })]);
  });
});

describe('freshness', () => {
  const read = async () => {
    const report = await store.acceptance(
      { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' },
      { org: 'acme', minimumUsers: 1 },
      signal,
    );
    return report.freshness_ms;
  };

  it('is null when no gateway has been heard for five minutes, and else the age of what the slowest has delivered', async () => {
    now = T + 3_600_000;
    expect(await read()).toBeNull();
    await store.insert({ gateway: 'fresh-1', completeThrough: now - 2_000, records: [] });
    await store.insert({ gateway: 'fresh-2', completeThrough: now - 10_000, records: [] });
    expect(await read()).toBe(10_000);
    now += 200_000;
    await store.insert({ gateway: 'fresh-1', completeThrough: now, records: [] });
    expect(await read()).toBe(210_000);
    now += 150_000;
    expect(await read()).toBe(150_000);
    await store.insert({ gateway: 'fresh-1', completeThrough: now, records: [] });
    expect(await read()).toBe(0);
  });
});

describe('migrate', () => {
  it('changes nothing when done again', async () => {
    const versions = () =>
      client.query({ query: 'SELECT version, retention_days FROM ghostline_schema', format: 'JSONEachRow' });
    const before = await (await versions()).json();
    await store.migrate();
    expect(await (await versions()).json()).toEqual(before);
    expect(before).toEqual([{ version: MIGRATIONS.length, retention_days: 400 }]);
  });

  it('applies another retention', async () => {
    await createClickHouseStore({ client: () => client, retentionDays: 30 }).migrate();
    const result = await client.query({
      query:
        "SELECT countIf(engine_full LIKE '%toIntervalDay(30)%') AS n FROM system.tables WHERE name IN ('ghostline_events', 'ghostline_requests')",
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([{ n: 2 }]);
  });

  it('brings a data directory of the first version up to date, and keeps what is in it', async () => {
    const query: ReportQuery = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' };
    const retained = (n: number, fields: Readonly<Record<string, unknown>>) =>
      eventRecord({ type: 'completion-retained', n, view: 1, at: T + n, org: 'first', with: fields });
    const read = async () =>
      (await createClickHouseStore({ client: () => client }).retention(query, scope, signal)).rows;
    const scope = { org: 'first', minimumUsers: 1 };
    const shown = eventRecord({ n: 1, at: T, org: 'first' });
    const accepted = eventRecord({ type: 'completion-accepted', n: 2, view: 1, at: T, org: 'first' });
    await store.insert({
      gateway: 'eu-1',
      completeThrough: T,
      records: [shown, accepted, retained(3, { edit_ratio: 0.25 })],
    });

    // Back to what the first version has written.
    const columns = ['unresolved_identifiers', 'unresolved_imports'].map((name) => `DROP COLUMN ${name}`);
    await client.command({ query: `ALTER TABLE ghostline_events ${columns.join(', ')} SETTINGS mutations_sync = 2` });
    await client.command({ query: 'TRUNCATE TABLE ghostline_schema' });
    const version = { version: 1, retention_days: 400, applied_at: '2026-11-21 00:00:00.000' };
    await client.insert({ table: 'ghostline_schema', values: [version], format: 'JSONEachRow' });

    expect(await read()).toEqual([expect.objectContaining({ taken: 1, edit_ratio_30s: 0.25, checked: 0 })]);
    const looked = retained(4, { after_s: 120, unresolved_identifiers: 0, unresolved_imports: 0 });
    await store.insert({ gateway: 'eu-1', completeThrough: T, records: [looked] });
    expect(await read()).toEqual([
      expect.objectContaining({ measured_30s: 1, measured_120s: 1, checked: 1, unresolved_per_checked: 0 }),
    ]);
  });

  it('refuses a store that a newer program wrote', async () => {
    await client.insert({
      table: 'ghostline_schema',
      values: [{ version: 9, retention_days: 400, applied_at: '2026-11-21 00:00:00.000' }],
      format: 'JSONEachRow',
    });
    await expect(store.migrate()).rejects.toThrow(`schema version 9, this program knows ${MIGRATIONS.length}`);
    await client.command({
      query: 'ALTER TABLE ghostline_schema DELETE WHERE version = 9 SETTINGS mutations_sync = 2',
    });
  });
});

describe('volume', () => {
  it('takes 100,000 events in batches, and reports on them in seconds at worst', { timeout: 60_000 }, async () => {
    const views = 75_000;
    for (let first = 0; first < views; first += 500) {
      const records = Array.from({ length: 500 }, (_, index) => {
        const view = first + index;
        const at = T + view * 1_000;
        const who = { org: 'big', user: `user-${view % 40}` };
        const shown = eventRecord({ n: view * 2, view, at, ...who, with: { latency_ms: view % 1_000 } });
        const accepted = eventRecord({ type: 'completion-accepted', n: view * 2 + 1, view, at: at + 500, ...who });
        const request = requestRecord(view, at, { ...who, model: `model-${view % 2}` });
        return view % 3 === 0 ? [request, shown, accepted] : [shown];
      }).flat();
      await store.insert({ gateway: 'eu-1', completeThrough: T, records });
    }
    const query: ReportQuery = {
      from: '2026-11-21T00:00:00Z',
      to: '2026-11-23T00:00:00Z',
      interval: 'hour',
      group_by: ['model'],
    };
    const started = performance.now();
    const { rows } = await store.acceptance(query, { org: 'big', minimumUsers: 5 }, signal);
    const reportMs = performance.now() - started;
    expect(rows.reduce((sum, { shown }) => sum + shown, 0)).toBe(views);
    expect(rows.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(views / 3);
    const latency = await store.latency({ ...query, group_by: [] }, { org: 'big', minimumUsers: 5 }, signal);
    expect(latency.rows[0]).toMatchObject({ shown: 1_800, shown_p50_ms: 450 });
    // 0.4 s on two cores; the margin is for a machine that runs everything else beside it.
    expect(reportMs).toBeLessThan(5_000);
  });
});
