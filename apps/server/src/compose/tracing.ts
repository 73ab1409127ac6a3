import { hostname } from 'node:os';
import process from 'node:process';
import type { Logger } from 'pino';
import type { Settings } from '../config/index.ts';
import type { Live } from '../reload/index.ts';
import { type Tracing, createTracing } from '../tracing/index.ts';
import type { Installation } from './installation.ts';

export interface TracingConnection {
  /** Undefined: nothing is traced, and no request pays for it. */
  readonly tracing: Tracing | undefined;
  close(): Promise<void>;
}

/** Where spans go is settled by a start; how many, and whether with users, follows the configuration. */
export async function connectTracing(
  settings: Live<Settings>,
  log: Logger,
  { version }: Installation,
): Promise<TracingConnection> {
  const { tracing, region } = settings.current;
  if (tracing === undefined) return { tracing, async close() {} };
  // OpenTelemetry is loaded when it is configured: nobody else pays for it.
  const { createOtlpSink } = await import('../tracing/otlp.ts');
  const { url, allowPrivate, headers } = tracing;
  const sink = createOtlpSink({
    url,
    allowPrivate,
    headers,
    version,
    region,
    instance: `${hostname()}:${process.pid}`,
    onState: (state) =>
      state.ok
        ? log.info('the receiver of traces is back')
        : log.warn({ reason: state.reason }, `traces are lost: ${new URL(url).origin} does not take them`),
  });
  // The embedded model is nobody's; all others are asked in the words of OpenAI's API.
  const isEmbedded = (endpoint: string) =>
    settings.current.models.some(({ endpoints }) =>
      endpoints.some(({ name, kind }) => name === endpoint && kind === 'ngram'),
    );
  const requests = createTracing({
    get sampleRatio() {
      return settings.current.tracing?.sampleRatio ?? 0;
    },
    get users() {
      return settings.current.tracing?.users ?? false;
    },
    providerOf: (endpoint) => (isEmbedded(endpoint) ? 'ghostline' : 'openai'),
    emit: sink.emit,
  });
  return { tracing: requests, close: sink.close };
}
