/** The switch that stops spending, as an admin finds it on the page. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

let folder: string;
let upstream: Awaited<ReturnType<typeof startScriptedServer>>;
let server: GhostlineServer;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-spending-'));
  upstream = await startScriptedServer({ tokens: () => ['total', ' * 2;'] });
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `budgets: { everything: { month: 10 } }
models:
  - name: fast
    template: qwen2.5-coder
    price: { inputPerMillion: 1000, outputPerMillion: 1000 }
    endpoints: [ { name: gpu, kind: openai, url: "${upstream.url}/v1" } ]
`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
  browser = await launchChromium({ profileDir: path.join(folder, 'profile') });
  page = await browser.newPage();
  await page.goto(new URL('/admin/', server.url).href);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await upstream?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

describe('an admin', () => {
  it('sees what is spent of the budget', async () => {
    const body = { prefix: 'const price = 1;\nconst double = ', suffix: '', language: 'typescript', trigger: 'manual' };
    const answer = await fetch(new URL('/v1/code/completions', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await answer.text();
    const row = page.getByRole('row', { name: /^Everything/ });
    await row.getByRole('cell', { name: '10.00' }).waitFor();
    await row
      .getByRole('cell', { name: /^0\.0[1-9]$/ })
      .first()
      .waitFor();
  });

  it('stops it, for everybody and for a user, says why, and resumes it', async () => {
    await page.getByText('Nothing is stopped.').waitFor();
    await page.getByText('Stop spending…').click();
    await page.getByLabel('Reason').fill('Runaway agent.');
    await page.getByRole('button', { name: 'Stop spending' }).click();
    await page.getByText('Stopped for everybody: Runaway agent.').waitFor();
    await page.getByText(/by local\/local, until somebody resumes it/).waitFor();

    await page.getByText('Stop spending…').click();
    await page.getByLabel('Reason').fill('Far too many.');
    await page.getByLabel('User').fill('alice');
    await page.getByRole('button', { name: 'Stop spending' }).click();
    const alice = page.locator('.spending-stop', { hasText: 'Stopped for alice of local' });
    await alice.waitFor();
    await alice.getByRole('button', { name: 'Resume' }).click();
    await alice.waitFor({ state: 'detached' });
    await page.getByText('Stopped for everybody').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Nothing is stopped.').waitFor();
  });
});
