import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { ProblemError } from '@ghostline/protocol';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebServer } from '../connections/web-server.ts';
import type { AppEnv } from './app-env.ts';
import { createBodyRoom } from './body-room.ts';
import { readJson } from './read-json.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe('room for bodies that are not whole', () => {
  it('is as much for each owner, and for all together', () => {
    const room = createBodyRoom({ ownerBytes: 100, allBytes: 150 });
    expect([room.take('a', 60), room.take('a', 50), room.take('a', 40)]).toEqual([true, false, true]);
    expect([room.take('b', 60), room.take('b', 50)]).toEqual([false, true]);
  });

  it('is there again when it was given back', () => {
    const room = createBodyRoom({ ownerBytes: 100, allBytes: 150 });
    room.take('a', 100);
    room.take('b', 50);
    room.giveBack('a', 100);
    expect([room.take('b', 60), room.take('b', 50), room.take('a', 50), room.take('a', 1)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('bodies that do not come whole', () => {
  const HALF = `{"text":"${'x'.repeat(600)}`;

  /** With room for two halves of each sender. */
  async function start() {
    const bodies = createBodyRoom({ ownerBytes: 1_500, allBytes: 10_000 });
    const app = new Hono<AppEnv>()
      .post('/', async (c) => {
        c.set('bodies', bodies);
        const keyId = c.req.header('x-key')!;
        c.set('principal', { keyId, org: 'acme', team: 'web', user: 'alice', roles: [] });
        return c.json((await readJson(c, 1_000)) as object);
      })
      .onError((error, c) => c.body(null, error instanceof ProblemError ? 429 : (499 as 429)));
    const web = createWebServer({ fetch: app.fetch, http2Cleartext: true });
    web.server.listen(0, '127.0.0.1');
    await once(web.server, 'listening');
    ends.push(() => web.finish(0));
    const client = http2.connect(`http://127.0.0.1:${(web.server.address() as AddressInfo).port}`);
    ends.push(() => client.destroy());
    return (key: string) => {
      const stream = client.request({
        ':method': 'POST',
        ':path': '/',
        'content-type': 'application/json',
        'x-key': key,
      });
      stream.on('error', () => {});
      stream.write(HALF);
      const status = once(stream, 'response').then(([headers]) => Number(headers[':status']));
      return { stream, status };
    };
  }

  it('are refused beyond the room of their sender, and have room again when others are whole or gone', async () => {
    const send = await start();
    const [first, second, third] = [send('a'), send('a'), send('a')];
    expect(await third.status).toBe(429);
    first.stream.end('"}');
    expect(await first.status).toBe(200);
    second.stream.close(http2.constants.NGHTTP2_CANCEL);
    const fourth = send('a');
    fourth.stream.end('"}');
    expect(await fourth.status).toBe(200);
    const both = [send('a'), send('a')];
    for (const { stream } of both) stream.end('"}');
    expect(await Promise.all(both.map(({ status }) => status))).toEqual([200, 200]);
  });

  it('take no room from others', async () => {
    const send = await start();
    const [, , refused, other] = [send('a'), send('a'), send('a'), send('b')];
    expect(await refused.status).toBe(429);
    other.stream.end('"}');
    expect(await other.status).toBe(200);
  });
});
