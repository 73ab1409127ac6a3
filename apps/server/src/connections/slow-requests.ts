import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import type {
  Http2SecureServer,
  Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  ServerHttp2Stream,
} from 'node:http2';

/** How long clients may take, and how much they may open. */
export interface RequestLimits {
  /** For the headers of a request, and for the handshake of a connection, in milliseconds. */
  readonly headersMs: number;
  /** For a whole request, its body included. */
  readonly requestMs: number;
  /** Over HTTP/2: for the next piece of an answer to be taken. */
  readonly answerMs: number;
  readonly headerBytes: number;
  readonly connections: number;
}

/**
 * Editors send 30 KB, at once; 384 KiB, the most there is, takes 30 s at 100 kbit/s. Headers are a kilobyte with a token of an
 * OIDC issuer, some of which list every group of a user. A report may take half a minute, of
 * which nothing goes out meanwhile. Ten thousand connections are as many editors, in 20 files each.
 */
export const REQUEST_LIMITS: RequestLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 60_000,
  headerBytes: 16 * 1024,
  connections: 10_000,
};

/** How often what is late is looked for; Node's own 30 s would make the limits above a minute. */
export const CHECK_EVERY_MS = 1_000;

/**
 * Ends streams of HTTP/2 whose request is not whole in time: what `requestTimeout` is for HTTP/1, which Node does not have here.
 * One byte every few seconds would otherwise hold a stream, and what has come of its body, for ever.
 */
export function endSlowStreams(server: Http2Server | Http2SecureServer, { requestMs }: RequestLimits): void {
  const incomplete = new Map<ServerHttp2Stream, number>();
  server.on('stream', (stream: ServerHttp2Stream) => {
    if (stream.endAfterHeaders) return;
    incomplete.set(stream, performance.now() + requestMs);
    const complete = () => void incomplete.delete(stream);
    stream.once('end', complete);
    stream.once('close', complete);
  });
  const sweep = setInterval(
    () => {
      const now = performance.now();
      for (const [stream, endsAt] of incomplete) {
        // In the order of their arrival: the others came later.
        if (endsAt > now) return;
        incomplete.delete(stream);
        stream.close(constants.NGHTTP2_CANCEL);
      }
    },
    Math.min(CHECK_EVERY_MS, requestMs),
  );
  sweep.unref();
  server.once('close', () => clearInterval(sweep));
}

/**
 * Reads away the bodies of requests over HTTP/2 that are answered already: one that is refused by its headers has a client that
 * waits, with more of the body than the window takes, for somebody to read it. Not reset, as what is on its way then counts to
 * nghttp2 as misbehaviour of the connection, which a proxy shares among many.
 */
export function readAnsweredBodies(server: Http2Server | Http2SecureServer): void {
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.once('finish', () => stream.resume());
  });
}

type Listener = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => void;

/**
 * The same as soon as `listener` has answered, whether or not the answer goes out: of a client that takes none of it, half a
 * megabyte a stream would be kept. An answer that is not taken is dropped in the end, or a thousand streams of a connection
 * would keep theirs for as long as somebody likes. Without a body that is watched from the beginning: of a file the listener is
 * done when all is taken. A completion may be waited for longer.
 */
export function endUntakenAnswers(
  listener: (...both: Parameters<Listener>) => Promise<void>,
  { answerMs }: RequestLimits,
): Listener {
  return async (request, response) => {
    if (!('stream' in request)) return listener(request, response);
    const { stream } = request;
    const watch = () => stream.setTimeout(answerMs, () => stream.close(constants.NGHTTP2_CANCEL));
    if (stream.endAfterHeaders) {
      watch();
      return listener(request, response);
    }
    await listener(request, response);
    if (stream.destroyed) return;
    request.resume();
    watch();
  };
}

/** Refuses requests of HTTP/2 with more headers than that: the parser of HTTP/1 does it by itself, here Node takes any amount. */
export function refuseLongHeaders(listener: Listener, { headerBytes }: RequestLimits): Listener {
  return (request, response) => {
    if (request.httpVersionMajor < 2 || lengthOf(request.rawHeaders) <= headerBytes) listener(request, response);
    else {
      response.statusCode = 431;
      response.end();
    }
  };
}

function lengthOf(texts: readonly string[]): number {
  let length = 0;
  for (const text of texts) length += text.length;
  return length;
}
