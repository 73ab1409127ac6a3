import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, type Socket, connect } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { StreamEvent } from '@ghostline/protocol';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import type { AppEnv } from '../http/app-env.ts';
import { whenClientLeaves } from '../http/client-gone.ts';
import { openEventStream } from '../http/event-stream.ts';
import { readJson } from '../http/read-json.ts';
import type { Certificate } from './certificate.ts';
import { type WebServerOptions, createWebServer } from './web-server.ts';

const certificate = (name: string): Certificate => {
  const pem = (part: string) => readFileSync(path.join(import.meta.dirname, `fixtures/${name}.${part}.pem`), 'utf8');
  return { cert: pem('cert'), key: pem('key'), validTo: new Date() };
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** `/echo` says what it got; `/stream` sends a frame, then waits for `release` or the client's leave. */
async function start(options: Omit<WebServerOptions, 'fetch'>) {
  const release = Promise.withResolvers<void>();
  const streams = { open: 0, gone: 0 };
  const changed = new Set<() => void>();
  const app = new Hono<AppEnv>()
    .post('/echo', async (c) => {
      const body = (await readJson(c, 400_000)) as { text: string };
      return c.json({ length: body.text.length, version: c.env.incoming?.httpVersion, url: c.req.url });
    })
    .post('/stream', async (c) => {
      await readJson(c, 1_000);
      const outgoing = c.env.outgoing!;
      const gone = new Promise<void>((resolve) => {
        whenClientLeaves(outgoing, () => (streams.gone += 1));
        outgoing.once('close', () => {
          streams.open -= 1;
          for (const look of changed) look();
          resolve();
        });
      });
      const stream = openEventStream(outgoing, { 'x-request-id': 'r' });
      await stream.send(delta('first'));
      streams.open += 1;
      for (const look of changed) look();
      await Promise.race([release.promise, gone]);
      await stream.send(delta('last'));
      stream.end();
      return RESPONSE_ALREADY_SENT;
    })
    .post('/flood', async (c) => {
      await readJson(c, 1_000);
      const outgoing = c.env.outgoing!;
      const stream = openEventStream(outgoing, {});
      let sent = 0;
      whenClientLeaves(outgoing, () => {
        streams.gone += 1;
        for (const look of changed) look();
      });
      for (; sent < 10_000 && streams.gone === 0; sent++) {
        await stream.send(delta('x'.repeat(1_000)));
        await new Promise(setImmediate);
        streams.open = Math.max(streams.open, outgoing.writableLength);
        if (outgoing.writableNeedDrain) for (const look of changed) look();
      }
      stream.end();
      return RESPONSE_ALREADY_SENT;
    });
  const web = createWebServer({ fetch: app.fetch, ...options });
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  const { port } = web.server.address() as AddressInfo;
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (holds()) resolve();
      };
      changed.add(look);
      look();
    });
  return { web, port, url: `${web.scheme}://127.0.0.1:${port}`, release: release.resolve, streams, until };
}

function delta(text: string): StreamEvent {
  return { event: 'delta', data: { index: 0, text } };
}

function session(url: string): http2.ClientHttp2Session {
  const client = http2.connect(url, { rejectUnauthorized: false });
  client.on('error', () => {});
  ends.push(() => client.destroy());
  return client;
}

function post(client: http2.ClientHttp2Session, at: string, body: unknown = {}): http2.ClientHttp2Stream {
  const stream = client.request({ ':method': 'POST', ':path': at, 'content-type': 'application/json' });
  stream.on('error', () => {});
  stream.end(JSON.stringify(body));
  return stream;
}

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

async function versionOver(port: number, ALPNProtocols: string[]) {
  const socket = tls.connect({ port, host: '127.0.0.1', ALPNProtocols, rejectUnauthorized: false });
  ends.push(() => socket.destroy());
  await once(socket, 'secureConnect');
  return { protocol: socket.alpnProtocol, subject: socket.getPeerCertificate().subject.CN };
}

describe('with a certificate', () => {
  it('speaks HTTP/2 or HTTP/1.1, as the client chooses', async () => {
    const { port, url } = await start({ certificate: certificate('first') });
    expect(await versionOver(port, ['h2', 'http/1.1'])).toMatchObject({ protocol: 'h2' });
    expect(await versionOver(port, ['http/1.1'])).toMatchObject({ protocol: 'http/1.1' });
    const answer = JSON.parse(await textOf(post(session(url), '/echo', { text: 'x'.repeat(300_000) })));
    expect(answer).toEqual({ length: 300_000, version: '2.0', url: `${url}/echo` });
  });

  it('gives new connections the renewed one, and leaves open ones alone', async () => {
    const { web, port, url } = await start({ certificate: certificate('first') });
    const client = session(url);
    await textOf(post(client, '/echo', { text: '' }));
    web.useCertificate(certificate('second'));
    expect(await versionOver(port, ['h2'])).toMatchObject({ subject: 'second.localhost' });
    expect(JSON.parse(await textOf(post(client, '/echo', { text: 'abc' })))).toMatchObject({ length: 3 });
  });
});

describe('without a certificate', () => {
  it('speaks HTTP/1.1 alone by default', async () => {
    const { url } = await start({});
    const refused = new Promise((resolve) => session(url).once('error', resolve));
    expect(await refused).toMatchObject({ code: 'ERR_HTTP2_ERROR' });
  });

  it('speaks HTTP/2 with prior knowledge beside HTTP/1.1 when told to, with bodies of any size', async () => {
    const { url } = await start({ http2Cleartext: true });
    const text = 'x'.repeat(300_000);
    expect(JSON.parse(await textOf(post(session(url), '/echo', { text })))).toMatchObject({ version: '2.0' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/echo`, { method: 'POST', headers, body: JSON.stringify({ text }) });
    expect(await answer.json()).toMatchObject({ length: 300_000, version: '1.1' });
  });

  it('lets a connection of HTTP/2 go whose client has ended its half', async () => {
    const { port } = await start({ http2Cleartext: true });
    const socket = rawSocket(port);
    socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await once(socket.resume(), 'close');
  });

  it('waits for enough bytes to know which of them it is', async () => {
    const { port } = await start({ http2Cleartext: true });
    const socket = rawSocket(port);
    const body = '{"text":"abc"}';
    const request = `POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    for (const byte of request) await new Promise((resolve) => socket.write(byte, resolve));
    expect(await textOf(socket)).toContain('"length":3');
  });
});

function rawSocket(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setNoDelay();
  socket.once('end', () => socket.end());
  ends.push(() => socket.destroy());
  return socket;
}

describe.each([
  ['h2 over TLS', { certificate: certificate('first') }],
  ['h2 in clear text', { http2Cleartext: true }],
])('streams over %s', (_name, options) => {
  it('are a hundred on one connection, of which one is cancelled and the others go on', async () => {
    const { url, release, streams, until } = await start(options);
    const client = session(url);
    const answers = Array.from({ length: 100 }, () => post(client, '/stream'));
    await until(() => streams.open === 100);
    answers[42]!.close(http2.constants.NGHTTP2_CANCEL);
    await until(() => streams.gone === 1);
    release();
    const texts = await Promise.all(answers.filter((_, index) => index !== 42).map(textOf));
    expect(texts.filter((text) => /first[^]*last/.test(text))).toHaveLength(99);
    expect(streams).toEqual({ open: 0, gone: 1 });
  });

  it('have no header that HTTP/2 forbids, and those of every answer', async () => {
    const { url, release } = await start(options);
    const stream = post(session(url), '/stream');
    const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    release();
    await textOf(stream);
    expect(headers).toMatchObject({ ':status': 200, 'x-request-id': 'r', 'cache-control': 'no-store, no-transform' });
    expect(headers).not.toHaveProperty('connection');
  });

  it('stop at a reader that does not read, and do not hold up the others on its connection', async () => {
    const { url, streams, until } = await start(options);
    const client = session(url);
    const slow = post(client, '/flood');
    await once(slow, 'response');
    slow.pause();
    // Ten thousand frames of 1 kB are asked for; what waits for a reader must not grow with them.
    await until(() => streams.open > 0);
    expect(JSON.parse(await textOf(post(client, '/echo', { text: 'abc' })))).toMatchObject({ length: 3 });
    expect(streams.open).toBeLessThan(100_000);
    slow.close();
    await until(() => streams.gone === 1);
  });

  it('are finished when the process ends, after which the connection is let go of', async () => {
    const { web, url, release, streams, until } = await start(options);
    const client = session(url);
    const answer = post(client, '/stream');
    await until(() => streams.open === 1);
    const goaway = once(client, 'goaway');
    const finished = web.finish(10_000);
    release();
    expect(await textOf(answer)).toMatch(/first[^]*last/);
    await finished;
    if (!client.destroyed) await once(client, 'close');
    // No error, and that the one stream is the last that is answered: any other may be asked for again elsewhere.
    expect((await goaway).slice(0, 2)).toEqual([http2.constants.NGHTTP2_NO_ERROR, answer.id]);
  });

  it('are cut when they do not end in time', async () => {
    const { web, url, streams, until } = await start(options);
    const answer = post(session(url), '/stream').resume();
    await until(() => streams.open === 1);
    const cut = once(answer, 'close');
    await web.finish(1);
    await until(() => streams.gone === 1);
    await cut;
  });
});

describe('the end of a server', () => {
  it('waits for no connection that says nothing', async () => {
    const { web, port } = await start({ http2Cleartext: true });
    const silent = rawSocket(port);
    const accepted = once(web.server, 'connection');
    await once(silent, 'connect');
    await accepted;
    const closed = once(silent, 'close');
    await web.finish(60_000);
    await closed;
  });

  it('lets an idle connection of HTTP/1.1 go, and the answer on another end first', async () => {
    const { web, url, release, streams, until } = await start({});
    const agent = new http.Agent({ keepAlive: true });
    ends.push(() => agent.destroy());
    const ask = (at: string) => {
      const headers = { 'content-type': 'application/json' };
      const request = http.request(`${url}${at}`, { method: 'POST', agent, headers });
      request.end('{"text":""}');
      return once(request, 'response') as Promise<[http.IncomingMessage]>;
    };
    await textOf((await ask('/echo'))[0]);
    const [streaming] = await ask('/stream');
    await until(() => streams.open === 1);
    const finished = web.finish(60_000);
    release();
    expect(await textOf(streaming)).toMatch(/first[^]*last/);
    await finished;
  });
});
