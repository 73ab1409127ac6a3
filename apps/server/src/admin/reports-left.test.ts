import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { ADMIN_API_PATH } from '@ghostline/protocol';
import { Hono } from 'hono';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createWebServer } from '../connections/web-server.ts';
import type { AppEnv } from '../http/app-env.ts';
import { reportRoutes } from './reports.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server whose store never has a report ready, and what becomes of those it is asked for. */
async function start() {
  const lines: string[] = [];
  const asked = Promise.withResolvers<AbortSignal>();
  const report = (_query: object, _scope: object, signal: AbortSignal) => {
    asked.resolve(signal);
    return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const app = new Hono<AppEnv>();
  app.use(async (c, next) => {
    c.set('principal', { keyId: 'k', org: 'o', team: 't', user: 'u', roles: ['admin'] });
    await next();
  });
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  app.route(
    '/',
    reportRoutes({
      store: { acceptance: report, latency: report, retention: report },
      minimumUsers: () => 1,
      log,
    }),
  );
  app.onError((_error, c) => c.body(null, 499 as 400));
  const web = createWebServer({ fetch: app.fetch, http2Cleartext: true });
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  return { port: (web.server.address() as AddressInfo).port, asked: asked.promise, lines };
}

const day = 'from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z';

const readers = {
  'HTTP/1.1'(port: number, path: string) {
    const request = http.get({ port, host: '127.0.0.1', path, agent: false });
    request.on('error', () => {});
    return () => request.destroy();
  },
  'HTTP/2'(port: number, path: string) {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    ends.push(() => session.destroy());
    const request = session.request({ ':path': path });
    request.on('error', () => {});
    request.end();
    return () => request.close(http2.constants.NGHTTP2_CANCEL);
  },
};

describe.each(Object.entries(readers))('a reader of reports who leaves, over %s', (_, read) => {
  it.each(['acceptance', 'latency', 'retention'])('ends the work for it: %s', async (name) => {
    const { port, asked, lines } = await start();
    const leave = read(port, `${ADMIN_API_PATH}/${name}?${day}`);
    const signal = await asked;
    expect(signal.aborted).toBe(false);
    leave();
    await vi.waitFor(() => expect(signal.aborted).toBe(true), { timeout: 10_000, interval: 5 });
    expect(signal.reason).toMatchObject({ name: 'ClientGoneError' });
    // It is no failure of the store.
    expect(lines).toEqual([]);
  });
});
