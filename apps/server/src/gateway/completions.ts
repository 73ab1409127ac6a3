import type { Principal } from '@ghostline/access';
import type { CompletionEvent, Engine } from '@ghostline/engine';
import { InferenceError } from '@ghostline/inference';
import {
  COMPLETIONS_PATH,
  type CompletionRequest,
  type CompletionResponse,
  type DoneEvent,
  EVENT_STREAM_MEDIA_TYPE,
  FinishReason,
  LIMITS,
  ProblemError,
  type StartEvent,
  type StreamEvent,
  parseCompletionRequest,
  problem,
  problemName,
} from '@ghostline/protocol';
import type { RequestRecord } from '@ghostline/telemetry';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { Logger } from 'pino';
import { whenClientLeaves } from '../http/client-gone.ts';
import { type Outgoing, openEventStream } from '../http/event-stream.ts';
import type { AppEnv } from '../http/app-env.ts';
import { toProblem } from '../http/problem-response.ts';
import { type FamiliarJson, createFamiliarJson } from '../http/familiar-json.ts';
import { readJson } from '../http/read-json.ts';
import type { Entry, Gate } from '../limits/gate.ts';
import type { Metrics } from '../metrics/index.ts';
import { TOO_LATE, abortAt, deadlineOf } from './deadline.ts';
import { openRow } from './request-row.ts';
import { serverTiming } from './server-timing.ts';
import { SUPERSEDED, createSupersede } from './supersede.ts';

/** Principals to whom `cache` says what it is, whoever made the answer. */
const SEES_CACHE = 'admin';

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

const SERVER_TIMING = 'server-timing';

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
      if (event.type === 'start' && event.timings) headers[SERVER_TIMING] = serverTiming(authMs, event.timings);
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

function toWire(event: CompletionEvent, authMs: number, { roles }: Principal): StreamEvent {
  switch (event.type) {
    case 'start': {
      const { completionId, model, region, endpoint, ownSession } = event;
      const cache = ownSession || roles.includes(SEES_CACHE) ? event.cache : 'miss';
      return { event: 'start', data: { completion_id: completionId, model, region, endpoint, cache } };
    }
    case 'delta':
      return { event: 'delta', data: { index: event.index, text: event.text } };
    case 'finish':
      return { event: 'finish', data: { index: event.index, reason: event.reason } };
    case 'done': {
      const { promptMs, cacheMs, queueMs, firstTokenMs, totalMs } = event.timings;
      const timings = {
        auth_ms: round(authMs),
        prompt_ms: round(promptMs),
        cache_ms: round(cacheMs),
        queue_ms: round(queueMs),
        first_token_ms: round(firstTokenMs),
        total_ms: round(totalMs + authMs),
      };
      return { event: 'done', data: { usage: event.usage, timings, ...(event.reason && { reason: event.reason }) } };
    }
  }
}

function emptyStart(completionId: string, region: string): StartEvent {
  return { completion_id: completionId, model: 'none', region, endpoint: 'none', cache: 'miss' };
}

function endOfCut(authMs: number, began: number, reason: DoneEvent['reason']): DoneEvent {
  const total_ms = round(performance.now() - began + authMs);
  return {
    usage: { prompt_tokens: 0, completion_tokens: 0 },
    timings: { auth_ms: round(authMs), prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms },
    ...(reason && { reason }),
  };
}

/** Microseconds are as fine as these clocks are honest. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

async function respondStreaming(
  c: Context<AppEnv>,
  outgoing: Outgoing,
  events: AsyncGenerator<StreamEvent>,
  { log, metrics }: CompletionsOptions,
): Promise<Response> {
  const first = await events.next();
  if (first.done) return c.body(null, 499 as 400);
  const stream = openEventStream(outgoing, c.get('headers'));
  await stream.send(first.value);
  try {
    for await (const event of events) {
      // As one document it becomes an error response, which is counted where all of them are.
      if (event.event === 'error') metrics.problems.inc({ problem: problemName(event.data) ?? 'internal' });
      await stream.send(event);
    }
    stream.end();
  } catch (error) {
    // `answer` throws after `start` only when the client has gone.
    log.debug({ requestId: c.var.requestId, reason: String(error) }, 'stream ended early');
    outgoing.destroy();
  }
  return RESPONSE_ALREADY_SENT;
}

async function respondWhole(c: Context<AppEnv>, events: AsyncGenerator<StreamEvent>): Promise<Response> {
  const choices: CompletionResponse['choices'] = [];
  let start: StartEvent | undefined;
  for await (const { event, data } of events) {
    if (event === 'start') start = data;
    else if (event === 'delta') choiceAt(choices, data.index).text += data.text;
    else if (event === 'finish') choiceAt(choices, data.index).finish_reason = data.reason;
    else if (event === 'error') throw new ProblemError(data);
    else if (start) {
      const { usage, timings, reason } = data;
      // A stream says the end of its first line as soon as it is there; a whole answer has no line after it.
      for (const choice of choices) choice.text = wholeText(choice);
      const body: CompletionResponse = { ...start, choices, usage, timings, ...(reason && { reason }) };
      c.header('cache-control', 'no-store');
      c.header('x-content-type-options', 'nosniff');
      return c.json(body);
    }
  }
  throw new Error('the engine ended without "done"');
}

/** Of what was filtered the last line is the one that nobody should see, as far as it had been said. */
function wholeText({ text, finish_reason: reason }: CompletionResponse['choices'][number]): string {
  return reason === 'filtered' ? text.slice(0, Math.max(0, text.lastIndexOf('\n'))) : text.replace(/\n$/, '');
}

function choiceAt(choices: CompletionResponse['choices'], index: number): CompletionResponse['choices'][number] {
  const known = choices.find((choice) => choice.index === index);
  if (known) return known;
  // Replaced by its `finish`; without one it was cut off.
  const choice = { index, text: '', finish_reason: 'time' as const };
  choices.push(choice);
  return choice;
}
