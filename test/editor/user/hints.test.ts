/** What is said without being asked: once, and in the language of the editor. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { startChild } from '../../harness/child-process.ts';
import { eventually } from '../../harness/eventually.ts';
import { repository } from '../../harness/repository.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../harness/scripted-server.ts';
import { type Workbench, openWorkbench } from '../../harness/workbench.ts';

const EXTENSION = path.join(repository, 'apps', 'extension');
const VSIX = path.join(EXTENSION, 'dist', 'ghostline.vsix');
const NEIGHBOUR = path.join(import.meta.dirname, '..', 'fixtures', 'neighbour');
/** VS Code starts anew within a few seconds, and the extension with it. */
const RESTART_MS = 60_000;
const HINT = /Tabby completes code as well as Ghostline/;

describe('a person with another extension that completes code', () => {
  let scratch: string;
  let server: ScriptedServer;
  let workbench: Workbench;
  before(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-hints-'));
    const folder = path.join(scratch, 'folder');
    await mkdir(folder);
    await writeFile(path.join(folder, 'a.ts'), 'let total = 0;\n');
    server = await startScriptedServer({ complete: knows('total += price;') });
    workbench = await openWorkbench({
      vsix: [VSIX, await packNeighbour(scratch)],
      folder,
      file: 'a.ts',
      settings: { 'ghostline.serverUrl': server.url },
    });
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    const screenshot = path.join(repository, 'test-results', 'editor', `${this.currentTest.fullTitle()}.png`);
    await workbench.page.screenshot({ path: screenshot });
  });
  after(async () => {
    await workbench?.close();
    await server?.stop();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  it('is told once', async () => {
    await workbench.statusBar('Ghostline: ready');
    const told = await eventually('it is said', async () => {
      await workbench.press('Control+End');
      await workbench.type('t');
      const said = await workbench.notifications();
      return said.length > 0 && said;
    });
    assert.equal(told.length, 1);
    assert.match(told[0]!, HINT);
  });

  it('is not told again, and reads everything in the language of the editor', async () => {
    const { page } = workbench;
    // No language pack can be had here: what VS Code itself says stays English, what it tells extensions is German.
    await page.addInitScript(() => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: 'de' }));
    await page.reload();
    const status = await eventually(
      'Ghostline is back',
      () => workbench.statusBar('Ghostline: bereit').catch(() => false as const),
      RESTART_MS,
    );
    assert.match(status, /Vorschläge kommen von http/);
    await workbench.open('a.ts');
    await workbench.press('Control+End');
    await workbench.type('\ntot');
    await workbench.waitForGhostText();
    assert.deepEqual(await workbench.notifications(), []);
    await page.locator('.statusbar-item[id*="ghostline"]').click();
    await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'Warum dieser Vorschlag' }).waitFor();
    await page.keyboard.press('Escape');
  });
});

async function packNeighbour(scratch: string): Promise<string> {
  const vsix = path.join(scratch, 'neighbour.vsix');
  const vsce = path.join(EXTENSION, 'node_modules', '.bin', 'vsce');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--out', vsix];
  const child = await startChild(vsce, args, { cwd: NEIGHBOUR, env: process.env });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The neighbour could not be packaged:\n${child.output()}`);
  return vsix;
}
