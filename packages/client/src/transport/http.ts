import {
  COMPLETIONS_PATH,
  type ClientPolicy,
  type CompletionRequest,
  DEADLINE_HEADER,
  EVENT_STREAM_MEDIA_TYPE,
  POLICY_PATH,
  REGIONS_PATH,
  type RegionsResponse,
  type StreamEvent,
  TELEMETRY_PATH,
  type TelemetryEvent,
  type TelemetryReceipt,
} from '@ghostline/protocol';
import { type SetTimer, realTimer } from '../timer.ts';
import type { Transport } from '../types.ts';
import { eventsOfDocument } from './answer-document.ts';
import { type AnswerForm, type PathState, UNKNOWN_PATH, afterNoStream, afterStream, pathAt } from './answer-form.ts';
import { TransportError } from './error.ts';
import { readStreamEvents } from './event-stream.ts';
import {
  type Address,
  PROXY_STATUSES,
  broken,
  mediaType,
  problemError,
  responseError,
  silent,
  unreachable,
} from './failures.ts';

export interface HttpTransportOptions {
  /** Base URL of the server; read for every request, as it is a setting. */
  readonly serverUrl: () => string;
  /** The API key to send, if any; asked for every request. */
  readonly token: () => Promise<string | undefined>;
  /** What the user changes to reach another server, for messages; `ghostline.serverUrl` by default. */
  readonly setting?: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly setTimer?: SetTimer;
  /** Milliseconds of a clock that is never set; `performance.now` by default. */
  readonly now?: () => number;
  /**
   * Longest silence before the first byte and between bytes; the server sends comment lines on a slow stream. The default
   * of 10 s is twice what a cold 7B model takes for its first token on a CPU.
   */
  readonly silenceMs?: number;
}

/** One server at one address: each call is one attempt. */
export interface HttpTransport extends Transport {
  policy(signal: AbortSignal): Promise<ClientPolicy>;
  /** The regions that the server names, its own included. As `check` but for what it resolves to. */
  regions(signal: AbortSignal): Promise<RegionsResponse['regions']>;
  /** Milliseconds of one exchange with the server over a connection that is open already. Sends no key. */
  probe(signal: AbortSignal): Promise<number>;
}

/**
 * A document comes when its last token has been made: the silence before it may be longer by what the server gives a
 * stream at most.
 */
const LONGEST_ANSWER_MS = 5_000;

/** Of two ways to ask whether it lives the one that touches nothing. */
const HEALTH_PATH = '/healthz';
/** The least of three is the way itself: the others waited for an editor that was busy, or for a packet sent again. */
const PROBES = 3;

/** Speaks to a Ghostline server over HTTP and SSE. Failures are `TransportError`s; aborts reject with the signal's reason. */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { setting = 'ghostline.serverUrl', setTimer = realTimer, now = () => performance.now() } = options;
  const { silenceMs = 10_000 } = options;
  /** What is between here and the server at `url`. */
  let path: { readonly url: string; readonly state: PathState } = { url: '', state: UNKNOWN_PATH };

  /** Posts `body`, or gets without one, and aborts the whole exchange when nothing is heard for too long. */
  async function ask(what: Ask, signal: AbortSignal): Promise<Exchange> {
    signal.throwIfAborted();
    const { body, patienceMs = silenceMs } = what;
    const address: Address = { url: options.serverUrl(), setting };
    const headers: Record<string, string> = { accept: what.accept };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (what.deadlineMs !== undefined) headers[DEADLINE_HEADER] = String(Math.ceil(what.deadlineMs));
    const token = what.anonymous ? undefined : await unlessAborted(readToken(options.token), signal);
    if (token) headers['authorization'] = `Bearer ${token}`;
    const silence = watchSilence(patienceMs, setTimer);
    const exchange = { address, silence, signal };
    try {
      const fetch = options.fetch ?? globalThis.fetch;
      const url = resolve(address, what.path);
      const both = AbortSignal.any([signal, silence.signal]);
      const response = await fetch(url, {
        headers,
        signal: both,
        // Whoever answers for the server must not send code and key on to somebody else.
        redirect: 'error',
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
      silence.heard();
      if (!response.ok && !what.anyStatus) throw await responseError(response, address);
      return { ...exchange, response };
    } catch (error) {
      silence.stop();
      throw explain(error, exchange, (cause) => unreachable(address, cause));
    }
  }

  function pathTo(url: string): PathState {
    return path.url === url ? pathAt(path.state, now()) : UNKNOWN_PATH;
  }

  /**
   * The events of one answer, in whatever form it comes: some rewrite what is asked for. False when no event came, and the
   * answer was somebody's on the way rather than the server's.
   */
  async function* answer(
    body: string,
    form: AnswerForm,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, boolean, undefined> {
    const [accept, patienceMs] =
      form === 'stream' ? [EVENT_STREAM_MEDIA_TYPE, silenceMs] : ['application/json', silenceMs + LONGEST_ANSWER_MS];
    // Where a proxy hides that we have left, the server knows when we would have.
    const deadlineMs = silenceMs + LONGEST_ANSWER_MS;
    const exchange = await ask({ path: COMPLETIONS_PATH, accept, body, patienceMs, deadlineMs }, signal);
    const { response, address, silence } = exchange;
    if (mediaType(response) === 'application/json') {
      yield* documentEvents(exchange);
      return true;
    }
    let firstAt: number | undefined;
    try {
      if (mediaType(response) !== EVENT_STREAM_MEDIA_TYPE || !response.body) {
        if (form === 'document' || !STRIPPED_TYPES.has(mediaType(response))) {
          throw await responseError(response, address);
        }
        await response.body?.cancel().catch(() => undefined);
        return false;
      }
      for await (const event of readStreamEvents(response.body, silence.heard)) {
        signal.throwIfAborted();
        firstAt ??= now();
        if (event.event === 'error') throw problemError(event.data);
        if (event.event === 'done') {
          const { auth_ms, first_token_ms, total_ms } = event.data.timings;
          const spread = { madeInMs: total_ms - auth_ms - first_token_ms, cameInMs: now() - firstAt };
          path = { url: address.url, state: afterStream(pathTo(address.url), spread, now()) };
        }
        yield event;
        if (event.event === 'done') return true;
      }
      if (firstAt === undefined && !silence.signal.aborted && !signal.aborted) return false;
      throw broken(address, 'ended before it was done');
    } catch (error) {
      throw explain(error, exchange, (cause) => broken(address, interruption(cause), cause));
    } finally {
      silence.stop();
    }
  }

  async function regions(signal: AbortSignal): Promise<RegionsResponse['regions']> {
    // Unlike the health endpoints it wants the key, too.
    const exchange = await ask({ path: REGIONS_PATH, accept: 'application/json' }, signal);
    return read(exchange, listIn, (address, cause) => broken(address, 'is not a list of regions', cause));
  }

  return {
    async *complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<StreamEvent, void, undefined> {
      const body = JSON.stringify(request);
      const url = options.serverUrl();
      const { form } = pathTo(url);
      if (yield* answer(body, form, signal)) return;
      if (form === 'stream') {
        path = { url, state: afterNoStream(pathTo(url), now()) };
        if (yield* answer(body, 'document', signal)) return;
      }
      throw broken({ url, setting }, 'ended before it began');
    },

    async sendTelemetry(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<TelemetryReceipt> {
      const body = JSON.stringify({ events });
      const exchange = await ask({ path: TELEMETRY_PATH, accept: 'application/json', body }, signal);
      return read(
        exchange,
        async (receipt) => (await import('../schemas.ts')).TelemetryReceipt.parse(receipt),
        (address, cause) => broken(address, 'is not the receipt for the events sent', cause),
      );
    },

    async policy(signal: AbortSignal): Promise<ClientPolicy> {
      const exchange = await ask({ path: POLICY_PATH, accept: 'application/json' }, signal);
      return read(
        exchange,
        async (policy) => (await import('../schemas.ts')).ClientPolicy.parse(policy),
        (address, cause) => broken(address, 'is not a policy', cause),
      );
    },

    async check(signal: AbortSignal): Promise<void> {
      await regions(signal);
    },

    regions,

    async probe(signal: AbortSignal): Promise<number> {
      // The first exchange opens the connection, which later completions find open.
      await exchangeMs(signal);
      let leastMs = Number.POSITIVE_INFINITY;
      for (let times = 0; times < PROBES; times++) leastMs = Math.min(leastMs, await exchangeMs(signal));
      return leastMs;
    },
  };

  async function exchangeMs(signal: AbortSignal): Promise<number> {
    const began = now();
    // Any answer tells the distance: a proxy in front may keep health to itself.
    const what: Ask = { path: HEALTH_PATH, accept: '*/*', anonymous: true, anyStatus: true };
    const exchange = await ask(what, signal);
    const { response, address, silence } = exchange;
    try {
      if (PROXY_STATUSES.has(response.status)) throw await responseError(response, address);
      await response.arrayBuffer();
      return now() - began;
    } catch (error) {
      throw explain(error, exchange, (cause) => unreachable(address, cause));
    } finally {
      silence.stop();
    }
  }
}

/** The events of an answer that is one document. Ends as soon as the signal is aborted. */
async function* documentEvents(exchange: Exchange): AsyncGenerator<StreamEvent, void, undefined> {
  const events = await read(exchange, eventsOfDocument, (address, cause) =>
    broken(address, 'is not a whole completion', cause),
  );
  for (const event of events) {
    exchange.signal.throwIfAborted();
    yield event;
  }
}

/** A server that lists its regions in a way not known yet is there all the same. */
async function listIn(body: unknown): Promise<RegionsResponse['regions']> {
  const schemas = await import('../schemas.ts');
  return schemas.RegionsResponse.safeParse(body).data?.regions ?? [];
}

/** What a stream is called after somebody has looked into it and understood nothing. */
const STRIPPED_TYPES: ReadonlySet<string> = new Set([
  '',
  'text/plain',
  'application/octet-stream',
  EVENT_STREAM_MEDIA_TYPE,
]);

interface Ask {
  readonly path: string;
  readonly accept: string;
  readonly body?: string;
  /** Without the key. */
  readonly anonymous?: boolean;
  /** Every answer is one. */
  readonly anyStatus?: boolean;
  readonly patienceMs?: number;
  /** The longest that the whole exchange is waited for, as far as the server need know. */
  readonly deadlineMs?: number;
}

interface Exchange {
  readonly address: Address;
  readonly silence: Silence;
  readonly signal: AbortSignal;
  readonly response: Response;
}

/** The abort itself, a known failure, silence, or else what `otherwise` makes of it. */
function explain(error: unknown, exchange: Omit<Exchange, 'response'>, otherwise: (error: unknown) => Error): unknown {
  if (exchange.signal.aborted) return exchange.signal.reason;
  if (exchange.silence.signal.aborted) return silent(exchange.address, exchange.silence.ms);
  return error instanceof TransportError ? error : otherwise(error);
}

/** The JSON body of an answer. */
async function read<T>(
  exchange: Exchange,
  parse: (body: unknown) => Promise<T>,
  otherwise: (address: Address, cause: unknown) => Error,
): Promise<T> {
  const { response, address, silence, signal } = exchange;
  try {
    if (mediaType(response) !== 'application/json') throw await responseError(response, address);
    const parsed = await parse(await response.json());
    signal.throwIfAborted();
    return parsed;
  } catch (error) {
    throw explain(error, exchange, (cause) => otherwise(address, cause));
  } finally {
    silence.stop();
  }
}

interface Silence {
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly heard: () => void;
  readonly stop: () => void;
}

function watchSilence(ms: number, setTimer: SetTimer): Silence {
  const controller = new AbortController();
  let cancel = setTimer(() => controller.abort(), ms);
  return {
    ms,
    signal: controller.signal,
    heard() {
      cancel();
      cancel = setTimer(() => controller.abort(), ms);
    },
    stop: () => cancel(),
  };
}

/** A malformed event names what is malformed; anything else broke on the way. */
function interruption(cause: unknown): string {
  return cause instanceof TypeError && cause.message.startsWith('stream event')
    ? `is malformed: ${cause.message}`
    : 'broke off';
}

/** `path` below the server's URL, which may itself have a path when a proxy mounts the server under one. */
function resolve({ url, setting }: Address, path: string): string {
  const base = URL.parse(url.endsWith('/') ? url : `${url}/`);
  if (base?.protocol === 'http:' || base?.protocol === 'https:') return new URL(path.slice(1), base).href;
  const detail = `"${url}" is not an http(s) URL. Set ${setting} to one such as http://127.0.0.1:4700.`;
  throw new TransportError({ reason: 'unreachable', detail, retryable: false });
}

async function readToken(token: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await token();
  } catch (cause) {
    const detail = 'The stored API key could not be read. Set it again.';
    throw new TransportError({ reason: 'unauthenticated', detail, retryable: false }, { cause });
  }
}

/** `work`, or the signal's reason as soon as it is aborted: a keyring may wait for its user. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((fulfil, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    work.then(fulfil, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
