import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import type { AppEnv } from '../http/app-env.ts';
import { readJson } from '../http/read-json.ts';
import { REQUEST_LIMITS, type RequestLimits } from './slow-requests.ts';
import { createWebServer } from './web-server.ts';

const pem = (part: string) => readFileSync(path.join(import.meta.dirname, `fixtures/first.${part}.pem`), 'utf8');
const IMPATIENT = { ...REQUEST_LIMITS, headersMs: 100, requestMs: 200, answerMs: 200 };
const NARROW = { ...REQUEST_LIMITS, headerBytes: 2_048, connections: 3 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(limits: RequestLimits, options: { http2Cleartext?: boolean; tls?: boolean } = {}) {
  const app = new Hono<AppEnv>()
    .post('/echo', async (c) => c.json((await readJson(c, 1_000)) as object))
    .get('/long', (c) => c.body(ReadableStream.from(pieces())))
    .onError((_error, c) => c.body(null, 499 as 400));
  const certificate = options.tls ? { cert: pem('cert'), key: pem('key'), validTo: new Date() } : undefined;
  const web = createWebServer({ fetch: app.fetch, certificate, http2Cleartext: options.http2Cleartext, limits });
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  return (web.server.address() as AddressInfo).port;
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(10_000);
}

/** Everything that comes back until the server ends the connection. */
async function send(port: number, ...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  ends.push(() => socket.destroy());
  socket.on('error', () => {});
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const head = 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

describe('a client that takes its time', () => {
  it.each([
    ['with its headers', [head]],
    ['with its body', [`${head}content-length: 100\r\n\r\n`, '{"a":']],
    ['with saying anything', []],
  ])('%s is let go over HTTP/1.1', async (_, parts) => {
    for (const options of [{}, { http2Cleartext: true }]) {
      const answer = await send(await start(IMPATIENT, options), ...parts);
      expect(answer === '' || answer.startsWith('HTTP/1.1 408')).toBe(true);
    }
  });

  it.each([{ tls: true }, { http2Cleartext: true }])(
    'with its body is let go over HTTP/2 (%j), and its connection stays',
    async (options) => {
      const port = await start(IMPATIENT, options);
      const client = http2.connect(`http${options.tls ? 's' : ''}://127.0.0.1:${port}`, { rejectUnauthorized: false });
      ends.push(() => client.destroy());
      const headers = { ':method': 'POST', ':path': '/echo', 'content-type': 'application/json' };
      const slow = client.request(headers);
      slow.on('error', () => {});
      slow.write('{"a":');
      await new Promise((resolve) => slow.once('close', resolve));
      expect(slow.rstCode).toBe(http2.constants.NGHTTP2_CANCEL);

      const quick = client.request(headers);
      quick.end('{"a":1}');
      let text = '';
      for await (const chunk of quick.setEncoding('utf8')) text += chunk;
      expect(text).toBe('{"a":1}');
    },
  );
});

describe('a client that takes no answer', () => {
  it.each<[string, http2.OutgoingHttpHeaders, string]>([
    ['of a request', { ':path': '/nowhere' }, ''],
    [
      'of a request with a body',
      { ':method': 'POST', ':path': '/echo', 'content-type': 'application/json' },
      '{"a":1}',
    ],
    ['that is a stream', { ':path': '/long' }, ''],
  ])('%s is let go over HTTP/2, and its connection stays', async (_, headers, body) => {
    const port = await start(IMPATIENT, { http2Cleartext: true });
    const client = http2.connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
    ends.push(() => client.destroy());
    const stream = client.request(headers, { endStream: body === '' });
    stream.on('error', () => {});
    if (body !== '') stream.end(body);
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(http2.constants.NGHTTP2_CANCEL);
    expect(client.closed).toBe(false);
  });
});

describe('a client that wants too much', () => {
  it('sends no headers without end', async () => {
    const answer = await send(await start(NARROW), `${head}x-filler: ${'x'.repeat(4_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431/);
  });

  it('sends none over HTTP/2 either', async () => {
    const client = http2.connect(`https://127.0.0.1:${await start(NARROW, { tls: true })}`, {
      rejectUnauthorized: false,
      maxSendHeaderBlockLength: 1_000_000,
    });
    ends.push(() => client.destroy());
    client.on('error', () => {});
    const filler = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`x-${index}`, '~'.repeat(5_000)]));
    const [headers] = await once(client.request({ ':path': '/echo', ...filler }), 'response');
    expect(headers[':status']).toBe(431);
  });

  it.each<Record<string, string>>([
    { expect: 'application/json' },
    { 'x-filler': '~'.repeat(4_000) },
    { 'content-length': '3000000', 'content-type': 'application/json' },
  ])('is refused by its headers over HTTP/2 (%j), and its connection stays', async (refused) => {
    const client = http2.connect(`http://127.0.0.1:${await start(NARROW, { http2Cleartext: true })}`);
    ends.push(() => client.destroy());
    // Each is more than may be on its way unread, and all are more frames than a connection may have for streams that are closed.
    for (let time = 0; time < 12; time++) {
      const stream = client.request({ ':method': 'POST', ':path': '/echo', ...refused });
      stream.resume();
      stream.end(Buffer.alloc(3_000_000, ' '));
      await once(stream, 'close');
      expect(stream.rstCode).toBe(http2.constants.NGHTTP2_NO_ERROR);
    }
    expect(client.closed).toBe(false);
  });

  it('is refused over HTTP/2 without taking the answer, and nothing of its body is kept', async () => {
    const client = http2.connect(`http://127.0.0.1:${await start(NARROW, { http2Cleartext: true })}`, {
      settings: { initialWindowSize: 0 },
    });
    ends.push(() => client.destroy());
    const stream = client.request({ ':method': 'POST', ':path': '/nowhere' });
    // More than may be on its way unread, and the answer has no room to go out.
    stream.end(Buffer.alloc(3_000_000, ' '));
    const [[headers]] = await Promise.all([once(stream, 'response'), once(stream, 'finish')]);
    expect(headers[':status']).toBe(404);
    expect(stream.closed).toBe(false);
  });

  it('opens no connections without end, and the others are answered', async () => {
    const port = await start(NARROW);
    const open = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
    for (const socket of open) ends.push(() => socket.destroy());
    await Promise.all(open.map((socket) => once(socket, 'connect')));
    expect(await send(port, `${head}content-length: 2\r\n\r\n{}`)).toBe('');
    open[0]!.write(`${head}content-length: 2\r\nconnection: close\r\n\r\n{}`);
    const [answer] = (await once(open[0]!, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/);
  });
});
