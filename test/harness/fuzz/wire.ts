import { MARK } from './hostile.ts';
import type { Random } from './random.ts';

/** What is sent as it stands, and how many answers there may be at most: one more would be a smuggled request's. */
export interface WireCase {
  readonly name: string;
  readonly parts: readonly Buffer[];
  readonly maxResponses: number;
}

const SMUGGLED = `GET /${MARK} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;

/** Requests that are none: about framing, not about what they ask. */
export function wireCase(random: Random, { authorization, body }: { authorization: string; body: string }): WireCase {
  const path = random.pick(['/v1/code/completions', '/v1/telemetry']);
  const common = `host: 127.0.0.1\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\n`;
  const head = (more: string, first = `POST ${path} HTTP/1.1`) => `${first}\r\n${common}${more}\r\n`;
  const chunked = (text: string, size = text.length.toString(16)) => `${size}\r\n${text}\r\n`;
  const close = 'connection: close\r\n';
  const length = Buffer.byteLength(body);
  const one = (name: string, text: string, maxResponses = 1): WireCase => ({
    name,
    parts: [Buffer.from(text, 'latin1')],
    maxResponses,
  });
  const number = random.int(100_000);
  return random.pick<() => WireCase>([
    () => one('chunk size that is none', head('transfer-encoding: chunked\r\n') + chunked(body, `zz${number}`)),
    () =>
      one(
        'chunk size beyond 64 bits',
        head('transfer-encoding: chunked\r\n') + chunked(body, 'f'.repeat(17 + random.int(40))),
      ),
    () =>
      one(
        'chunk shorter than it says',
        head('transfer-encoding: chunked\r\n') + chunked(body, (length + 1 + random.int(9)).toString(16)),
      ),
    () => one('chunk longer than it says', `${head('transfer-encoding: chunked\r\n')}${chunked(body, '5')}0\r\n\r\n`),
    () => one('chunk without an end', head(`${close}transfer-encoding: chunked\r\n`) + chunked(body)),
    () => one('chunk extensions without an end', `${head('transfer-encoding: chunked\r\n')}5;${'a=b;'.repeat(10_000)}`),
    () =>
      one(
        'trailers',
        `${head(`${close}transfer-encoding: chunked\r\n`)}${chunked(body)}0\r\nx-${MARK}: ${MARK}\r\n\r\n`,
      ),
    () =>
      one(
        'length and chunks',
        `${head(`content-length: ${random.pick([4, length])}\r\ntransfer-encoding: chunked\r\n`)}0\r\n\r\n${SMUGGLED}`,
      ),
    () =>
      one(
        'chunks named twice',
        `${head('transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n')}0\r\n\r\n${SMUGGLED}`,
      ),
    () =>
      one(
        'chunks in disguise',
        `${head(`content-length: 0\r\ntransfer-encoding: ${random.pick(['xchunked', 'chunked, identity', '\u000bchunked', 'Chunked '])}\r\n`)}${SMUGGLED}`,
        2,
      ),
    () => one('two lengths', `${head(`content-length: 0\r\ncontent-length: ${SMUGGLED.length}\r\n`)}${SMUGGLED}`),
    () =>
      one(
        'length that is none',
        `${head(`content-length: ${random.pick(['-1', '+5', '0x10', '1e3', '5, 5', '18446744073709551616', MARK])}\r\n`)}${body}`,
      ),
    () => one('body shorter than it says', `${head(`content-length: ${length + 1 + random.int(99)}\r\n`)}${body}`),
    () => one('body longer than it says', `${head(`${close}content-length: ${length}\r\n`)}${body}${MARK}`),
    () => one('header without a name', head(`: ${MARK}\r\n`)),
    () => one('header with a blank in its name', head(`a b: ${MARK}\r\n`)),
    () => one('header with a zero byte', head(`x-a: ${MARK}\u0000\r\n`)),
    () => one('header that is folded', head(`x-a: 1\r\n ${MARK}\r\n`)),
    () => one('header before which there is a blank', `POST ${path} HTTP/1.1\r\n x: ${MARK}\r\n${common}\r\n`),
    () => one('header of 100 kB', head(`x-a: ${'a'.repeat(100_000)}\r\n`)),
    () => one('thousands of headers', head(Array.from({ length: 3_000 }, (_, index) => `x-${index}: 1\r\n`).join(''))),
    () =>
      one('line ends without a return', head(`${close}content-length: ${length}\r\n`).replaceAll('\r\n', '\n') + body),
    () => one('returns alone', head(`content-length: ${length}\r\n`).replaceAll('\r\n', '\r') + body),
    () => one('no host', `GET /readyz HTTP/1.1\r\n${close}\r\n`),
    () => one('two hosts', `GET /readyz HTTP/1.1\r\nhost: a\r\nhost: ${MARK}\r\n${close}\r\n`),
    () =>
      one(
        'host that is none',
        `GET /healthz HTTP/1.1\r\nhost: ${random.pick(['[', 'a b', ':::', `${MARK}@x`, '127.0.0.1:99999', '%00', 'a/b'])}\r\n${close}\r\n`,
      ),
    () =>
      one(
        'version that is none',
        `GET /healthz HTTP/${random.pick(['0.9', '1.2', '9.9', '2.0', 'x'])}\r\nhost: a\r\n\r\n`,
      ),
    () =>
      one(
        'method that is none',
        `${random.pick(['G\u0000T', 'get', MARK, 'CONNECT', 'M-SEARCH', ''])} /healthz HTTP/1.1\r\nhost: a\r\n${close}\r\n`,
      ),
    () =>
      one(
        'address that is none',
        `GET ${random.pick(['healthz', '*', '//', '/\u0000', '/ü', `http://${MARK}/healthz`, 'http://', '/%', '/\\', `${'/a'.repeat(10_000)}`])} HTTP/1.1\r\nhost: a\r\n${close}\r\n`,
      ),
    () =>
      one(
        'upgrade',
        `GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: ${random.pick(['h2c', 'websocket', MARK])}\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
      ),
    () =>
      one(
        'expectation',
        `${head(`${close}expect: ${random.pick(['100-continue', MARK])}\r\ncontent-length: ${length}\r\n`)}${body}`,
      ),
    () => {
      const requests = 2 + random.int(20);
      const get = 'GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';
      return one(
        'requests in a row',
        `${get.repeat(requests - 1)}GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n${close}\r\n`,
        requests,
      );
    },
    () => {
      const text = Buffer.from(`${head(`${close}content-length: ${length}\r\n`)}${body}`, 'latin1');
      const at = random.int(text.length);
      return { name: 'two packets', parts: [text.subarray(0, at), text.subarray(at)], maxResponses: 1 };
    },
    () => ({
      name: 'bytes of anything',
      parts: [Buffer.from(Array.from({ length: random.int(2_000) }, () => random.int(256)))],
      maxResponses: 1,
    }),
    () => ({
      name: 'TLS',
      parts: [Buffer.from('16030100c8010000c40303', 'hex'), Buffer.alloc(random.int(300), 7)],
      maxResponses: 1,
    }),
    () => ({
      name: 'frames of HTTP/2 that are none',
      parts: [
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        Buffer.from(Array.from({ length: random.int(400) }, () => random.int(256))),
      ],
      maxResponses: 0,
    }),
  ])();
}
