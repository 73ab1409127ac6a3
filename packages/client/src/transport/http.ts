import {
  COMPLETIONS_PATH,
  type CompletionRequest,
  EVENT_STREAM_MEDIA_TYPE,
  REGIONS_PATH,
  type StreamEvent,
  TELEMETRY_PATH,
  type TelemetryEvent,
  TelemetryReceipt,
} from '@ghostline/protocol';
import { type SetTimer, realTimer } from '../timer.ts';
import type { Transport } from '../types.ts';
import { TransportError } from './error.ts';
import { readStreamEvents } from './event-stream.ts';
import { type Address, broken, mediaType, problemError, responseError, silent, unreachable } from './failures.ts';

export interface HttpTransportOptions {
  /** Base URL of the server; read for every request, as it is a setting. */
  readonly serverUrl: () => string;
  /** The API key to send, if any; asked for every request. */
  readonly token: () => Promise<string | undefined>;
  /** What the user changes to reach another server, for messages; `ghostline.serverUrl` by default. */
  readonly setting?: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly setTimer?: SetTimer;
  /**
   * Longest silence before the first byte and between bytes; the server sends comment lines on a slow stream. The default
   * of 10 s is twice what a cold 7B model takes for its first token on a CPU.
   */
  readonly silenceMs?: number;
}

/** Speaks to a Ghostline server over HTTP and SSE. Failures are `TransportError`s; aborts reject with the signal's reason. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { setting = 'ghostline.serverUrl', setTimer = realTimer, silenceMs = 10_000 } = options;

  /** Posts `body`, or gets without one, and aborts the whole exchange when nothing is heard for too long. */
  async function ask(path: string, accept: string, body: string | undefined, signal: AbortSignal): Promise<Exchange> {
    signal.throwIfAborted();
    const address: Address = { url: options.serverUrl(), setting };
    const headers: Record<string, string> = { accept };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const token = await readToken(options.token);
    if (token) headers['authorization'] = `Bearer ${token}`;
    const silence = watchSilence(silenceMs, setTimer);
    const exchange = { address, silence, signal };
    try {
      const fetch = options.fetch ?? globalThis.fetch;
      const url = resolve(address, path);
      const both = AbortSignal.any([signal, silence.signal]);
      const response = await fetch(url, {
        headers,
        signal: both,
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
      silence.heard();
      if (!response.ok) throw await responseError(response, address);
      return { ...exchange, response };
    } catch (error) {
      silence.stop();
      throw explain(error, exchange, (cause) => unreachable(address, cause));
    }
  }

  /** The abort itself, a known failure, silence, or else what `otherwise` makes of it. */
  function explain(
    error: unknown,
    exchange: Omit<Exchange, 'response'>,
    otherwise: (error: unknown) => Error,
  ): unknown {
    if (exchange.signal.aborted) return exchange.signal.reason;
    if (exchange.silence.signal.aborted) return silent(exchange.address, silenceMs);
    return error instanceof TransportError ? error : otherwise(error);
  }

  return {
    async *complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<StreamEvent, void, undefined> {
      const exchange = await ask(COMPLETIONS_PATH, EVENT_STREAM_MEDIA_TYPE, JSON.stringify(request), signal);
      const { response, address, silence } = exchange;
      try {
        if (mediaType(response) !== EVENT_STREAM_MEDIA_TYPE || !response.body) {
          throw await responseError(response, address);
        }
        for await (const event of readStreamEvents(response.body, silence.heard)) {
          signal.throwIfAborted();
          if (event.event === 'error') throw problemError(event.data);
          yield event;
          if (event.event === 'done') return;
        }
        throw broken(address, 'ended before it was done');
      } catch (error) {
        throw explain(error, exchange, (cause) => broken(address, interruption(cause), cause));
      } finally {
        silence.stop();
      }
    },

    async sendTelemetry(events: readonly TelemetryEvent[], signal: AbortSignal): Promise<TelemetryReceipt> {
      const exchange = await ask(TELEMETRY_PATH, 'application/json', JSON.stringify({ events }), signal);
      const { response, address, silence } = exchange;
      try {
        if (mediaType(response) !== 'application/json') throw await responseError(response, address);
        return TelemetryReceipt.parse(await response.json());
      } catch (error) {
        throw explain(error, exchange, (cause) => broken(address, 'is not the receipt for the events sent', cause));
      } finally {
        silence.stop();
      }
    },

    async check(signal: AbortSignal): Promise<void> {
      // Unlike the health endpoints it wants the key, too.
      const { response, address, silence } = await ask(REGIONS_PATH, 'application/json', undefined, signal);
      try {
        if (mediaType(response) !== 'application/json') throw await responseError(response, address);
        await response.body?.cancel().catch(() => undefined);
      } finally {
        silence.stop();
      }
    },
  };
}

interface Exchange {
  readonly address: Address;
  readonly silence: Silence;
  readonly signal: AbortSignal;
  readonly response: Response;
}

interface Silence {
  readonly signal: AbortSignal;
  readonly heard: () => void;
  readonly stop: () => void;
}

function watchSilence(ms: number, setTimer: SetTimer): Silence {
  const controller = new AbortController();
  let cancel = setTimer(() => controller.abort(), ms);
  return {
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
