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
    const keystrokes = page.getByTestId('inspector').getByRole('option');
    await keystrokes.and(page.locator('[data-fate="accepted"]')).first().waitFor();
    expect(await page.getByTestId('status-model').innerText()).toBe('ngram');

    const admin = await open('/admin/');
    // The page looks again only once a minute.
    const countedOnce = admin.getByTestId('accepted-total').and(admin.locator('[value="1"]'));
    const isCounted = async () => {
      await admin.reload({ waitUntil: 'networkidle' });
      return countedOnce.isVisible();
    };
    await expect.poll(isCounted, { timeout: 60_000, interval: 1_000 }).toBe(true);
  });

  it('says why there is no suggestion, and lets go of the reasons without code', async () => {
    const page = await open('/playground/');
    await page.getByTestId('client-state').and(page.locator('[data-state="ready"]')).waitFor();
    await page.getByTestId('editor').locator('.monaco-editor').first().waitFor();
    const inspector = page.getByTestId('inspector');
    const sentence = inspector.locator('.gl-sentence');
    await inspector.getByText('Nothing typed yet.').waitFor();

    await page.keyboard.type('const customer = 1;', { delay: 40 });
    for (let key = 0; key < 6; key += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('s', { delay: 40 });
    await inspector.locator('[data-reason="mid-word"], [data-reason="mid-line"]').first().waitFor();
    expect(await sentence.innerText()).toMatch(/^No suggestion: /);

    await page.keyboard.press('End');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Control+z');
    await inspector.locator('[data-reason="after-undo"]').first().waitFor();

    await inspector.getByRole('button', { name: 'Copy report' }).click();
    await inspector.getByText('Copied.').waitFor();
    const report = await page.evaluate(() => navigator.clipboard.readText());
    expect(JSON.parse(report)).toMatchObject({ version: 1, client: { name: 'playground' } });
    expect(report).toContain('"reason": "after-undo"');
    expect(report).not.toMatch(/customer|checkout/);
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
