/** What a page of another origin may ask and read, as a browser decides it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

const SECRET = 'gk_cross_origin';
/** A page of nothing. */
const pages = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>page</title>');
});

let folder: string;
let server: GhostlineServer;
let browser: BrowserContext;
let page: Page;
let pagesPort: number;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-cross-origin-'));
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  pagesPort = (pages.address() as AddressInfo).port;
  const sha256 = createHash('sha256').update(SECRET).digest('hex');
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `listen: { origins: [ "http://localhost:${pagesPort}" ] }
auth: { keys: [ { id: alice, sha256: ${sha256}, org: acme, team: web, user: alice, roles: [developer, admin] } ] }
`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
  browser = await launchChromium({ profileDir: path.join(folder, 'profile') });
  page = await browser.newPage();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  pages.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

interface Asked {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly error?: string;
}

/** What a script of the page that is open gets of the server. */
async function ask(
  at: string,
  init: { method: string; headers?: Record<string, string>; body?: string },
): Promise<Asked> {
  return page.evaluate(
    async ([url, request]) => {
      try {
        const response = await fetch(url, request);
        await response.text();
        return { status: response.status, headers: Object.fromEntries(response.headers) };
      } catch (error) {
        return { error: String(error) };
      }
    },
    [new URL(at, server.url).href, init] as const,
  );
}

const known = { authorization: `Bearer ${SECRET}` };
const completion = {
  method: 'POST',
  headers: {
    ...known,
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'x-ghostline-deadline-ms': '5000',
    'x-request-id': 'of-the-page-1',
  },
  body: JSON.stringify({ prefix: 'const a = 1;\nconst b = ', suffix: '', language: 'typescript', trigger: 'manual' }),
};

describe('a page of an origin that is configured', () => {
  it('asks for completions and reads what they say in headers', async () => {
    await page.goto(`http://localhost:${pagesPort}/`);
    const { status, headers } = await ask('/v1/code/completions', completion);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-request-id': 'of-the-page-1',
      ratelimit: expect.stringContaining('requests-key'),
      'ratelimit-policy': expect.stringContaining('requests-key'),
      'server-timing': expect.stringContaining('auth'),
    });
  });

  it('reads errors, too, and why to come again', async () => {
    const { status, headers } = await ask('/v1/code/completions', {
      ...completion,
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(401);
    expect(headers).toMatchObject({ 'www-authenticate': 'Bearer', 'x-request-id': expect.any(String) });
  });

  it('measures how far the server is', async () => {
    expect(await ask('/healthz', { method: 'GET' })).toMatchObject({ status: 200 });
  });

  it('stops spending and resumes it', async () => {
    const stop = {
      headers: { ...known, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'Enough.' }),
    };
    expect(await ask('/admin/api/spending/stop', { method: 'POST', ...stop })).toMatchObject({ status: 200 });
    expect(await ask('/admin/api/spending/stop', { method: 'DELETE', headers: known })).toMatchObject({ status: 200 });
  });
});

describe('a page of another origin', () => {
  it('gets nothing, not even with a key', async () => {
    await page.goto(`http://127.0.0.1:${pagesPort}/`);
    expect(await ask('/v1/code/completions', completion)).toEqual({
      error: expect.stringContaining('Failed to fetch'),
    });
    expect(await ask('/v1/policy', { method: 'GET', headers: known })).toHaveProperty('error');
    expect(await ask('/admin/api/spending/stop', { method: 'DELETE', headers: known })).toHaveProperty('error');
  });
});

describe('the server’s own pages', () => {
  it('ask it as ever', async () => {
    await page.goto(new URL('/admin/', server.url).href);
    const stop = {
      headers: { ...known, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'Enough.' }),
    };
    expect(await ask('/admin/api/spending/stop', { method: 'POST', ...stop })).toMatchObject({ status: 200 });
  });
});
