import { guardedAgent } from '@ghostline/outgoing';
import { type HrTime, type SpanContext, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { SpanRecord } from './spans.ts';
import type { TraceContext } from './traceparent.ts';

export interface OtlpOptions {
  /** The receiver's base URL, to which `/v1/traces` is added unless it is there. */
  readonly url: string;
  readonly allowPrivate?: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly region: string;
  /** Tells gateways apart. */
  readonly instance: string;
  /** Called once when the receiver goes away, and once when it is back. */
  readonly onState: (state: { readonly ok: true } | { readonly ok: false; readonly reason: string }) => void;
  readonly delayMs?: number;
}

export interface SpanSink {
  emit(spans: readonly SpanRecord[]): void;
  /** Sends what waits; resolves also when nobody takes it. */
  close(): Promise<void>;
}

/** About 300 requests: at 1 % of 6,000 requests a second, what comes in the 5 s between two batches. Beyond it, spans are dropped. */
const MAX_QUEUE = 3_000;
const MAX_BATCH = 512;
/** One that does not take a batch in this time will not take the next either; the end of the process waits no longer. */
const EXPORT_TIMEOUT_MS = 2_000;

/** Spans on their way to an OpenTelemetry receiver, in batches over OTLP/HTTP; a receiver that is away costs memory for one queue. */
export function createOtlpSink(options: OtlpOptions): SpanSink {
  const { url, allowPrivate = true, headers, version, region, instance, onState, delayMs = 5_000 } = options;
  const exporter = new OTLPTraceExporter({
    url: tracesUrl(url),
    headers: { ...headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
    httpAgentOptions: () => guardedAgent(url, { allowPrivate }),
    concurrencyLimit: 4,
  });
  const processor = new BatchSpanProcessor({
    exporter: reporting(exporter, onState),
    maxQueueSize: MAX_QUEUE,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: delayMs,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS * 2,
  });
  const common: Pick<ReadableSpan, 'resource' | 'instrumentationScope'> = {
    resource: resourceFromAttributes({
      'service.name': 'ghostline-gateway',
      'service.version': version,
      'service.instance.id': instance,
      'ghostline.region': region,
    }),
    instrumentationScope: { name: 'ghostline', version },
  };
  return {
    emit(spans) {
      for (const span of spans) processor.onEnd(readable(span, common));
    },
    close: () => processor.shutdown().catch(() => {}),
  };
}

function tracesUrl(url: string): string {
  const base = url.replace(/\/+$/, '');
  return base.endsWith('/v1/traces') ? base : `${base}/v1/traces`;
}

/** An exporter that says when its receiver goes away and comes back, and to its caller that all is well: what is lost is lost. */
function reporting(exporter: SpanExporter, onState: OtlpOptions['onState']): SpanExporter {
  let away = false;
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        const ok = code === ExportResultCode.SUCCESS;
        if (ok && away) onState({ ok });
        if (!ok && !away) onState({ ok: false, reason: error?.message || (error?.name ?? 'refused') });
        away = !ok;
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

function readable(span: SpanRecord, common: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>): ReadableSpan {
  const { name, kind, context, parent, startMs, endMs, attributes, error } = span;
  const own = spanContext(context);
  return {
    ...common,
    name,
    kind: KINDS[kind],
    spanContext: () => own,
    ...(parent && { parentSpanContext: { ...spanContext(parent), isRemote: parent.remote } }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: { ...attributes },
    links: [],
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function spanContext({ traceId, spanId }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
