import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebServer } from '../connections/web-server.ts';
import type { AppEnv } from '../http/app-env.ts';
import { createMetrics } from '../metrics/index.ts';
import { completionRoutes } from './completions.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A gateway that takes as long to find out who asks as `open` takes to be called. */
async function start() {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const done = Promise.withResolvers<string>();
  let asked = 0;
  const ticket = { spend: 'any' as const, saving: undefined, headers: () => undefined, settle: () => {} };
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set('principal', { keyId: 'k', org: 'o', team: 't', user: 'u', roles: ['developer'] });
    c.set('headers', {});
    c.env.outgoing!.on('close', () => gone.resolve());
    arrived.resolve();
    await gate;
    await next();
    done.resolve(c.error ? String(c.error) : 'answered');
  });
  app.route(
    '/',
    completionRoutes({
      engine: {
        async *complete(_request, _tenant, signal) {
          signal.throwIfAborted();
          asked += 1;
          yield* [];
        },
      },
      gate: { glance() {}, enter: () => ticket, enterMalformed: async () => {}, leave: () => {} },
      region: 'eu',
      newCompletionId: () => 'cmp_1',
      record: () => {},
      metrics: createMetrics(),
      log: pino({ level: 'silent' }),
    }),
  );
  app.onError((_error, c) => c.body(null, 499 as 400));
  const web = createWebServer({ fetch: app.fetch, http2Cleartext: true });
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  const { port } = web.server.address() as AddressInfo;
  return { port, open, arrived: arrived.promise, gone: gone.promise, done: done.promise, asked: () => asked };
}

const body = JSON.stringify({ prefix: 'const x = ', suffix: '', language: 'typescript', trigger: 'automatic' });
const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
const path = '/v1/code/completions';

const clients = {
  'HTTP/1.1'(port: number) {
    const client = http.request({ port, host: '127.0.0.1', path, method: 'POST', headers, agent: false });
    client.on('error', () => {});
    client.end(body);
    return () => client.destroy();
  },
  'HTTP/2'(port: number) {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    ends.push(() => session.destroy());
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    stream.on('error', () => {});
    stream.end(body);
    return () => stream.close(http2.constants.NGHTTP2_CANCEL);
  },
};

describe('a client that leaves while it is found out who it is', () => {
  it.each(Object.entries(clients))('has nothing done for it: %s', async (_, connect) => {
    const { port, open, arrived, gone, done, asked } = await start();
    const leave = connect(port);
    await arrived;
    leave();
    await gone;
    open();
    expect(await done).toContain('ClientGoneError');
    expect(asked()).toBe(0);
  });
});
