/** The extension host of the browser, as on vscode.dev: the other bundle, and no Node anywhere. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { eventually } from '../../harness/eventually.ts';
import { repository } from '../../harness/repository.ts';
import { packWebOnly } from '../../harness/web-only-vsix.ts';
import { type Workbench, openWorkbench } from '../../harness/workbench.ts';
import { COMPLETE, REPETITIVE, SUGGESTED, TYPED } from '../repetitive-file.ts';

/** The port of a protocol that throws everything away: no server answers there. */
const NOBODY = 'http://127.0.0.1:9';
const ASK_AGAIN_MS = 2000;
const LOG_SHOWS_MS = 30_000;
const NO_WORKER = 'the local model runs without a worker';

for (const { where, without, hasWorker } of [
  { where: 'in a browser', without: [], hasWorker: true },
  { where: 'in a browser that has no worker to give', without: ['local-model-worker.js'], hasWorker: false },
]) {
  describe(`a person ${where}, far from any server`, () => {
    let scratch: string;
    let workbench: Workbench;
    before(async () => {
      scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-web-'));
      const folder = path.join(scratch, 'folder');
      await mkdir(folder);
      await writeFile(path.join(folder, 'rows.ts'), REPETITIVE);
      workbench = await openWorkbench({
        vsix: [await packWebOnly(scratch, without)],
        folder,
        file: 'rows.ts',
        settings: { 'ghostline.serverUrl': NOBODY },
      });
    });
    afterEach(async function () {
      if (this.currentTest?.state !== 'failed') return;
      const screenshot = path.join(repository, 'test-results', 'editor', `${this.currentTest.fullTitle()}.png`);
      await workbench.page.screenshot({ path: screenshot });
    });
    after(async () => {
      await workbench?.close();
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    });

    /** VS Code shows no log before its file is there, and says nothing when it is asked to: so it is asked again. */
    async function readLog(): Promise<string | undefined> {
      await workbench.runCommand('Ghostline: Show Log');
      const output = workbench.page.locator('.part.panel .view-lines', { hasText: '(unreachable)' });
      await output.waitFor({ timeout: ASK_AGAIN_MS }).catch(() => undefined);
      const [text] = await output.allInnerTexts();
      return text?.replaceAll('\u00a0', ' ');
    }

    it('is given local suggestions', async () => {
      assert.match(await workbench.statusBar('Ghostline: local suggestions'), /server unreachable/);
      await workbench.press('Control+End');
      await workbench.type(TYPED);
      await workbench.waitForGhostText(SUGGESTED);
      await workbench.press('Tab');
      await workbench.waitForNoGhostText();
      assert.equal(await workbench.save(), COMPLETE);
    });

    it(`finds in the log why they are local${hasWorker ? '' : ', and that they are made without a worker'}`, async () => {
      const log = await eventually('the log is on screen', readLog, LOG_SHOWS_MS);
      assert.equal(log.includes(NO_WORKER), !hasWorker, log);
    });
  });
}
