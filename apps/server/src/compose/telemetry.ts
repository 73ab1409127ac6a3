import { hostname } from 'node:os';
import path from 'node:path';
import type { ComponentState } from '@ghostline/protocol';
import {
  type AnalyticsStore,
  type EventLog,
  createClickHouseStore,
  createForwarder,
  openEventLog,
} from '@ghostline/telemetry';
import type { Logger } from 'pino';
import { ConfigError, type Settings } from '../config/index.ts';
import { type RequestRowQueue, createRequestRowQueue } from '../gateway/request-row-queue.ts';
import { type Metrics, sampledGauge } from '../metrics/index.ts';
import { reasonOf } from '../reason-of.ts';
import type { AnalyticsConnection } from './analytics.ts';
import type { Installation } from './installation.ts';

/** Events and rows about requests on their way: event log on disk → analytics store. */
export interface Telemetry {
  readonly eventLog: EventLog;
  readonly store: AnalyticsStore;
  /** A row about an answered request. */
  readonly record: RequestRowQueue['add'];
  /** Something was appended to the log. */
  readonly notify: () => void;
  states(): Record<'event_log' | 'analytics', ComponentState>;
  /** Delivers what it can; the rest is delivered by the next start. */
  close(): Promise<void>;
}

/** For what is left to deliver at the end. */
const FLUSH_MS = 3_000;

export interface TelemetryOptions {
  readonly settings: Pick<Settings, 'dataDir'>;
  readonly analytics: AnalyticsConnection;
  readonly installation: Installation;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { settings, analytics, installation, metrics, log } = options;
  const store = createClickHouseStore({ client: analytics.client, killsQueries: analytics.killsQueries });
  const file = path.join(settings.dataDir, 'events.sqlite');
  const eventLog = await openEventLog({ path: file, ...installation.worker('event-log') }).catch((cause: unknown) => {
    throw new ConfigError(`--data-dir: the event log cannot be opened: ${reasonOf(cause)} (${file})`, { cause });
  });
  const forwarder = createForwarder({
    log: eventLog,
    store,
    gateway: `${hostname()}:${settings.dataDir}`,
    onError: (error, retryInMs) => {
      // While the store is starting that is no news.
      const level = analytics.state(undefined).state === 'degraded' ? 'debug' : 'warn';
      log[level]({ reason: reasonOf(error), retryInMs }, 'events wait in the log: the store does not take them');
    },
  });
  const rows = createRequestRowQueue({
    eventLog,
    notify: forwarder.notify,
    onLost: (count) => metrics.recordsLost.inc(count),
  });
  sampledGauge(
    metrics,
    'ghostline_event_log_pending',
    'Records not yet in the analytics store',
    () => eventLog.state().pending,
  );
  sampledGauge(
    metrics,
    'ghostline_event_log_lag_seconds',
    'Age of the oldest of them',
    () => forwarder.stats().lagMs / 1000,
  );
  return {
    eventLog,
    store,
    record: rows.add,
    notify: forwarder.notify,
    states() {
      const { failure } = eventLog.state();
      return {
        event_log: failure === undefined ? { state: 'ok' } : { state: 'down', detail: failure },
        analytics: analytics.state(forwarder.stats().lastError),
      };
    },
    async close() {
      await rows.flush();
      const deadline = AbortSignal.timeout(FLUSH_MS);
      await forwarder.flush(deadline).catch((error: unknown) => {
        const { pending } = eventLog.state();
        if (pending > 0) log.warn({ pending, reason: reasonOf(error) }, 'events stay in the log until the next start');
      });
      await forwarder.close(deadline);
      await eventLog.close();
    },
  };
}
