import type { CompletionEvent, CompletionTimings } from '@ghostline/engine';
import type { RequestRecord } from '@ghostline/telemetry';
import type { TraceContext } from './traceparent.ts';

/** What the gateway does itself before the engine is asked; each lasts until the next one begins. */
export type Stage = 'authenticate' | 'limit' | 'read';

/** One finished span. Times are milliseconds since 1970. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  readonly context: TraceContext;
  readonly parent: (TraceContext & { readonly remote: boolean }) | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean | string[]>>;
  /** What went wrong, by class. */
  readonly error: string | undefined;
}

/** How a completion was answered, in times of one clock (milliseconds). */
export interface Answered {
  readonly beganMs: number;
  readonly endedMs: number;
  /** Absent when it ended before there was a first text. */
  readonly start: Extract<CompletionEvent, { type: 'start' }> | undefined;
  readonly row: RequestRecord;
  readonly streaming: boolean;
  /** The class of the failure; undefined also when it was cancelled, which is how most of them end. */
  readonly error: string | undefined;
}

/** All that is known about one traced request. */
export interface TracedRequest {
  readonly context: TraceContext;
  readonly parent: TraceContext | undefined;
  /** The span that the endpoint was told about. */
  readonly inferenceSpanId: string;
  readonly requestId: string;
  readonly path: string;
  readonly status: number;
  /** The name of the problem that it was answered with. */
  readonly problem: string | undefined;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly stages: readonly { readonly name: Stage; readonly atMs: number }[];
  readonly answered: Answered | undefined;
  /** Only when the operator wants names in traces. */
  readonly user: { readonly org: string; readonly team: string; readonly user: string } | undefined;
}

export interface SpanOptions {
  /** Milliseconds from the request's clock to 1970's. */
  readonly epochMs: number;
  readonly newSpanId: () => string;
  /** `gen_ai.provider.name` of an endpoint. */
  readonly providerOf: (endpoint: string) => string;
}

/**
 * The spans of one request, made at its end from times that were taken anyway. Attribute names are those of OpenTelemetry's
 * HTTP conventions and GenAI conventions (semantic-conventions-genai, `gen_ai.inference.client`); what is about Ghostline
 * alone is under `ghostline.`. Nothing of a prompt or an answer is among them.
 */
export function toSpans(request: TracedRequest, { epochMs, newSpanId, providerOf }: SpanOptions): SpanRecord[] {
  const { context, parent, answered, stages, user } = request;
  const child = (
    name: string,
    startMs: number,
    endMs: number,
    more: Partial<Pick<SpanRecord, 'kind' | 'context' | 'attributes' | 'error'>> = {},
  ): SpanRecord => ({
    name,
    kind: 'internal',
    context: { ...context, spanId: newSpanId() },
    parent: { ...context, remote: false },
    startMs: epochMs + startMs,
    endMs: epochMs + Math.max(startMs, endMs),
    attributes: {},
    error: undefined,
    ...more,
  });

  const stagesEndMs = answered?.beganMs ?? request.endedMs;
  const failed = request.status >= 500 ? (request.problem ?? String(request.status)) : answered?.error;
  return [
    {
      name: `POST ${request.path}`,
      kind: 'server',
      context,
      parent: parent && { ...parent, remote: true },
      startMs: epochMs + request.beganMs,
      endMs: epochMs + request.endedMs,
      attributes: {
        'http.request.method': 'POST',
        'http.route': request.path,
        'http.response.status_code': request.status,
        'ghostline.request_id': request.requestId,
        ...(request.problem !== undefined && { 'ghostline.problem': request.problem }),
        ...(answered && {
          'ghostline.outcome': answered.row.outcome,
          'ghostline.cache': answered.row.cache,
          'ghostline.trigger': answered.row.trigger,
        }),
        ...(user && { 'enduser.id': user.user, 'ghostline.organisation': user.org, 'ghostline.team': user.team }),
      },
      error: failed,
    },
    ...stages.map(({ name, atMs }, index) => child(name, atMs, stages[index + 1]?.atMs ?? stagesEndMs)),
    ...(answered ? engineSpans(answered) : []),
  ];

  function engineSpans({ start, row, beganMs, endedMs, streaming, error }: Answered): SpanRecord[] {
    const timings: Omit<CompletionTimings, 'totalMs'> | undefined = start?.timings;
    // It ended before anything was said about it: all that is known is who failed, if somebody did.
    if (!timings) return error === undefined ? [] : [inferenceSpan(beganMs, endedMs, { row, streaming, error })];
    const builtAt = beganMs + timings.promptMs;
    const askedAt = builtAt + timings.cacheMs + timings.queueMs;
    const spokeAt = Math.max(askedAt, beganMs + timings.firstTokenMs);
    const asked = row.cache === 'miss' && row.endpoint !== 'none';
    return [
      child('prompt', beganMs, builtAt),
      child('cache', builtAt, builtAt + timings.cacheMs, { attributes: { 'ghostline.cache': row.cache } }),
      ...(asked
        ? [
            child('queue', builtAt + timings.cacheMs, askedAt),
            inferenceSpan(askedAt, endedMs, { row, streaming, error, firstTokenMs: spokeAt - askedAt }),
          ]
        : []),
      child('stream', spokeAt, endedMs),
    ];
  }

  function inferenceSpan(
    startMs: number,
    endMs: number,
    about: Pick<Answered, 'row' | 'streaming' | 'error'> & { readonly firstTokenMs?: number },
  ): SpanRecord {
    const { row, streaming, error, firstTokenMs } = about;
    return child(`text_completion ${row.model}`, startMs, endMs, {
      kind: 'client',
      context: { ...context, spanId: request.inferenceSpanId },
      attributes: {
        'gen_ai.operation.name': 'text_completion',
        'gen_ai.provider.name': providerOf(row.endpoint),
        'gen_ai.request.model': row.model,
        'gen_ai.response.model': row.model,
        'gen_ai.response.id': row.completionId,
        'gen_ai.output.type': 'text',
        // Upstream is always asked for a stream; whether the caller wanted one is about the caller.
        'gen_ai.request.stream': true,
        ...(firstTokenMs !== undefined && {
          'gen_ai.response.time_to_first_chunk': firstTokenMs / 1000,
          'gen_ai.usage.input_tokens': row.promptTokens,
          'gen_ai.usage.output_tokens': row.completionTokens,
          'gen_ai.response.finish_reasons': [row.outcome],
        }),
        'ghostline.endpoint': row.endpoint,
        'ghostline.region': row.region,
        'ghostline.streamed': streaming,
        ...(error !== undefined && { 'error.type': error }),
      },
      error,
    });
  }
}
