import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CANDIDATES, findServer } from './find-server.ts';

const READINESS = { ready: true, region: 'local', version: '0.1.0', components: { inference: { state: 'ok' } } };
const asked: string[] = [];
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
  asked.length = 0;
});

/** Listens on loopback and answers every request with this. */
async function listen(status: number, body: unknown, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function refusing(): Promise<string> {
  const url = await listen(200, {});
  closing.pop()?.();
  return url;
}

describe('looking for a server on this machine', () => {
  const signal = new AbortController().signal;

  it('finds the first of the candidates that is a Ghostline, with one quiet question each', async () => {
    const web = await listen(200, '<!doctype html>');
    const other = await listen(200, { ready: true });
    const ours = await listen(200, READINESS);
    const alsoOurs = await listen(200, READINESS);
    const candidates = [await refusing(), web, other, ours, alsoOurs];
    expect(await findServer(signal, { candidates })).toBe(ours);
    expect(asked).toEqual(['GET /readyz', 'GET /readyz', 'GET /readyz', 'GET /readyz']);
  });

  it('finds one that is about to end, and nothing where nobody or somebody else answers', async () => {
    expect(await findServer(signal, { candidates: [await listen(503, { ...READINESS, ready: false })] })).toBeDefined();
    const nobody = [await refusing(), await listen(404, READINESS), await listen(200, 'ok')];
    expect(await findServer(signal, { candidates: nobody })).toBeUndefined();
  });

  it('follows nobody to another place', async () => {
    const ours = await listen(200, READINESS);
    const elsewhere = await listen(302, '', { location: `${ours}/readyz` });
    expect(await findServer(signal, { candidates: [elsewhere] })).toBeUndefined();
  });

  it('gives up on one that does not answer, and when it is told to', async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error), { once: true }),
      );
    const overdue = new AbortController();
    const looking = findServer(signal, { fetch: silent, timeout: () => overdue.signal });
    overdue.abort();
    expect(await looking).toBeUndefined();
    const told = new AbortController();
    const lookingToo = findServer(told.signal, { fetch: silent });
    told.abort();
    expect(await lookingToo).toBeUndefined();
  });

  it('asks this machine only', () => {
    for (const url of CANDIDATES) expect(new URL(url).hostname).toMatch(/^(?:127\.0\.0\.1|\[::1\])$/);
  });
});
