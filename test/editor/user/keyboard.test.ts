import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TelemetryEvent } from '@ghostline/protocol';
import { after, afterEach, before, describe, it } from 'mocha';
import { eventually } from '../../harness/eventually.ts';
import { repository } from '../../harness/repository.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../harness/scripted-server.ts';
import { type Workbench, openWorkbench } from '../../harness/workbench.ts';
import { COMPLETE, REPETITIVE, SUGGESTED, TYPED } from '../repetitive-file.ts';

const VSIX = path.join(repository, 'apps', 'extension', 'dist', 'ghostline.vsix');
const FILES = { 'tab.ts': '', 'words.ts': '', 'escape.ts': '', 'offline.ts': REPETITIVE, 'token.ts': '' };

for (const { where, proposedApi, how } of [
  { where: 'stock VS Code', proposedApi: false, how: 'inferred' },
  { where: 'an editor that tells extensions what it shows', proposedApi: true, how: 'measured' },
]) {
  describe(`a person at the keyboard of ${where}`, () => {
    let scratch: string;
    let server: ScriptedServer;
    let workbench: Workbench;
    before(async () => {
      scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-user-'));
      for (const [file, text] of Object.entries(FILES)) await writeFile(path.join(scratch, file), text);
      server = await startScriptedServer();
      workbench = await openWorkbench({
        vsix: [VSIX],
        folder: scratch,
        file: 'tab.ts',
        proposedApi,
        userDataDir: path.join(scratch, '.user-data'),
        settings: { 'ghostline.serverUrl': server.url, 'telemetry.telemetryLevel': 'all' },
      });
      await workbench.statusBar('Ghostline: ready');
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

    const arrived = (kind: TelemetryEvent['type']) =>
      eventually(`${kind} has arrived`, () => server.events.find((event) => event.type === kind));

    it('sees ghost text, takes it with Tab and saves it', async () => {
      server.follow({ complete: knows('total += price * amount;') });
      await workbench.type('tot');
      assert.equal(await workbench.waitForGhostText(), 'al += price * amount;');
      await workbench.press('Tab');
      await workbench.waitForNoGhostText();
      assert.equal(await workbench.save(), 'total += price * amount;');
      const { completion_id } = await arrived('completion-accepted');
      assert.ok(server.asked.some(({ completionId }) => completionId === completion_id));
    });

    it('takes a word of it with Control and the right arrow, and keeps the rest in sight', async () => {
      server.follow({ complete: knows('total += price * amount;') });
      await workbench.open('words.ts');
      await workbench.type('t');
      await workbench.waitForGhostText('otal += price * amount;');
      await workbench.press('Control+ArrowRight');
      await workbench.waitForGhostText(/^ \+= price/);
      await arrived('completion-partially-accepted');
      assert.equal(server.asked.filter(({ request }) => request.trigger === 'automatic').length, 1);
    });

    it('sends it away with Escape, which is told as rejected', async () => {
      server.follow({ complete: knows('total += price * amount;') });
      await workbench.open('escape.ts');
      await workbench.type('t');
      await workbench.waitForGhostText();
      assert.equal((await arrived('completion-shown')).how, how);
      await workbench.press('Escape');
      await workbench.waitForNoGhostText();
      await arrived('completion-rejected');
      assert.equal(await workbench.save(), 't');
    });

    it('goes on with local suggestions while the server is away, as the status bar says and nothing louder', async () => {
      server.follow({ complete: knows('total += price * amount;') });
      await workbench.open('offline.ts');
      await server.stop();
      await workbench.press('Control+End');
      await workbench.type(TYPED);
      await workbench.waitForGhostText(SUGGESTED);
      assert.match(await workbench.statusBar('Ghostline: local suggestions'), /server unreachable/);
      assert.deepEqual(await workbench.notifications(), []);
      await workbench.press('Tab');
      await workbench.waitForNoGhostText();
      assert.equal(await workbench.save(), COMPLETE);
      await server.start();
      await workbench.statusBar('Ghostline: ready');
      await workbench.type('\ntot');
      await workbench.waitForGhostText('al += price * amount;');
      await eventually('the acceptance is told as local', () =>
        server.events.find((event) => event.type === 'completion-accepted' && event.origin === 'local'),
      );
    });

    it('is asked once for an access token, and gives it', async () => {
      server.follow({ complete: knows('total += price * amount;'), token: 'ghl_a-token-of-mine' });
      await workbench.open('token.ts');
      await workbench.type('t');
      assert.match(await workbench.statusBar('Ghostline: offline'), /token needed/);
      await workbench.type('o');
      const asked = await eventually('it is said', async () => {
        const said = await workbench.notifications();
        return said.length > 0 ? said : undefined;
      });
      assert.equal(asked.length, 1);
      assert.match(asked[0]!, /wants a valid access token/);
      await workbench.runCommand('Ghostline: Set Access Token…');
      await workbench.answer('ghl_a-token-of-mine');
      await workbench.type('t');
      await workbench.waitForGhostText('al += price * amount;');
      await workbench.statusBar('Ghostline: ready');
      const settings = await readFile(path.join(scratch, '.user-data', 'User', 'settings.json'), 'utf8');
      assert.doesNotMatch(settings, /ghl_/);
    });
  });
}
