import { AddressRefusedError, type AddressRules, addressRefusal, guardedLookup } from '@ghostline/outgoing';
import { type Dispatcher, Pool } from 'undici';
import { InferenceError, type InferenceFailure } from '../errors.ts';
import type { Endpoint, EndpointEvent, InferencePrompt } from '../types.ts';
import { createChatAnswer } from './chat-answer.ts';
import { type CompletionReader, WireFault, createCompletionReader } from './completion-reader.ts';
import { createEventQueue } from './event-queue.ts';
import { type Prefill, openAiRequest } from './openai-request.ts';
import { parseRetryAfter, statusError } from './status-error.ts';

export interface OpenAiEndpointOptions extends AddressRules {
  readonly name: string;
  readonly region: string;
  /** Base URL, such as `http://127.0.0.1:8000/v1`; `/completions` is appended. */
  readonly url: string;
  /** The template the model was trained for; one that asks in messages makes this use `/chat/completions`. */
  readonly template: string;
  /** How the server takes the beginning of an answer in chat; absent: not at all. */
  readonly prefill?: Prefill | undefined;
  /** Sends vLLM's `cache_salt`, so that organisations do not share cached prefixes. Default false: others refuse it. */
  readonly cacheSalt?: boolean | undefined;
  /** What the server calls the model. */
  readonly model: string;
  readonly apiKey?: string | undefined;
  /**
   * True: HTTP/2, in clear text when the url is one of http. False: HTTP/1.1. By default whatever a https server prefers, and
   * HTTP/1.1 without TLS. Cancelling resets one stream there instead of closing a connection that has to be made anew.
   */
  readonly http2?: boolean | undefined;
  /** From sending the request to its first token. Default 5000: a cold prefill of 8,000 tokens on a small GPU. */
  readonly firstTokenTimeoutMs?: number | undefined;
  /** Between two tokens. Default 10000: slower than any model, quicker than TCP notices a dead host. */
  readonly idleTimeoutMs?: number | undefined;
  /** Resolves its name for each connection; default: the system's. */
  readonly lookup?: Parameters<typeof guardedLookup>[1];
}

/** TCP's and TLS's handshakes over the longest way round the world, with one packet lost and sent again after 1 s. */
const CONNECT_TIMEOUT_MS = 2_000;
/** Beyond it the pool opens another connection: what gets lost of one packet holds up all streams of its connection. */
const MAX_STREAMS_PER_CONNECTION = 100;
/** Error bodies are read for the name of the error only. */
const MAX_ERROR_CHARS = 16 * 1024;
/** A consumer that lags this far behind stops the socket: more than the longest sensible answer. */
const MAX_WAITING_CHARS = 64 * 1024;
/** What undici is told when an answer is no longer wanted; the consumer learns the true reason from the queue. */
const ABANDONED = new Error('the answer is no longer wanted');

/** `rest`: the answer is complete and delivered; what its connection still says is read away, so that it can be used again. */
type Phase =
  | { readonly kind: 'asked' }
  | { readonly kind: 'answering'; readonly reader: CompletionReader; readonly spoke: boolean }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly retryAfterMs: number | undefined;
      readonly body: string;
    }
  | { readonly kind: 'rest' }
  | { readonly kind: 'over' };

/**
 * An endpoint kind: any server with OpenAI's streamed `POST …/completions` (vLLM, llama.cpp, Ollama, and others). Uses
 * undici's `dispatch`: bytes are read in the socket's callback without a stream in between, and an abort is seen in every
 * phase, also while the connection is still being made. Idle connections are kept for 4 s (undici's default), less than the
 * 5 s of uvicorn and Node: no request is written to a connection that its server is closing.
 */
export function createOpenAiEndpoint(options: OpenAiEndpointOptions): Endpoint {
  const { name, region, url, firstTokenTimeoutMs = 5_000, idleTimeoutMs = 10_000 } = options;
  const base = new URL(url);
  const refusal = addressRefusal(base.hostname, options);
  if (refusal !== undefined) throw new Error(`endpoint ${name}: ${refusal}`);
  const root = base.pathname.replace(/\/+$/, '');
  // Our own timers know when a token came; undici's would count heartbeats.
  const pool = new Pool(base.origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(options, options.lookup) },
    ...protocolOptions(base, options.http2),
  });
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
  };

  function headersFor({ traceparent }: InferencePrompt): Record<string, string> {
    return traceparent === undefined ? headers : { ...headers, traceparent };
  }

  function open(prompt: InferencePrompt, signal: AbortSignal): AsyncIterable<EndpointEvent> {
    return { [Symbol.asyncIterator]: () => ask(prompt, signal) };
  }

  /** Sends the request and gives its events: dispatch → status → packets → end. */
  function ask(prompt: InferencePrompt, signal: AbortSignal): AsyncIterator<EndpointEvent, undefined> {
    let phase: Phase = { kind: 'asked' };
    let controller: Dispatcher.DispatchController | undefined;
    let flushing = false;
    const queue = createEventQueue({ onReturn: abandon, onEmpty: () => controller?.resume() });
    if (signal.aborted) {
      queue.abort(signal.reason);
      return queue;
    }
    const request = openAiRequest(prompt, options);
    const chat = request.chat && createChatAnswer(request.chat, prompt.sampling.candidates, emit);
    const path = root + request.path + base.search;
    signal.addEventListener('abort', onAbort);
    let timer = setTimeout(onTimeout, firstTokenTimeoutMs);
    pool.dispatch(
      { path, method: 'POST', headers: headersFor(prompt), body: request.body },
      {
        onRequestStart(started) {
          controller = started;
          if (phase.kind === 'over') started.abort(ABANDONED);
        },
        onResponseStart: (_, status, answerHeaders) => onHeaders(status, answerHeaders),
        onResponseData: (_, bytes) => onBytes(bytes),
        onResponseEnd: () => onEnd(),
        onResponseError: (_, error) => onConnectionLost(error),
      },
    );
    return queue;

    function onHeaders(status: number, answerHeaders: Record<string, string | string[] | undefined>) {
      // An interim answer, such as 103: the real one follows.
      if (status < 200) return;
      if (status !== 200) {
        const retryAfterMs = parseRetryAfter(answerHeaders['retry-after'], Date.now());
        phase = { kind: 'refused', status, retryAfterMs, body: '' };
        return;
      }
      const type = String(answerHeaders['content-type'] ?? '');
      if (!/^text\/event-stream\b/i.test(type)) {
        const shown = /^[\w.+/-]{1,64}/.exec(type)?.[0] ?? 'no content type';
        fail(
          'protocol',
          `answered ${shown} instead of an event stream; is its url the base of an OpenAI-compatible API, such as http://HOST:8000/v1?`,
        );
        return;
      }
      const { candidates } = prompt.sampling;
      const limits = {
        candidates,
        maxTokens: request.maxTokens,
        api: chat ? ('chat' as const) : ('completions' as const),
      };
      phase = { kind: 'answering', reader: createCompletionReader(limits, chat ? chat.take : emit), spoke: false };
    }

    function onBytes(bytes: Buffer) {
      if (phase.kind === 'answering') read(phase.reader, bytes);
      else if (phase.kind === 'refused') {
        phase = { ...phase, body: phase.body + bytes.toString('latin1') };
        if (phase.body.length > MAX_ERROR_CHARS) refuse();
      }
    }

    function onEnd() {
      if (phase.kind === 'answering') read(phase.reader, undefined);
      else if (phase.kind === 'refused') refuse();
      settle();
    }

    /** The next bytes, or their end. */
    function read(reader: CompletionReader, bytes: Buffer | undefined) {
      try {
        if (bytes) reader.feed(bytes);
        else reader.end();
      } catch (error) {
        if (!(error instanceof WireFault)) throw error;
        const { status } = error;
        fail(status === undefined ? 'protocol' : 'status', error.message, status === undefined ? {} : { status });
        return;
      }
      if (reader.done) {
        phase = { kind: 'rest' };
        queue.end();
      } else if (chat?.complete) {
        queue.end();
        abandon();
      } else if (!flushing) {
        flushing = true;
        queueMicrotask(flush);
      }
    }

    /** After all of a packet: its tokens go on together, as a step costs the same for one token as for a line. */
    function flush() {
      flushing = false;
      if (queue.flush() > MAX_WAITING_CHARS) controller?.pause();
    }

    function emit(event: EndpointEvent) {
      if (phase.kind === 'answering' && phase.spoke) timer.refresh();
      else if (phase.kind === 'answering' && event.type === 'text') {
        phase = { ...phase, spoke: true };
        clearTimeout(timer);
        timer = setTimeout(onTimeout, idleTimeoutMs);
      }
      queue.push(event);
    }

    function onTimeout() {
      if (controller?.paused) timer.refresh();
      else if (phase.kind === 'refused') refuse();
      else if (phase.kind === 'rest') abandon();
      else if (phase.kind === 'answering' && phase.spoke)
        fail('timeout', `sent no further token for ${idleTimeoutMs} ms`);
      else fail('timeout', `sent no first token for ${firstTokenTimeoutMs} ms`);
    }

    function onAbort() {
      queue.abort(signal.reason);
      abandon();
    }

    function onConnectionLost(error: Error) {
      const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
      if (phase.kind === 'refused') refuse();
      else if (phase.kind === 'answering') fail('connect', `broke off in the middle (${code})`, { cause: error });
      // A parser's error carries the bytes it failed on: it is not passed on.
      else if (error instanceof AddressRefusedError) fail('connect', `is not asked: ${error.message}`);
      else if (code.startsWith('HPE_')) fail('protocol', `does not speak HTTP (${code}); is the url right?`);
      else
        fail('connect', `could not be reached (${code}); is the server running, and is the url right?`, {
          cause: error,
        });
      settle();
    }

    function refuse() {
      if (phase.kind !== 'refused') return;
      queue.fail(statusError({ name, ...phase }));
      abandon();
    }

    /** Whatever goes wrong once text has come is `broken`. Developers read it: it names the endpoint, not its address. */
    function fail(failure: InferenceFailure, what: string, more: { status?: number; cause?: unknown } = {}) {
      if (phase.kind !== 'asked' && phase.kind !== 'answering') return;
      const spoke = phase.kind === 'answering' && phase.spoke;
      queue.fail(new InferenceError(spoke ? 'broken' : failure, name, `endpoint ${name} ${what}`, more));
      abandon();
    }

    /** Nobody wants more of this answer: its socket must not carry on. After the answer's end that is up to the server. */
    function abandon() {
      if (phase.kind === 'over') return;
      settle();
      controller?.abort(ABANDONED);
    }

    function settle() {
      phase = { kind: 'over' };
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  return { name, region, open, close: () => pool.destroy() };
}

function protocolOptions({ protocol }: URL, http2: boolean | undefined): Pool.Options {
  // Undici offers HTTP/2 to every https server unless told otherwise.
  if (http2 === false || (http2 === undefined && protocol === 'http:')) return { allowH2: false };
  return {
    allowH2: true,
    ...(protocol === 'http:' && { useH2c: true }),
    h2Options: { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION },
  };
}
