/** The whole product once through: VS Code → gateway → model → ghost text → Tab → telemetry → store → the admin's page. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../harness/chromium.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { repository } from '../harness/repository.ts';
import { type Workbench, openWorkbench } from '../harness/workbench.ts';

let folder: string;
let server: GhostlineServer;
let workbench: Workbench;
let browser: BrowserContext;

/** A real file of this repository, with its neighbour, is what the developer has open. */
const FILE = 'packages/protocol/src/problem.ts';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-keystroke-'));
  const workspace = path.join(folder, 'workspace');
  await mkdir(path.join(workspace, path.dirname(FILE)), { recursive: true });
  await cp(path.join(repository, FILE), path.join(workspace, FILE));
  server = await startGhostline({ dataDir: path.join(folder, 'data') });
  workbench = await openWorkbench({
    vsix: [path.join(repository, 'apps/extension/dist/ghostline.vsix')],
    folder: workspace,
    file: FILE,
    settings: {
      'ghostline.serverUrl': server.url,
      'telemetry.telemetryLevel': 'all',
      // IntelliSense is not what is looked at here, and its list comes and goes with the speed of the machine.
      'editor.quickSuggestions': false,
      'editor.suggestOnTriggerCharacters': false,
    },
  });
  browser = await launchChromium({ profileDir: path.join(folder, 'profile') });
});

afterAll(async () => {
  await browser?.close();
  await workbench?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

async function openDashboard(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(new URL('/admin/', server.url).href);
  return page;
}

describe('a developer and an admin', () => {
  it('begin without data, and the page says so', async () => {
    const page = await openDashboard();
    await page.getByRole('heading', { name: /no suggestions yet|nothing yet|no data/i }).waitFor();
    await page.close();
  });

  it('see one suggestion from keystroke to chart', async () => {
    await workbench.statusBar('Ghostline');
    await workbench.press('Control+End');
    // The editor indents by itself.
    await workbench.type('\nexport function titleOf(name: ProblemName) {\nconst { status, title, retryable } = PRO');
    expect(await workbench.waitForGhostText()).toBe('BLEMS[name];');
    const screenshot = process.env['GHOSTLINE_SCREENSHOTS'];
    if (screenshot) await writeFile(path.join(screenshot, 'vscode.png'), await workbench.page.screenshot());

    await workbench.press('Tab');
    await workbench.waitForNoGhostText();
    const saved = await workbench.save();
    expect(saved).toMatch(/\n {2}const { status, title, retryable } = PROBLEMS\[name\];\n}\s*$/);
    expect(saved.startsWith(await readFile(path.join(repository, FILE), 'utf8'))).toBe(true);

    const page = await openDashboard();
    await page.getByTestId('accepted-total').and(page.locator('[value="1"]')).waitFor({ timeout: 60_000 });
    await expect.poll(() => page.getByTestId('shown-total').getAttribute('value')).toMatch(/^[1-9]/);
    const row = page.locator('[data-testid="language-row"][data-key="typescript"]');
    expect(await row.getByTestId('accepted').innerText()).toBe('1');
    expect(await page.locator('[data-testid="model-row"][data-key="ngram"]').getByTestId('accepted').innerText()).toBe(
      '1',
    );
    if (screenshot) await writeFile(path.join(screenshot, 'dashboard.png'), await page.screenshot());
  });
});
