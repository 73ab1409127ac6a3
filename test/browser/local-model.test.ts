/** The built worker of the extension in a real browser, started from a blob within another worker. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  repetitiveAnswer,
  repetitiveRequest,
} from '../../apps/extension/src/local-model/testing/repetitive-request.ts';
import { launchChromium } from '../harness/chromium.ts';
import { repository } from '../harness/repository.ts';
import type { Report } from './local-model/host.ts';

const WORKER = path.join(repository, 'apps', 'extension', 'dist', 'web', 'local-model-worker.js');
const JAVASCRIPT = { 'content-type': 'text/javascript' };
const NO_WORKERS = { 'content-security-policy': "worker-src 'none'" };

let folder: string;
let server: Server;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-local-model-'));
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'local-model', 'host.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2024',
  });
  const host = outputFiles[0]!.text;
  const worker = await readFile(WORKER, 'utf8');
  const files: Record<string, [string, Record<string, string>]> = {
    '/': ['<!doctype html><title>test</title>', { 'content-type': 'text/html' }],
    '/host.js': [host, JAVASCRIPT],
    '/strict-host.js': [host, { ...JAVASCRIPT, ...NO_WORKERS }],
    '/local-model-worker.js': [worker, JAVASCRIPT],
    '/broken.js': ['this is no script', JAVASCRIPT],
  };
  server = createServer(({ url }, response) => {
    const [body, headers] = files[url ?? ''] ?? ['', {}];
    response.writeHead(body === '' ? 404 : 200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium({ profileDir: path.join(folder, 'profile') });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Starts the local model in this host with that script and asks it. */
async function ask(host: string, script: string, requests = [repetitiveRequest]): Promise<Report> {
  return page.evaluate(
    ([hostUrl, question]) =>
      new Promise<Report>((resolve, reject) => {
        const worker = new Worker(hostUrl);
        worker.addEventListener('message', ({ data }) => {
          worker.terminate();
          if ('error' in data) reject(new Error(data.error));
          else resolve(data);
        });
        worker.addEventListener('error', ({ message }) => reject(new Error(message)));
        worker.postMessage(question);
      }),
    [host, { script, requests }] as const,
  );
}

describe('the local model in a browser', () => {
  it('answers in a worker from a blob, one request after the other', async () => {
    const { answers, fallbacks } = await ask('/host.js', '/local-model-worker.js', [
      repetitiveRequest,
      repetitiveRequest,
    ]);
    expect(fallbacks).toEqual([]);
    expect(answers[0]?.[0]?.text).toBe(repetitiveAnswer);
    expect(answers[1]).toEqual(answers[0]);
  });

  it('answers without one where the content policy forbids workers', async () => {
    const { answers, fallbacks } = await ask('/strict-host.js', '/local-model-worker.js');
    expect(fallbacks).toHaveLength(1);
    expect(answers[0]?.[0]?.text).toBe(repetitiveAnswer);
  });

  it('answers without one when its script does not run or is not there', async () => {
    for (const script of ['/broken.js', 'http://127.0.0.1:1/']) {
      const { answers, fallbacks } = await ask('/host.js', script);
      expect(fallbacks, script).toHaveLength(1);
      expect(answers[0]?.[0]?.text, script).toBe(repetitiveAnswer);
    }
  });
});
