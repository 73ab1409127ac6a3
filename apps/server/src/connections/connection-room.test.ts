import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import path from 'node:path';
import { problemName } from '@ghostline/protocol';
import { Hono } from 'hono';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AppEnv } from '../http/app-env.ts';
import { createRefusal } from './connection-room.ts';
import { REQUEST_LIMITS } from './slow-requests.ts';
import { type WebServerOptions, createWebServer } from './web-server.ts';

const pem = (part: string) => readFileSync(path.join(import.meta.dirname, `fixtures/first.${part}.pem`), 'utf8');
const certificate = { cert: pem('cert'), key: pem('key'), validTo: new Date() };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server that takes two connections of an address; `from` is where the next ones come from. */
async function start(options: Partial<WebServerOptions> = {}) {
  const place = { from: 'a' as string | undefined };
  const refused: string[] = [];
  const app = new Hono<AppEnv>().get('/', (c) => c.text('here'));
  const web = createWebServer({
    fetch: app.fetch,
    connections: { perAddress: 2, networkOf: () => place.from },
    onConnectionRefused: (reason) => refused.push(reason),
    ...options,
  });
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  const { port } = web.server.address() as AddressInfo;
  return { web, port, place, refused };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  ends.push(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

/** What comes back until the answer is whole, or the connection ends. */
async function ask(socket: Socket, text = GET): Promise<string> {
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  if (text !== '') socket.write(text);
  const closed = once(socket, 'close');
  await Promise.race([closed, vi.waitFor(() => expect(answer).toContain('here'), { timeout: 5000 })]);
  return answer;
}

const taken = (server: { getConnections: (done: (error: Error | null, count: number) => void) => void }) =>
  new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));

describe('an address with as many connections as it may have', () => {
  it.each([{}, { http2Cleartext: true }])('is told so on the next one (%j), and why', async (options) => {
    const { port, refused } = await start(options);
    const [first, second] = [await open(port), await open(port)];
    expect([await ask(first), await ask(second)]).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 200/),
      expect.stringMatching(/^HTTP\/1\.1 200/),
    ]);
    for (const text of ['', GET]) {
      const answer = await ask(await open(port), text);
      expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
      expect(answer).toMatch(/\r\nretry-after: 5\r\n/);
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
      expect(answer).toContain(`content-length: ${body.length}\r\n`);
      expect(problemName(JSON.parse(body))).toBe('too-many-connections');
    }
    expect(refused).toEqual(['address', 'address']);
  });

  it('has those that are open answered, and room again when one of them closes', async () => {
    const { port, web } = await start();
    const [first, second] = [await open(port), await open(port)];
    expect(await ask(await open(port))).toMatch(/^HTTP\/1\.1 503/);
    expect(await ask(first)).toMatch(/^HTTP\/1\.1 200/);
    second.destroy();
    await vi.waitFor(async () => expect(await taken(web.server)).toBe(1), { timeout: 5000 });
    expect(await ask(await open(port))).toMatch(/^HTTP\/1\.1 200/);
  });

  it('takes nothing from others, nor from a proxy that is trusted', async () => {
    const { port, place, refused } = await start();
    await open(port);
    await open(port);
    place.from = 'b';
    expect(await ask(await open(port))).toMatch(/^HTTP\/1\.1 200/);
    place.from = undefined;
    const many = await Promise.all(Array.from({ length: 5 }, () => open(port)));
    for (const socket of many) expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200/);
    expect(refused).toEqual([]);
  });

  it('is let go without a handshake where there is TLS, and its others go on', async () => {
    const { port, refused } = await start({ certificate });
    const url = `https://127.0.0.1:${port}`;
    const first = http2.connect(url, { rejectUnauthorized: false });
    ends.push(() => first.destroy());
    await once(first, 'connect');
    await open(port);
    const third = http2.connect(url, { rejectUnauthorized: false });
    ends.push(() => third.destroy());
    await expect(once(third, 'connect')).rejects.toThrow(/ECONNRESET|socket|disconnected/i);
    const [headers] = await once(first.request({ ':path': '/' }), 'response');
    expect(headers[':status']).toBe(200);
    expect(refused).toEqual(['address']);
  });

  it('cannot hold what was refused open by sending on', async () => {
    const { port, web } = await start();
    await open(port);
    await open(port);
    const third = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    third.on('error', () => {});
    const closed = new Promise((resolve) => third.once('close', resolve));
    const drip = setInterval(() => third.write('x'), 20);
    ends.push(
      () => clearInterval(drip),
      () => third.destroy(),
    );
    await vi.waitFor(async () => expect(await taken(web.server)).toBe(2), { timeout: 5000 });
    await closed;
  });
});

describe('a flood of connections', () => {
  it('is closed without a word where too many would have to be told', async () => {
    const server = createServer(createRefusal({ plain: true, lingerMs: 60_000 })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const answers = Array.from({ length: 150 }, () => {
      // Never lets go by itself.
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      ends.push(() => socket.destroy());
      socket.on('error', () => {});
      return new Promise<string>((resolve) => {
        socket.once('data', (bytes: Buffer) => resolve(bytes.toString().slice(0, 12)));
        socket.once('close', () => resolve('closed'));
        socket.once('end', () => resolve('closed'));
      });
    });
    const all = await Promise.all(answers);
    expect(all.filter((answer) => answer === 'HTTP/1.1 503')).toHaveLength(100);
    expect(all.filter((answer) => answer === 'closed')).toHaveLength(50);
  });
});

describe('a server with as many connections as it takes', () => {
  it('says of which kind the refusal was', async () => {
    const { port, refused } = await start({ limits: { ...REQUEST_LIMITS, connections: 1 } });
    await open(port);
    const next = await open(port);
    await once(next, 'close');
    await vi.waitFor(() => expect(refused).toEqual(['all']));
  });
});
