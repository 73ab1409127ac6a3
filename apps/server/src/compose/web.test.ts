import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Settings } from '../config/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { openWebServer } from './web.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(more: Partial<Settings['listen']>) {
  const metrics = createMetrics();
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const listen = {
    host: '127.0.0.1',
    port: 0,
    trustedProxies: [],
    connectionsPerAddress: 2,
    origins: undefined,
    tls: undefined,
    http2Cleartext: false,
    ...more,
  };
  const web = await openWebServer({ listen, fetch: () => new Response('here'), metrics, log });
  ends.push(() => web.finish(0));
  const port = Number(new URL(web.url).port);
  return {
    lines,
    refusals: async () =>
      (await metrics.connectionsRefused.get()).values.map(({ labels, value }) => [labels.reason, value]),
    async open(): Promise<Socket> {
      const socket = connect(port, '127.0.0.1');
      ends.push(() => socket.destroy());
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    },
  };
}

describe('connections of one address', () => {
  it('beyond as many as are configured are refused, counted, and named in the log once', async () => {
    const { open, refusals, lines } = await start({});
    await open();
    await open();
    for (let i = 0; i < 3; i++) {
      const socket = await open();
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 .*too-many-connections/s);
    }
    expect(await refusals()).toEqual([['address', 3]]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      reason: 'address',
      address: '127.0.0.1',
      msg: expect.stringContaining('listen.trustedProxies'),
    });
  });

  it('that is a trusted proxy are not counted', async () => {
    const { open, refusals } = await start({ trustedProxies: ['127.0.0.0/8'] });
    const sockets = await Promise.all(Array.from({ length: 5 }, open));
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await vi.waitFor(() => Promise.all(sockets.map((socket) => expect(socket.bytesRead).toBeGreaterThan(0))));
    expect(await refusals()).toEqual([]);
  });
});
