import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

let folder: string;
let server: GhostlineServer;
let browser: BrowserContext;
const GHOST_TEXT = '.ghost-text-decoration, .ghost-text';
const strangers: string[] = [];
const mistakes: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-playground-'));
  server = await startGhostline({ dataDir: path.join(folder, 'data') });
  browser = await launchChromium({ profileDir: path.join(folder, 'profile') });
  browser.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(server.url)) strangers.push(request.url());
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function open(address: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => {
    // Monaco lets go of work it has cancelled itself by rejecting it.
    if (error.message !== 'Canceled') mistakes.push(error.message);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') mistakes.push(message.text());
  });
  await page.goto(new URL(address, server.url).href);
  return page;
}

describe('the playground', () => {
  it('shows ghost text as one types, inserts it on Tab, and the admin page counts it', async () => {
    const page = await open('/playground/');
    await page.getByTestId('client-state').and(page.locator('[data-state="ready"]')).waitFor();
    await page.getByTestId('editor').locator('.monaco-editor').first().waitFor();
    await page.keyboard.type('const total = ', { delay: 40 });
    await page.locator(GHOST_TEXT).first().waitFor();
    const lines = () => page.locator('.monaco-editor .view-lines').first().innerText();
    const before = await lines();
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator(GHOST_TEXT).count()).toBe(0);
    expect((await lines()).length).toBeGreaterThanOrEqual(before.length);
    await page.locator('[data-testid="trace-entry"][data-fate="accepted"]').first().waitFor();
    expect(await page.getByTestId('status-model').innerText()).toBe('ngram');

    const admin = await open('/admin/');
    await admin.getByTestId('accepted-total').and(admin.locator('[value="1"]')).waitFor({ timeout: 60_000 });
  });

  it('asks nobody but its own server, under a strict content policy, without errors', () => {
    expect(strangers).toEqual([]);
    expect(mistakes).toEqual([]);
  });
});

describe('the interface documentation', () => {
  it('is readable at /docs', async () => {
    const page = await open('/docs');
    await page.getByText('/v1/code/completions').first().waitFor();
  });
});
