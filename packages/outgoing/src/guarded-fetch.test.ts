import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch } from './guarded-fetch.ts';

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url === '/away') response.writeHead(302, { location: '/elsewhere' });
  response.end('here');
});
let port: number;
beforeEach(async () => {
  asked.length = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** A name server that says each of these in turn. */
const names = (...addresses: string[]) =>
  ((_name, _options, done) => done(null, [{ address: addresses.shift()!, family: 4 }])) as Parameters<
    typeof createGuardedFetch
  >[1];

describe('a guarded fetch', () => {
  it('asks where it may', async () => {
    const response = await createGuardedFetch()(`http://127.0.0.1:${port}/a`);
    expect([response.status, await response.text()]).toEqual([200, 'here']);
    expect(await (await createGuardedFetch({}, names('127.0.0.1'))(`http://a.example:${port}/b`)).text()).toBe('here');
    expect(asked).toEqual(['/a', '/b']);
  });

  it.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://2852039166/', 'http://0xa9.254.169.254/'])(
    'asks no address of a metadata service, however it is written: %s',
    async (url) => {
      await expect(createGuardedFetch()(url)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' });
    },
  );

  it('looks at what a name leads to when it connects', async () => {
    const fetch = createGuardedFetch({}, names('169.254.169.254'));
    await expect(fetch(`http://a.example:${port}/`)).rejects.toMatchObject({
      cause: { code: 'ERR_ADDRESS_REFUSED', message: expect.stringContaining('a.example resolves to') },
    });
  });

  it('stays outside where nothing private is meant', async () => {
    const outside = createGuardedFetch({ allowPrivate: false }, names('127.0.0.1'));
    await expect(outside(`http://127.0.0.1:${port}/`)).rejects.toThrow('allowPrivate is false');
    await expect(outside(`http://a.example:${port}/`)).rejects.toMatchObject({
      cause: { code: 'ERR_ADDRESS_REFUSED' },
    });
    expect(asked).toEqual([]);
  });

  it('follows no redirect', async () => {
    await expect(createGuardedFetch()(`http://127.0.0.1:${port}/away`)).rejects.toThrow('fetch failed');
    const response = await createGuardedFetch()(`http://127.0.0.1:${port}/away`, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(asked).toEqual(['/away', '/away']);
  });
});
