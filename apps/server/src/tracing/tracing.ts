import { randomBytes } from 'node:crypto';
import type { CompletionEvent } from '@ghostline/engine';
import { type Answered, type SpanRecord, type Stage, toSpans } from './spans.ts';
import { type TraceContext, formatTraceparent, parseTraceparent } from './traceparent.ts';

export interface TracingOptions {
  /** Read for every request, as `users` is. Share of the requests without a trace of their own that get one, 0–1. */
  readonly sampleRatio: number;
  /** Whether spans name users. */
  readonly users: boolean;
  readonly providerOf: (endpoint: string) => string;
  /** Takes the spans of a finished request; never waited for. */
  readonly emit: (spans: readonly SpanRecord[]) => void;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly newId?: (bytes: number) => string;
}

/** The trace of one request while it is answered. */
export interface RequestTrace {
  /** The next thing the gateway does begins now. */
  stage(name: Stage): void;
  /** Takes in an event of the answer. */
  note(event: CompletionEvent): void;
  /** The engine is done with it, however that ended. */
  answered(how: Pick<Answered, 'row' | 'streaming' | 'error'> & { readonly beganMs: number }): void;
  /** The request has ended: its spans leave. */
  end(how: {
    readonly requestId: string;
    readonly path: string;
    readonly status: number;
    readonly problem: string | undefined;
    readonly user: { readonly org: string; readonly team: string; readonly user: string } | undefined;
  }): void;
}

/** What becomes of a request's place in a trace: recorded here or not, and what the endpoint is told. */
export interface Traced {
  readonly trace: RequestTrace | undefined;
  readonly traceparent: string | undefined;
}

export interface Tracing {
  begin(traceparent: string | undefined): Traced;
}

const NOT_TRACED: Traced = { trace: undefined, traceparent: undefined };

const randomId = (bytes: number) => randomBytes(bytes).toString('hex');

/**
 * Decides at the start of each request whether it is traced: as its caller decided, or one in so many. Those that are not cost
 * a comparison; those that are become spans at their end, from times that were taken anyway.
 */
export function createTracing(options: TracingOptions): Tracing {
  const { providerOf, emit } = options;
  const { now = () => performance.now(), random = Math.random, newId = randomId } = options;
  const newSpanId = () => newId(8);

  return {
    begin(header) {
      const parent = header === undefined ? undefined : parseTraceparent(header);
      if (parent ? !parent.sampled : random() >= options.sampleRatio) {
        // A trace that others record or not goes on as it came.
        return parent ? { trace: undefined, traceparent: formatTraceparent(parent) } : NOT_TRACED;
      }
      const context = { traceId: parent?.traceId ?? newId(16), spanId: newSpanId(), sampled: true };
      return record(context, parent);
    },
  };

  function record(context: TraceContext, parent: TraceContext | undefined): Traced {
    const inferenceSpanId = newSpanId();
    const beganMs = now();
    const epochMs = Date.now() - beganMs;
    const stages: { name: Stage; atMs: number }[] = [];
    let start: Answered['start'];
    let answered: Answered | undefined;
    const trace: RequestTrace = {
      stage: (name) => stages.push({ name, atMs: now() }),
      note(event) {
        if (event.type === 'start') start = event;
      },
      answered: (how) => (answered = { ...how, start, endedMs: now() }),
      end({ user, ...how }) {
        const about = { context, parent, inferenceSpanId, stages, answered, beganMs, endedMs: now() };
        emit(toSpans({ ...how, ...about, user: options.users ? user : undefined }, { epochMs, newSpanId, providerOf }));
      },
    };
    return { trace, traceparent: formatTraceparent({ ...context, spanId: inferenceSpanId }) };
  }
}
