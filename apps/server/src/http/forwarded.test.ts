import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import process from 'node:process';
import { createManualClock } from '@ghostline/clock/testing';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebServer } from '../connections/web-server.ts';
import type { AppEnv } from './app-env.ts';
import { isFromThisMachine } from './forwarded.ts';
import { guardOrigin } from './origin-guard.ts';
import type { Peer } from './peer-account.ts';
import { problemResponse, toProblem } from './problem-response.ts';
import { createServiceCheck } from './service-check.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server without authentication on loopback; its answer says whether it takes who asks for a process of this machine. */
async function start(isService = createServiceCheck()) {
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set('headers', {});
    await next();
  });
  app.get('/told', async (c) => c.text((await isFromThisMachine(c, isService)) ? 'here' : 'elsewhere'));
  app.use(
    guardOrigin({
      authenticated: false,
      mayRead: () => true,
      methodsAt: () => ['GET'],
      isService,
    }),
  );
  app.get('/', (c) => c.text('let in'));
  app.onError((error, c) => problemResponse(c, toProblem(error, 'r', undefined as never)));
  const web = createWebServer({ fetch: app.fetch, http2Cleartext: true });
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  return (web.server.address() as AddressInfo).port;
}

/** The whole answer to a request as it goes over the wire. */
async function send(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  ends.push(() => socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return text;
}

const here = (port: number) => [`Host: 127.0.0.1:${port}`, 'Connection: close'];

describe('on a server without authentication', () => {
  it('what nginx forwards with nothing configured but its address is refused', async () => {
    const port = await start();
    // As nginx 1.22 sends it for `proxy_pass http://127.0.0.1:PORT;` and nothing else.
    const answer = await send(port, ['GET / HTTP/1.0', ...here(port), 'User-Agent: curl/8.5.0', 'Accept: */*']);
    expect(answer).toMatch(/ 403 .*A proxy has forwarded this \(it came as HTTP\/1\.0\).*configure auth/s);
    expect(await send(port, ['GET /told HTTP/1.0', ...here(port)])).toMatch(/elsewhere$/);
  });

  it.each([
    'X-Forwarded-For: 203.0.113.9',
    'x-forwarded-proto: https',
    'X-REAL-IP: 203.0.113.9',
    'Via: 1.1 proxy',
    'Forwarded: for=203.0.113.9',
    'CF-Connecting-IP: 203.0.113.9',
    'X-Envoy-Expected-Rq-Timeout-Ms: 15000',
    'Traceparent: x\r\nTrue-Client-IP: 203.0.113.9',
  ])('what a proxy has marked is refused: %s', async (header) => {
    const port = await start();
    expect(await send(port, ['GET / HTTP/1.1', ...here(port), header])).toMatch(/ 403 .*A proxy has forwarded this/s);
    expect(await send(port, ['GET /told HTTP/1.1', ...here(port), header])).toMatch(/elsewhere$/);
  });

  it('what nginx forwards since 1.29.7 is told by the account that it runs under, looked at once a connection', async () => {
    const peers: unknown[] = [];
    const account = (found: number | undefined) =>
      createServiceCheck({
        account: async (peer) => {
          peers.push(peer);
          return found;
        },
      });
    // As it sends it for `proxy_pass http://127.0.0.1:PORT;` and nothing else.
    const lines = (port: number) => ['GET / HTTP/1.1', `Host: 127.0.0.1:${port}`, 'User-Agent: curl/8.5.0'];
    const port = await start(account(33));
    const twice = await send(port, [...lines(port), '', ...lines(port), 'Connection: close']);
    expect(twice.match(/ 403 [^]*?A proxy has forwarded this \(it came from a service's account\)/g)).toHaveLength(2);
    expect(peers).toHaveLength(1);
    for (const person of [1000, 0, process.getuid!(), undefined]) {
      const open = await start(account(person));
      expect(await send(open, [...lines(open), 'Connection: close']), `${person}`).toMatch(/let in$/);
    }
  });

  it('who connected over HTTP/2 is looked up once for all requests of the connection', async () => {
    const peers: Peer[] = [];
    const account = async (peer: Peer) => (peers.push(peer), 1000);
    const port = await start(createServiceCheck({ account }));
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    ends.push(() => session.destroy());
    for (let request = 0; request < 3; request++) {
      const stream = session.request({ ':path': '/' });
      stream.setEncoding('utf8');
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      expect(text).toBe('let in');
    }
    expect(peers).toHaveLength(1);
    expect(peers[0]?.remoteAddress).toBe('127.0.0.1');
  });

  it('whom nobody can tell any more, as the connection has ended, is taken for no service', async () => {
    const clock = createManualClock();
    const gone = () => Promise.reject(new TypeError('the session has ended'));
    const isService = createServiceCheck({ account: gone, now: clock.now, setTimer: clock.setTimer });
    const asked = (socket: object, wait: boolean) => isService({ env: { incoming: { socket } } } as never, { wait });
    expect(await asked({}, true)).toBe(false);
    const later = {};
    expect(asked(later, false)).toBe(false);
    await clock.advance(0);
    expect(await asked(later, true)).toBe(false);
  });

  it('a completion does not wait for that look, until one has found a proxy', async () => {
    const clock = createManualClock();
    const looks: ((account: number) => void)[] = [];
    const isService = createServiceCheck({
      account: () => new Promise((resolve) => looks.push(resolve)),
      now: clock.now,
      setTimer: clock.setTimer,
    });
    const asked = (socket: object, wait: boolean) => isService({ env: { incoming: { socket } } } as never, { wait });
    const [one, two, three, four] = [{}, {}, {}, {}];
    expect([asked(one, false), asked(one, false), asked(two, false)]).toEqual([false, false, false]);
    expect(looks).toHaveLength(0);
    await clock.advance(0);
    expect(looks).toHaveLength(2);
    await clock.advance(2);
    for (const look of looks) look(1000);
    await new Promise(setImmediate);
    expect([asked(one, false), asked(two, true)]).toEqual([false, false]);

    // The next look that nobody waits for comes after nineteen times as long as this one took.
    expect(asked(three, false)).toBe(false);
    await clock.advance(37);
    expect(looks).toHaveLength(2);
    await clock.advance(1);
    expect(looks).toHaveLength(3);
    looks[2]!(33);
    await new Promise(setImmediate);
    expect(asked(three, false)).toBe(true);
    const waited = asked(four, false);
    looks[3]!(33);
    expect(await waited).toBe(true);
  });

  it('whoever asks for themselves is let in, with headers of any kind', async () => {
    const port = await start();
    const own = ['X-Request-ID: abcdefgh', 'traceparent: x', 'Content-Type: text/plain', 'X-Ghostline-Deadline-Ms: 10'];
    expect(await send(port, ['GET / HTTP/1.1', ...here(port), ...own, 'Cookie: a=b'])).toMatch(/let in$/);
    expect(await send(port, ['GET /told HTTP/1.1', ...here(port), ...own])).toMatch(/here$/);
    const url = `http://127.0.0.1:${port}/`;
    expect(await (await fetch(url)).text()).toBe('let in');
  });

  it('a host name that leads here from elsewhere is refused', async () => {
    const port = await start();
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '0.0.0.0'])
      expect(await send(port, ['GET / HTTP/1.1', `Host: ${host}`, 'Connection: close']), host).toMatch(/ 403 /);
    for (const host of ['localhost', '[::1]:4700', '127.0.0.2:80'])
      expect(await send(port, ['GET / HTTP/1.1', `Host: ${host}`, 'Connection: close']), host).toMatch(/let in$/);
  });
});
