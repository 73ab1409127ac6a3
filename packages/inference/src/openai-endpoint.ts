import { StringDecoder } from 'node:string_decoder';
import { type EventSourceParser, createParser } from 'eventsource-parser';
import { type Dispatcher, Pool, errors } from 'undici';
import { InferenceError } from './errors.ts';
import type { Endpoint, EndpointEvent, InferencePrompt } from './types.ts';

export interface OpenAiEndpointOptions {
  readonly name: string;
  readonly region: string;
  /** Base URL, such as `http://127.0.0.1:8000/v1`; `/completions` is appended. */
  readonly url: string;
  /** The FIM template the model was trained for. */
  readonly template: string;
  /** What the server calls the model. */
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** From sending the request to its first token. Default 5000: a cold prefill of 8,000 tokens on a small GPU. */
  readonly firstTokenTimeoutMs?: number | undefined;
  /** Between two tokens. Default 10000: slower than any model, quicker than TCP notices a dead host. */
  readonly idleTimeoutMs?: number | undefined;
}

/** Many OpenAI-compatible servers refuse a request with more. */
const MAX_STOPS = 4;
/** A chunk of a completion has a few hundred characters; a line of this length is not one. */
const MAX_EVENT_CHARS = 256 * 1024;
/** Of an error's body, for its message. */
const MAX_ERROR_BYTES = 64 * 1024;
/** What may follow `[DONE]` and is read so that the connection can be used again. */
const MAX_TRAILER_BYTES = 16 * 1024;
/** The end of the body comes with `[DONE]` or in the next packet; a server that holds it back loses its connection. */
const TRAILER_MS = 50;

/** An endpoint kind: any server with OpenAI's streamed `POST …/completions` (vLLM, llama.cpp, Ollama, and others). */
export function createOpenAiEndpoint(options: OpenAiEndpointOptions): Endpoint {
  const { name, region, url, firstTokenTimeoutMs = 5_000, idleTimeoutMs = 10_000 } = options;
  const base = new URL(url);
  const path = `${base.pathname.replace(/\/+$/, '')}/completions${base.search}`;
  // Our own timers know when a token came; undici's would count heartbeats.
  const pool = new Pool(base.origin, { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: firstTokenTimeoutMs } });
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
  };

  async function* open(prompt: InferencePrompt, signal: AbortSignal): AsyncGenerator<EndpointEvent> {
    const watch = watchTime(name, signal, firstTokenTimeoutMs, idleTimeoutMs);
    let body: Dispatcher.ResponseData['body'] | undefined;
    let finished = false;
    try {
      const response = await pool.request({
        path,
        method: 'POST',
        headers,
        body: JSON.stringify(requestBody(prompt, options)),
        signal: watch.signal,
      });
      ({ body } = response);
      await checkResponse(response, name, base.origin);
      const reader = createChunkReader(name);
      for await (const bytes of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        const events = reader.read(bytes);
        if (events.length > 0) watch.heard();
        yield* events;
        if (reader.isDone()) {
          finished = true;
          return;
        }
      }
      reader.ended();
      finished = true;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw watch.timedOut() ?? toInferenceError(error, name, base.origin, watch.hasHeard());
    } finally {
      watch.stop();
      // What may follow the end, a few bytes as a rule, is read away so that the connection is kept; all else is cut off.
      if (finished)
        await body?.dump({ limit: MAX_TRAILER_BYTES, signal: AbortSignal.timeout(TRAILER_MS) }).catch(() => {});
      else body?.on('error', () => {}).destroy();
    }
  }

  return { name, region, open, close: () => pool.destroy() };
}

function requestBody(prompt: InferencePrompt, { template, model }: OpenAiEndpointOptions): object {
  const { text, stop } = prompt.render(template);
  const { maxTokens, candidates, temperature, singleLine } = prompt.sampling;
  const stops = singleLine && prompt.continuation === '' ? ['\n', ...stop] : stop;
  return {
    model,
    prompt: text + prompt.continuation,
    max_tokens: maxTokens,
    temperature,
    ...(candidates > 1 && { n: candidates }),
    ...(stops.length > 0 && { stop: stops.slice(0, MAX_STOPS) }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** The two deadlines as one signal that also follows the caller's. */
function watchTime(name: string, caller: AbortSignal, firstTokenMs: number, idleMs: number) {
  const controller = new AbortController();
  let timeout: InferenceError | undefined;
  let heard = false;
  const giveUp = (ms: number, what: string) => () => {
    timeout = new InferenceError(heard ? 'broken' : 'timeout', name, `endpoint ${name} sent no ${what} for ${ms} ms`);
    controller.abort(timeout);
  };
  const follow = () => controller.abort(caller.reason);
  if (caller.aborted) follow();
  else caller.addEventListener('abort', follow, { once: true });
  let timer = setTimeout(giveUp(firstTokenMs, 'first token'), firstTokenMs);
  return {
    signal: controller.signal,
    hasHeard: () => heard,
    timedOut: () => timeout,
    heard() {
      if (heard) {
        timer.refresh();
        return;
      }
      heard = true;
      clearTimeout(timer);
      timer = setTimeout(giveUp(idleMs, 'further token'), idleMs);
    },
    stop() {
      clearTimeout(timer);
      caller.removeEventListener('abort', follow);
    },
  };
}

/** Throws unless the answer is an event stream. */
async function checkResponse(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  name: string,
  origin: string,
): Promise<void> {
  const retryAfterMs = parseRetryAfter(headers['retry-after']);
  if (statusCode !== 200) {
    const said = describeError(await readStart(body));
    throw new InferenceError(
      'status',
      name,
      `endpoint ${name} (${origin}) answered ${statusCode}${said ? `: ${said}` : ''}`,
      {
        status: statusCode,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      },
    );
  }
  const type = String(headers['content-type'] ?? '');
  if (/^text\/event-stream\b/i.test(type)) return;
  const detail = `endpoint ${name} (${origin}) answered ${type || 'no content type'} instead of an event stream; is its url the base of an OpenAI-compatible API, such as http://HOST:8000/v1?`;
  throw new InferenceError('protocol', name, detail);
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * What kind of error a body tells of, in the server's own short terms. Never its message: servers quote the request there,
 * which is somebody's source code.
 */
function describeError(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    const kind = typeof error === 'object' && error !== null ? (error as { type?: unknown }).type : undefined;
    return typeof kind === 'string' && /^[\w .-]{1,60}$/.test(kind) ? kind : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds or a date, as RFC 9110 has it; in ms from now. */
function parseRetryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

interface ChunkReader {
  /** Events that these bytes complete. Throws InferenceError on what is no completion stream. */
  read(bytes: Buffer): EndpointEvent[];
  /** True after `[DONE]`. */
  isDone(): boolean;
  /** The body ended: throws unless that was to be expected. */
  ended(): void;
}

/** Bytes → SSE messages → events. Characters that chunks split are put together again, never decoded in halves. */
function createChunkReader(name: string): ChunkReader {
  const decoder = new StringDecoder('utf8');
  const ended = new Set<number>();
  let events: EndpointEvent[] = [];
  let sawText = false;
  let done = false;
  const broken = (what: string, cause?: unknown) =>
    new InferenceError(sawText ? 'broken' : 'protocol', name, `endpoint ${name} ${what}`, { cause });

  const parser: EventSourceParser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent({ data }) {
      if (done) return;
      if (data === '[DONE]') done = true;
      else take(data);
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded')
        throw broken(`sent a line of more than ${MAX_EVENT_CHARS} characters`);
    },
  });

  function take(data: string): void {
    const chunk = parseChunk(data);
    if (chunk === undefined) throw broken('sent something that is not a completion chunk');
    if (chunk.error) {
      const kind = describeError(data);
      throw broken(`reported an error in its stream${kind ? `: ${kind}` : ''}`);
    }
    for (const { index = 0, text, finish_reason: finish } of chunk.choices ?? []) {
      if (text) {
        sawText = true;
        say(index, text);
      }
      if (finish && !ended.has(index)) {
        ended.add(index);
        events.push({ type: 'end', index, reason: finish === 'length' ? 'length' : 'stop' });
      }
    }
    if (chunk.usage) {
      const { prompt_tokens: promptTokens = 0, completion_tokens: completionTokens = 0 } = chunk.usage;
      events.push({ type: 'usage', promptTokens, completionTokens });
    }
  }

  /** Tokens that came in one packet go on as one text: each step costs the same for a token as for a line. */
  function say(index: number, text: string): void {
    const last = events.at(-1);
    if (last?.type === 'text' && last.index === index) events[events.length - 1] = { ...last, text: last.text + text };
    else events.push({ type: 'text', index, text });
  }

  return {
    read(bytes) {
      events = [];
      parser.feed(decoder.write(bytes));
      return events;
    },
    isDone: () => done,
    ended() {
      if (ended.size === 0) throw broken('ended its stream without saying that it was complete');
    },
  };
}

interface Chunk {
  readonly choices?: readonly { index?: number; text?: string | null; finish_reason?: string | null }[];
  readonly usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  readonly error?: unknown;
}

/** A chunk whose fields have the right types where they are there; undefined for anything else. Runs once per token. */
function parseChunk(data: string): Chunk | undefined {
  let chunk: Chunk;
  try {
    chunk = JSON.parse(data) as Chunk;
  } catch {
    return undefined;
  }
  if (typeof chunk !== 'object' || chunk === null) return undefined;
  if (chunk.error) return chunk;
  const { choices, usage } = chunk;
  if (choices !== undefined && !(Array.isArray(choices) && choices.every(isChoice))) return undefined;
  const counts = usage ? [usage.prompt_tokens ?? 0, usage.completion_tokens ?? 0] : [];
  return (choices || usage) && counts.every((count) => Number.isSafeInteger(count) && count >= 0) ? chunk : undefined;
}

function isChoice(choice: unknown): boolean {
  if (typeof choice !== 'object' || choice === null) return false;
  const {
    index = 0,
    text = '',
    finish_reason: finish = '',
  } = choice as { index?: unknown; text?: unknown; finish_reason?: unknown };
  return (
    Number.isSafeInteger(index) &&
    (text === null || typeof text === 'string') &&
    (finish === null || typeof finish === 'string')
  );
}

function toInferenceError(error: unknown, name: string, origin: string, heard: boolean): InferenceError {
  if (error instanceof InferenceError) return error;
  const code = errorCode(error);
  if (heard)
    return new InferenceError('broken', name, `endpoint ${name} broke off in the middle (${code})`, { cause: error });
  if (error instanceof errors.HTTPParserError) {
    return new InferenceError('protocol', name, `endpoint ${name} (${origin}) does not speak HTTP (${code})`, {
      cause: error,
    });
  }
  const detail = `endpoint ${name} could not be reached at ${origin} (${code}); is the server running, and is the url right?`;
  return new InferenceError('connect', name, detail, { cause: error });
}

function errorCode(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name ?? 'unknown error');
}
