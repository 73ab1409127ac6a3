import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, asked, commit, openFile, type, useGhostline } from '../editor.ts';

/** By its name the last one before VS Code ends: `after-restart/` looks for what it leaves behind. */
describe('before a restart', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
    await eventually('telemetry is on', () => vscode.env.isTelemetryEnabled);
  });
  after(() => server.stop());

  it('an accepted suggestion cannot be told to a server that takes no events', async () => {
    server.follow({ complete: knows('undelivered += 1;'), takesEvents: false });
    const editor = await openFile('█\n');
    await type('u');
    await asked(server);
    await commit(editor);
    await eventually('delivery was tried', async () => {
      await ghostline.flushOutbox();
      return server.batches > 0;
    });
    assert.deepEqual(server.events, []);
  });
});
