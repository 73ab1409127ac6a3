import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, asked, commit, openFile, type, useGhostline } from '../editor.ts';

describe('with the telemetry of VS Code switched off', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer({ complete: knows('total += 1;') });
    ghostline = await useGhostline(server);
  });
  after(() => server.stop());

  it('suggestions work, and no event leaves', async () => {
    assert.equal(vscode.env.isTelemetryEnabled, false);
    const editor = await openFile('█\n');
    await type('t');
    await asked(server);
    assert.equal(await commit(editor), 'total += 1;█\n');
    await ghostline.flushOutbox();
    assert.equal(server.batches, 0);
  });
});
