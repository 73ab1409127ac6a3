import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClickHouseStore } from './clickhouse-store.ts';
import { MIGRATIONS } from './schema.ts';

const soon = { timeout: 10_000, interval: 5 };
const day = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' };
const scope = { org: 'acme', minimumUsers: 1 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server that has the schema and ends no report; it notes what it is asked, who leaves, and what it is told to stop. */
async function slowServer() {
  const asked: string[] = [];
  const left: string[] = [];
  const killed: (string | null)[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sql = Buffer.concat(chunks).toString('utf8');
    if (sql.startsWith('KILL QUERY')) killed.push(searchParams.get('param_id'));
    if (sql.includes('max(version)')) response.end(`{"version":${MIGRATIONS.length},"retention":400}\n`);
    else if (sql.includes('AS gateways')) {
      const id = searchParams.get('query_id') ?? '';
      asked.push(id);
      response.on('close', () => left.push(id));
    } else response.end();
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, left, killed };
}

function storeAt(url: string, options: { killsQueries?: boolean; timeoutMs?: number } = {}) {
  const { killsQueries = true, timeoutMs = 30_000 } = options;
  const client = createClient({ url, request_timeout: timeoutMs, log: { level: ClickHouseLogLevel.OFF } });
  ends.push(() => client.close());
  return createClickHouseStore({ client: () => client, killsQueries });
}

describe('a report that nobody waits for any more', () => {
  it('is given up at once, its connection closed and its query killed', async () => {
    const server = await slowServer();
    const store = storeAt(server.url);
    const leaving = new AbortController();
    const report = store.acceptance(day, scope, leaving.signal);
    await vi.waitFor(() => expect(server.asked).toHaveLength(1), soon);
    const reason = new Error('the reader has left');
    leaving.abort(reason);
    await expect(report).rejects.toBe(reason);
    await vi.waitFor(() => expect([server.left, server.killed]).toEqual([server.asked, server.asked]), soon);
    // The second of its two queries was never asked.
    expect(server.asked).toHaveLength(1);
  });

  it('leaves other reports alone, and the store in use', async () => {
    const server = await slowServer();
    const store = storeAt(server.url);
    const [leaving, staying] = [new AbortController(), new AbortController()];
    const left = store.acceptance(day, scope, leaving.signal);
    const waited = store.latency(day, scope, staying.signal);
    await vi.waitFor(() => expect(server.asked).toHaveLength(2), soon);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await vi.waitFor(() => expect(server.killed).toHaveLength(1), soon);
    expect(server.left).toEqual(server.killed);
    staying.abort(new Error('gone too'));
    await expect(waited).rejects.toThrow('gone too');
    await vi.waitFor(() => expect(server.killed.toSorted()).toEqual(server.asked.toSorted()), soon);
  });

  it('is killed when it took too long, too', async () => {
    const server = await slowServer();
    const report = storeAt(server.url, { timeoutMs: 50 }).acceptance(day, scope, new AbortController().signal);
    await expect(report).rejects.toThrow(/timeout/i);
    await vi.waitFor(() => expect(server.killed).toEqual(server.asked), soon);
  });

  it('is not killed by name where the store sees by itself that nobody waits', async () => {
    const server = await slowServer();
    const leaving = new AbortController();
    const report = storeAt(server.url, { killsQueries: false }).acceptance(day, scope, leaving.signal);
    await vi.waitFor(() => expect(server.asked).toHaveLength(1), soon);
    leaving.abort(new Error('gone'));
    await expect(report).rejects.toThrow('gone');
    await vi.waitFor(() => expect(server.left).toEqual(server.asked), soon);
    expect(server.killed).toEqual([]);
  });
});
