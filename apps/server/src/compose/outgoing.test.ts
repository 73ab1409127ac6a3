import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issuerOptions } from '@ghostline/access/testing';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadSettings } from '../config/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { createOtlpSink } from '../tracing/otlp.ts';
import { openAccess } from './access.ts';
import { connectAnalytics } from './analytics.ts';

const log = pino({ level: 'silent' });
const asked: string[] = [];
/** An issuer whose document says that its keys are where a cloud keeps a machine's credentials. */
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  const issuer = `http://${request.headers.host}`;
  response.end(JSON.stringify({ issuer, jwks_uri: 'http://169.254.169.254/latest/meta-data' }));
});
let port: number;
let folder: string;
beforeEach(async () => {
  asked.length = 0;
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-outgoing-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  await rm(folder, { recursive: true, force: true });
});

function settingsWith(...argv: string[]) {
  const settings = loadSettings({ argv, env: {}, cwd: folder });
  if (typeof settings === 'string') throw new Error(settings);
  return settings;
}

async function issuerState(issuer: string, allowPrivate: boolean): Promise<string | undefined> {
  const defaults = settingsWith();
  const settings = {
    dataDir: folder,
    auth: {
      ...defaults.auth,
      required: true,
      issuers: [issuerOptions({ url: issuer, audience: 'x' }, { allowPrivate })],
    },
  };
  const access = await openAccess({ settings, redis: { data: undefined }, metrics: createMetrics(), log });
  await vi.waitFor(() => expect(access.states()['issuers']).toMatchObject({ state: 'degraded' }));
  const { detail } = access.states()['issuers']!;
  await access.close();
  return detail;
}

describe('what is asked from here', () => {
  it('does not go where an issuer’s own document leads, when a machine’s credentials are there', async () => {
    expect(await issuerState(`http://127.0.0.1:${port}`, true)).toContain(
      'http://169.254.169.254/latest/meta-data cannot be reached (169.254.169.254 is a link-local, metadata or multicast address',
    );
    expect(asked).toEqual(['/.well-known/openid-configuration']);
  });

  it('stays outside when an issuer is said to be there, whatever its name leads to', async () => {
    expect(await issuerState(`http://localhost:${port}`, false)).toMatch(
      /localhost resolves to an address that is refused: .* is a private address, and allowPrivate is false/,
    );
    expect(asked).toEqual([]);
  });

  it('stays outside when the analytics store is said to be there', async () => {
    const analytics = {
      kind: 'clickhouse',
      url: `http://localhost:${port}`,
      allowPrivate: false,
      database: 'default',
      username: 'default',
      password: '',
    } as const;
    const connection = connectAnalytics({ ...settingsWith(), analytics }, log, {} as never);
    await expect(connection.client().command({ query: 'SELECT 1' })).rejects.toThrow(
      /localhost resolves to an address that is refused/,
    );
    await connection.close();
    const inside = connectAnalytics(
      { ...settingsWith(), analytics: { ...analytics, allowPrivate: true } },
      log,
      {} as never,
    );
    await inside.client().command({ query: 'SELECT 1' });
    await inside.close();
    expect(asked).toHaveLength(1);
  });

  it('stays outside when the receiver of traces is said to be there', async () => {
    const states: unknown[] = [];
    const sink = createOtlpSink({
      url: `http://localhost:${port}`,
      allowPrivate: false,
      headers: {},
      version: '0',
      region: 'r',
      instance: 'i',
      onState: (state) => states.push(state),
    });
    const context = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), sampled: true };
    sink.emit([
      { name: 'a', kind: 'server', context, parent: undefined, startMs: 1, endMs: 2, attributes: {}, error: undefined },
    ]);
    await sink.close();
    expect(states).toEqual([
      { ok: false, reason: expect.stringContaining('localhost resolves to an address that is refused') },
    ]);
    expect(asked).toEqual([]);
  });
});
