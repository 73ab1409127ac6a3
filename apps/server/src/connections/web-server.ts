import { type Server as HttpServer, createServer } from 'node:http';
import {
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
  createServer as createHttp2Server,
  createSecureServer,
} from 'node:http2';
import type { Server as NetServer, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Certificate } from './certificate.ts';
import { type ProtocolSorter, createProtocolSorter } from './connection-protocol.ts';
import { type ConnectionRoomOptions, createConnectionRoom, createRefusal } from './connection-room.ts';
import {
  CHECK_EVERY_MS,
  REQUEST_LIMITS,
  type RequestLimits,
  endSlowStreams,
  endUntakenAnswers,
  readAnsweredBodies,
  refuseLongHeaders,
} from './slow-requests.ts';

export interface WebServerOptions {
  readonly fetch: Parameters<typeof getRequestListener>[0];
  /** With a certificate: HTTP/2 and HTTP/1.1, as the client chooses (ALPN). */
  readonly certificate?: Certificate | undefined;
  /** Without one: HTTP/2 with prior knowledge beside HTTP/1.1, for proxies. */
  readonly http2Cleartext?: boolean | undefined;
  readonly limits?: RequestLimits;
  /** Whose connections are counted as one's own, and how many there may be of each; absent: all there is room for. */
  readonly connections?: ConnectionRoomOptions | undefined;
  /** A connection was not taken, as there are too many in all or of its address. */
  readonly onConnectionRefused?: (reason: 'all' | 'address', address: string | undefined) => void;
}

export interface WebServer {
  /** What listens. */
  readonly server: NetServer;
  readonly scheme: 'http' | 'https';
  /** For connections from now on. */
  useCertificate(certificate: Certificate): void;
  /**
   * Takes no more connections, and no more streams on those of HTTP/2 (GOAWAY names the last one that is answered); resolves
   * when the last answer is out, or those left are cut after `finishMs`.
   */
  finish(finishMs: number): Promise<void>;
}

/** Longer than the 60 s of common load balancers, which must be the ones to let go, and than a pause in typing. */
const KEEP_ALIVE_MS = 75_000;
/** How soon after its last answer an open connection is let go. */
const IDLE_CHECK_MS = 50;

/** Room for one whole body (384 KiB): with HTTP/2's own 64 KiB, a prompt would wait for the client's next round trip. */
const STREAM_WINDOW_BYTES = 512 * 1024;
/** For the prompts of some hundred users at a time, whom a proxy sends over one connection. */
const CONNECTION_WINDOW_BYTES = 8 * 1024 * 1024;

const HTTP2_OPTIONS = {
  settings: { initialWindowSize: STREAM_WINDOW_BYTES, maxConcurrentStreams: 1_000, enablePush: false },
  // Its default of 10 MB would refuse streams before the windows above are full.
  maxSessionMemory: 64,
  // Node takes more than 33 resets a second for an attack, but here a reset is how every other keystroke ends: a user who types
  // along with suggestions makes 5 a second, and behind a proxy a thousand users share a connection.
  streamResetBurst: 10_000,
  streamResetRate: 5_000,
};

/** HTTP/1.1 alone, with HTTP/2 by ALPN under TLS, or with HTTP/2 by prior knowledge without. */
export function createWebServer(options: WebServerOptions): WebServer {
  const { fetch, certificate, http2Cleartext = false, limits = REQUEST_LIMITS } = options;
  const { connections, onConnectionRefused = () => {} } = options;
  const http1Listener = getRequestListener(fetch);
  // It would reset what is not read to its end; see `readAnsweredBodies`.
  const http2Listener = endUntakenAnswers(getRequestListener(fetch, { autoCleanupIncoming: false }), limits);
  const listener = refuseLongHeaders(
    (request, response) => (request.httpVersionMajor < 2 ? http1Listener : http2Listener)(request, response),
    limits,
  );
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  let finishing = false;
  let sorter: ProtocolSorter | undefined;

  const http1Options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.headersMs),
  };

  function serveHttp2(server: Http2Server | Http2SecureServer): void {
    endSlowStreams(server, limits);
    readAnsweredBodies(server);
    server.on('session', (session: ServerHttp2Session) => {
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      session.setTimeout(KEEP_ALIVE_MS, () => session.close());
      if (finishing) session.close();
    });
  }

  function build(): HttpServer | Http2SecureServer {
    if (certificate) {
      const { cert, key } = certificate;
      const server = createSecureServer(
        {
          ...HTTP2_OPTIONS,
          ...http1Options,
          allowHTTP1: true,
          handshakeTimeout: limits.headersMs,
          cert,
          key,
        },
        listener,
      );
      serveHttp2(server);
      return server;
    }
    const server = createServer(http1Options, listener);
    if (!http2Cleartext) return server;
    const http2 = createHttp2Server(HTTP2_OPTIONS, listener);
    serveHttp2(http2);
    const http1Listeners = server.listeners('connection') as ((socket: Socket) => void)[];
    sorter = createProtocolSorter({
      patienceMs: limits.headersMs,
      onConnection(socket, protocol) {
        if (protocol === 'h2') {
          // A server of HTTP/1 lets clients end their half; in HTTP/2 whoever does that has gone.
          socket.allowHalfOpen = false;
          http2.emit('connection', socket);
        } else for (const each of http1Listeners) each.call(server, socket);
      },
    });
    server.removeAllListeners('connection').on('connection', sorter.sort);
    return server;
  }

  const server = build();
  // `Http2SecureServer` has those of HTTP/1 when it allows it, which its types do not know.
  const http1 = server as HttpServer;
  http1.keepAliveTimeout = KEEP_ALIVE_MS;
  http1.headersTimeout = limits.headersMs;
  http1.requestTimeout = limits.requestMs;
  server.maxConnections = limits.connections;
  server.on('drop', (dropped) => onConnectionRefused('all', dropped?.remoteAddress));
  const room = connections && createConnectionRoom(connections);
  const refuse = createRefusal({ plain: certificate === undefined });
  const takers = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (!room || room.enter(socket)) {
      for (const take of takers) take.call(server, socket);
      return;
    }
    onConnectionRefused('address', socket.remoteAddress);
    refuse(socket);
  });

  return {
    server,
    scheme: certificate ? 'https' : 'http',
    useCertificate({ cert, key }) {
      if ('setSecureContext' in server) server.setSecureContext({ cert, key });
    },
    async finish(finishMs) {
      finishing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      sorter?.dropSilent();
      for (const session of sessions) session.close();
      // A connection that is kept open ends with the answer that is under way on it.
      const idle = setInterval(() => http1.closeIdleConnections(), IDLE_CHECK_MS);
      const impatient = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, finishMs);
      await closed;
      clearInterval(idle);
      clearTimeout(impatient);
    },
  };
}
