import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { guardedAgent } from '@ghostline/outgoing';
import type { ComponentState } from '@ghostline/protocol';
import type { Logger } from 'pino';
import { serveAnalytics, superviseAnalytics } from '../analytics/index.ts';
import { ConfigError, type Settings, childEnvironment } from '../config/index.ts';
import type { Installation } from './installation.ts';

/** The ClickHouse behind the reports: a server, or the process beside this one that embeds it. */
export interface AnalyticsConnection {
  /** Ask again for every use. Throws while there is none. */
  client(): ClickHouseClient;
  /** Whether queries that nobody waits for must be ended by name. */
  readonly killsQueries: boolean;
  /** For `/readyz`; `lastError` is what the last delivery met. */
  state(lastError: string | undefined): ComponentState;
  close(): Promise<void>;
}

/** A report over weeks of a big organisation takes seconds; more means that the store is stuck. */
const STORE_TIMEOUT_MS = 30_000;

export function connectAnalytics(settings: Settings, log: Logger, { program }: Installation): AnalyticsConnection {
  const { analytics } = settings;
  if (analytics.kind === 'clickhouse') {
    const { url, allowPrivate, database, username, password } = analytics;
    const client = createClient({
      url,
      database,
      username,
      password,
      request_timeout: STORE_TIMEOUT_MS,
      http_agent: guardedAgent(url, { allowPrivate }),
      // Callers get the error and log it in this program's own form.
      log: { level: ClickHouseLogLevel.OFF },
    });
    return {
      client: () => client,
      killsQueries: true,
      state: (lastError) => (lastError === undefined ? { state: 'ok' } : { state: 'down', detail: lastError }),
      close: () => client.close(),
    };
  }
  const token = randomBytes(32).toString('hex');
  const { dataDir, logLevel } = settings;
  const args = [program, '--role', 'analytics', '--data-dir', dataDir, '--log-level', logLevel];
  const supervised = superviseAnalytics({
    token,
    log,
    spawn: ({ port }) =>
      spawn(process.execPath, args, {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: childEnvironment({ token, port }),
      }),
  });
  return { ...supervised, killsQueries: false };
}

/** `--role analytics`, that process: owns the embedded store, speaks to its parent over loopback, and ends with it. */
export async function runAnalytics({ analytics, dataDir }: Settings): Promise<void> {
  if (analytics.kind !== 'embedded' || analytics.childToken === undefined || !process.send) {
    throw new ConfigError(
      '--role analytics is started by the gateway itself; set analytics.url to use a ClickHouse server instead.',
    );
  }
  await serveAnalytics({
    dataDir: path.join(dataDir, 'analytics'),
    token: analytics.childToken,
    port: analytics.childPort,
  });
}
