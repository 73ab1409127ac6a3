import type { Engine } from '@ghostline/engine';
import { InferenceError } from '@ghostline/inference';
import {
  COMPLETIONS_PATH,
  type CompletionRequest,
  EVENT_STREAM_MEDIA_TYPE,
  FinishReason,
  LIMITS,
  ProblemError,
  type StreamEvent,
  parseCompletionRequest,
  problem,
  problemName,
} from '@ghostline/protocol';
import type { RequestRecord } from '@ghostline/telemetry';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import type { AppEnv } from '../http/app-env.ts';
import { whenClientLeaves } from '../http/client-gone.ts';
import { type FamiliarJson, createFamiliarJson } from '../http/familiar-json.ts';
import { toProblem } from '../http/problem-response.ts';
import { readJson } from '../http/read-json.ts';
import type { Entry, Gate } from '../limits/gate.ts';
import type { Metrics } from '../metrics/index.ts';
import { TOO_LATE, abortAt, deadlineOf } from './deadline.ts';
import { openRow } from './request-row.ts';
import { respondStreaming, respondWhole } from './respond.ts';
import { serverTiming } from './server-timing.ts';
import { SUPERSEDED, createSupersede } from './supersede.ts';
import { emptyStart, endOfCut, toWire } from './wire-events.ts';

export interface CompletionsOptions {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly region: string;
  readonly newCompletionId: (org: string) => string;
  /** Takes the row about a finished request; never waited for. */
  readonly record: (row: RequestRecord) => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The abort reason when the client closed its connection. */
const CLIENT_GONE = Symbol('client closed the connection');

/** Why we end an answer before its end, and how that is told. */
const CUTS: ReadonlyMap<unknown, 'superseded' | 'deadline'> = new Map<unknown, 'superseded' | 'deadline'>([
  [SUPERSEDED, 'superseded'],
  [TOO_LATE, 'deadline'],
]);

/** `POST /v1/code/completions`: read → validate → answer as a stream or as one document. */
export function completionRoutes(options: CompletionsOptions): Hono<AppEnv> {
  const supersede = createSupersede();
  const json = createFamiliarJson({ growing: 'prefix' });
  return new Hono<AppEnv>().post(COMPLETIONS_PATH, async (c) => {
    const deadlineAt = deadlineOf(c);
    const streaming = wantsStream(c.req.header('accept'));
    options.gate.glance(c);
    const request = await readRequest(c, json).catch(async (error: unknown) => {
      if (error instanceof ProblemError) await options.gate.enterMalformed(c);
      throw error;
    });
    const abort = new AbortController();
    watchClient(c, abort);
    const [principal, requestId, headers] = [c.get('principal'), c.get('requestId'), c.get('headers')];
    const [authMs, trace, traceparent] = [c.get('authMs'), c.get('trace'), c.get('traceparent')];
    const owner = `${principal.org}\n${principal.user}`;
    const leave = supersede.enter(owner, request, () => abort.abort(SUPERSEDED));
    if (!leave) abort.abort(SUPERSEDED);
    const inTime = abortAt(deadlineAt, abort);
    let entry: Entry | undefined;
    try {
      const entering = options.gate.enter(c, request);
      entry = entering instanceof Promise ? await entering : entering;
      const events = answer(
        request,
        { principal, authMs, requestId, headers, trace, traceparent, streaming, deadlineAt, entry },
        abort.signal,
        options,
      );
      if (streaming && c.env?.outgoing) return await respondStreaming(c, c.env.outgoing, events, options);
      return await respondWhole(c, events);
    } catch (error) {
      // Nobody is there to read an answer; the route must still return one.
      if (abort.signal.reason === CLIENT_GONE) return c.body(null, 499 as 400);
      throw error;
    } finally {
      // An answer that was never begun has used nothing; one that was has settled.
      if (entry && entry !== 'shed') entry.settle({ tokens: 0, cost: 0 });
      leave?.();
      inTime();
    }
  });
}

/** Throws ProblemError for what is no completion request. */
async function readRequest(c: Context<AppEnv>, json: FamiliarJson): Promise<CompletionRequest> {
  const { org } = c.get('principal');
  const body = await readJson(c, LIMITS.completionBodyBytes, (bytes) => json.parse(bytes, org));
  const parsed = parseCompletionRequest(body);
  if (!parsed.ok) throw new ProblemError(parsed.problem);
  return parsed.value;
}

function wantsStream(accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return false;
  if (accept.toLowerCase().includes(EVENT_STREAM_MEDIA_TYPE)) return true;
  if (/application\/(?:json|\*)|\*\/\*/i.test(accept)) return false;
  throw new ProblemError(
    problem('not-acceptable', `Accept must allow ${EVENT_STREAM_MEDIA_TYPE} or application/json.`),
  );
}

function watchClient(c: Context<AppEnv>, abort: AbortController): void {
  const outgoing = c.env?.outgoing;
  const gone = () => abort.abort(CLIENT_GONE);
  if (!outgoing) {
    c.req.raw.signal.addEventListener('abort', gone, { once: true });
    return;
  }
  whenClientLeaves(outgoing, gone);
}

/**
 * The engine's events as wire events, and whatever happens, one row and one count about the request at its end. Throws only
 * before `start`, or when the client has gone; later failures become an `error` event.
 */
async function* answer(
  request: CompletionRequest,
  about: Pick<AppEnv['Variables'], 'principal' | 'authMs' | 'requestId' | 'headers'> &
    TraceOfRequest & { readonly deadlineAt: number | undefined; readonly entry: Entry },
  signal: AbortSignal,
  { engine, gate, region, newCompletionId, record, metrics, log }: CompletionsOptions,
): AsyncGenerator<StreamEvent> {
  const { principal, authMs, requestId, headers, trace, traceparent, streaming, deadlineAt, entry } = about;
  const began = performance.now();
  const row = openRow(request, principal, region);
  let failure: string | undefined;
  metrics.inFlight.inc();
  try {
    if (entry === 'shed') {
      row.endedBy('shed');
      yield { event: 'start', data: emptyStart(newCompletionId(principal.org), region) };
      yield { event: 'done', data: endOfCut(authMs, began, 'shed') };
      return;
    }
    const how = { traceparent, deadlineAt, spend: entry.spend, onBill: row.billed };
    for await (const event of engine.complete(request, principal, signal, how)) {
      row.note(event);
      trace?.note(event);
      if (event.type === 'start' && event.timings) headers['server-timing'] = serverTiming(authMs, event.timings);
      yield toWire(event, authMs, principal);
    }
  } catch (error) {
    const cutBy = CUTS.get(signal.reason);
    if (cutBy) {
      if (!row.started) yield { event: 'start', data: emptyStart(newCompletionId(principal.org), region) };
      const cut = row.openIndexes();
      // Text that was cut off says so: nobody must take it for a whole answer.
      for (const index of cut) yield { event: 'finish', data: { index, reason: 'time' } };
      row.endedBy(cutBy === 'deadline' && cut.length > 0 ? 'time' : cutBy);
      yield { event: 'done', data: endOfCut(authMs, began, cut.length === 0 ? cutBy : undefined) };
      return;
    }
    row.endedBy(signal.aborted ? 'cancelled' : 'error');
    if (!signal.aborted) failure = failureClass(error);
    if (!row.started || signal.aborted) throw error;
    yield { event: 'error', data: toProblem(error, requestId, log) };
  } finally {
    metrics.inFlight.dec();
    const closed = row.close(() => newCompletionId(principal.org));
    if (entry !== 'shed') gate.leave(entry, closed);
    trace?.answered({ row: closed, streaming, beganMs: began, error: failure });
    count(closed, metrics);
    record(closed);
    if (log.isLevelEnabled('debug')) log.debug(aboutAnswer(closed, requestId), 'completion');
  }
}

/** One line per finished request, for whoever asks for `debug`: numbers and names of ours. */
function aboutAnswer(
  { completionId, model, endpoint, cache, outcome, firstTokenMs, totalMs }: RequestRecord,
  requestId: string,
) {
  return { requestId, completionId, model, endpoint, cache, outcome, firstTokenMs, totalMs };
}

interface TraceOfRequest {
  readonly trace: AppEnv['Variables']['trace'] | undefined;
  readonly traceparent: string | undefined;
  readonly streaming: boolean;
}

/** What kind of failure it was, for traces: a word of ours, never a message. */
function failureClass(error: unknown): string {
  if (error instanceof InferenceError) return error.failure;
  return (error instanceof ProblemError && problemName(error.problem)) || 'internal';
}

function count(row: RequestRecord, { completions, firstToken, tokens }: Metrics): void {
  const { model, cache, outcome, promptTokens, completionTokens } = row;
  completions.inc({ model, outcome, cache });
  if (isSpoken(outcome)) firstToken.observe({ model, cache }, row.firstTokenMs / 1000);
  tokens.inc({ model, kind: 'prompt' }, promptTokens);
  tokens.inc({ model, kind: 'completion' }, completionTokens);
}

const SPOKEN: ReadonlySet<string> = new Set(FinishReason.options);

/** Whether an answer with this outcome had a first token. */
function isSpoken(outcome: RequestRecord['outcome']): boolean {
  return SPOKEN.has(outcome);
}
