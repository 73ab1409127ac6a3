import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, asked, closeEditors, commit, openFile, setting, type, useGhostline } from '../editor.ts';

const SECRET = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL';
const { executeCommand } = vscode.commands;

describe('what users see', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
  });
  beforeEach(() => server.follow({ complete: knows('total += price;') }));
  afterEach(closeEditors);
  after(() => server.stop());

  const latestSays = (reason: string) =>
    eventually(`a keystroke says ${reason}`, async () => {
      await executeCommand('editor.action.inlineSuggest.trigger');
      return ghostline.keystrokes()[0]?.reason === reason;
    });

  it('is why, for every keystroke, in the inspector', async () => {
    await openFile('let total = 0;\n█\n');
    await executeCommand('ghostline.why');
    await executeCommand('workbench.action.focusFirstEditorGroup');
    await type('t');
    await asked(server);
    await eventually('the inspector has them', () => {
      const shown = ghostline.inspected();
      return shown !== undefined && shown > 0 && shown === ghostline.keystrokes().length;
    });
    await executeCommand('workbench.action.closeEditorsInOtherGroups');
    assert.equal(ghostline.inspected(), undefined);
  });

  it('is exactly what would be sent, with secrets overwritten and nothing sent for it', async () => {
    await openFile(`const key = "${SECRET}";\nlet total = 0;\n█\n`);
    await executeCommand('ghostline.preview');
    const text = await previewSays(/const key = "~redacted/);
    assert.match(text, /Secrets overwritten before anything is sent: 1/);
    assert.doesNotMatch(text, /sk-proj/);
    assert.deepEqual(server.asked, []);

    await executeCommand('workbench.action.focusFirstEditorGroup');
    await type('t');
    const [first] = await asked(server);
    await executeCommand('ghostline.preview');
    const next = await previewSays(/line 3, column 2/);
    assert.ok(first && next.includes(first.request.prefix), next);
  });

  it('is nothing of a file that must stay', async () => {
    await setting('ghostline.exclude', ['*.ts']);
    try {
      await openFile(`const key = "${SECRET}";\n█\n`);
      await executeCommand('ghostline.preview');
      assert.doesNotMatch(await previewSays(/There is no request to show/), /sk-proj|const key/);
    } finally {
      await setting('ghostline.exclude', undefined);
    }
  });

  it('is quiet while this window is paused, and says so', async () => {
    const editor = await openFile('█\n');
    await executeCommand('ghostline.internal.pause', { kind: 'minutes', minutes: 5 });
    await type('t');
    await latestSays('paused');
    assert.deepEqual(server.asked, []);
    await executeCommand('ghostline.toggle');
    await type('o');
    assert.equal(await commit(editor), 'total += price;█\n');
  });

  it('is quiet when asked for on demand only, until somebody demands', async () => {
    await setting('ghostline.trigger', 'manual');
    try {
      const editor = await openFile('█\n');
      await type('tot');
      await eventually('it is said why', () => ghostline.keystrokes().some(({ reason }) => reason === 'on-demand'));
      assert.deepEqual(server.asked, []);
      await executeCommand('ghostline.trigger');
      assert.equal(await commit(editor), 'total += price;█\n');
      const [first] = await asked(server);
      assert.equal(first?.request.trigger, 'manual');
    } finally {
      await setting('ghostline.trigger', undefined);
    }
  });

  it('follows the pace that is set', async () => {
    await setting('ghostline.delay', undefined);
    await setting('ghostline.pace', 'calm');
    try {
      const editor = await openFile('let total = 0;\n█\n');
      await type('total');
      assert.deepEqual(server.asked, []);
      assert.equal(await commit(editor), 'let total = 0;\ntotal += price;█\n');
      assert.ok(ghostline.keystrokes().some(({ pace }) => pace?.because.includes('pace-calm')));
    } finally {
      await setting('ghostline.pace', undefined);
      await setting('ghostline.delay', 0);
    }
  });

  it('is as many suggestions as set, when asked by hand', async () => {
    await setting('ghostline.candidates', 5);
    try {
      await openFile('tot█\n');
      await eventually('five are asked for', async () => {
        await executeCommand('ghostline.trigger');
        return server.asked.some(({ request }) => request.max_candidates === 5);
      });
    } finally {
      await setting('ghostline.candidates', undefined);
    }
  });

  it('is off in one file by a click, which is written into the workspace', async () => {
    await openFile('█\n');
    const listed = () => vscode.workspace.getConfiguration('ghostline').inspect<string[]>('exclude')?.workspaceValue;
    // Its message waits for an answer.
    void executeCommand('ghostline.internal.setFile', false);
    await eventually('it is listed', () => listed()?.some((glob) => glob.startsWith('/file-')));
    await type('t');
    await latestSays('excluded');
    assert.deepEqual(server.asked, []);
    void executeCommand('ghostline.internal.setFile', true);
    await eventually('it is listed no more', () => listed() === undefined);
  });
});

/** What is in the preview as soon as it says this: VS Code fetches a changed text of it in its own time. */
function previewSays(expected: RegExp): Promise<string> {
  return eventually(`the preview says ${expected}`, () => {
    const preview = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'ghostline-preview');
    const text = preview?.getText();
    return text !== undefined && expected.test(text) && text;
  });
}
