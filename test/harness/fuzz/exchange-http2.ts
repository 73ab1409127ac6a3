import { type ClientHttp2Session, type IncomingHttpHeaders, connect } from 'node:http2';
import type { ExchangeResult } from './exchange.ts';
import { type FuzzRequest, bodyBytes } from './requests.ts';

export interface Http2Exchange {
  send(request: FuzzRequest, patienceMs: number): Promise<ExchangeResult>;
  close(): void;
}

/** Sends requests as streams of one connection, which is opened anew when the server has closed it. */
export function createHttp2Exchange(url: string): Http2Exchange {
  let session: ClientHttp2Session | undefined;

  function opened(): ClientHttp2Session {
    if (session && !session.closed && !session.destroyed) return session;
    session = connect(url);
    session.on('error', () => {});
    return session;
  }

  return {
    send: (request, patienceMs) =>
      new Promise((resolve) => {
        let head = '';
        let status = Number.NaN;
        let body = '';
        const settle = (end: ExchangeResult['end']) => {
          clearTimeout(timer);
          resolve({ end, responses: head === '' ? [] : [{ status, head, body }] });
        };
        const timer = setTimeout(() => settle('open'), patienceMs);
        try {
          const stream = opened().request(headersOf(request));
          stream.setEncoding('utf8');
          stream.once('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => {
            status = headers[':status'] ?? Number.NaN;
            head = JSON.stringify(headers);
          });
          stream.on('data', (text: string) => (body += text));
          stream.on('error', () => {});
          stream.once('close', () => settle('closed'));
          stream.end(bodyBytes(request));
        } catch {
          // What the client will not even send says nothing about the server.
          settle('closed');
        }
      }),
    close: () => session?.destroy(),
  };
}

function headersOf({ method, path, headers }: FuzzRequest) {
  const { host = '127.0.0.1', ...rest } = headers;
  const allowed = Object.entries(rest).filter(([, value]) => !/[\r\n]/.test(value));
  return {
    ...Object.fromEntries(allowed.map(([name, value]) => [name.toLowerCase(), value])),
    ':method': method,
    ':path': path,
    ':authority': host,
  };
}
