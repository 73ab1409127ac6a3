import assert from 'node:assert/strict';
import type { TelemetryEvent } from '@ghostline/protocol';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, asked, closeEditors, commit, openFile, setting, type, useGhostline } from '../editor.ts';

describe('what became of a suggestion', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
    await eventually('telemetry is on', () => vscode.env.isTelemetryEnabled);
  });
  beforeEach(async () => {
    // What the tests before have left behind is not about this one.
    server.follow({});
    await ghostline.flushOutbox();
  });
  afterEach(closeEditors);
  after(() => server.stop());

  async function acceptOne(): Promise<void> {
    const editor = await openFile('const zanzibar = 1;\n█\n');
    await type('z');
    await asked(server);
    await commit(editor);
  }

  const arrived = (kind: TelemetryEvent['type']) =>
    eventually(`${kind} has arrived`, async () => {
      await ghostline.flushOutbox();
      return server.events.find((event) => event.type === kind);
    });

  it('reaches the server as shown and accepted, in numbers and without any code', async () => {
    server.follow({ complete: knows('zanzibar += 1;') });
    const before = Date.now();
    await acceptOne();
    const accepted = await arrived('completion-accepted');
    const shown = await arrived('completion-shown');
    assert.ok(accepted.type === 'completion-accepted' && shown.type === 'completion-shown');
    const { completionId } = server.asked[0]!;
    for (const event of [shown, accepted]) {
      assert.equal(event.completion_id, completionId);
      assert.equal(event.view_id, shown.view_id);
      assert.equal(event.language, 'typescript');
      assert.ok(Date.parse(event.time) >= before && Date.parse(event.time) <= Date.now());
    }
    assert.equal(shown.chars, 'anzibar += 1;'.length);
    assert.equal(shown.lines, 1);
    assert.equal(shown.how, 'inferred');
    assert.equal(accepted.how, 'measured');
    assert.equal(shown.source, 'network');
    assert.ok(shown.latency_ms > 0 && shown.latency_ms < 30_000);
    assert.equal(accepted.accepted_chars, 'anzibar += 1;'.length);
    const telemetry = server.bodies.filter((body) => body.includes('"events"'));
    assert.ok(telemetry.length > 0);
    for (const body of telemetry) assert.doesNotMatch(body, /anzibar|file-/);
  });

  it('is rejected when it is dismissed', async () => {
    server.follow({ complete: knows('zanzibar += 1;') });
    await openFile('const zanzibar = 1;\n█\n');
    await type('z');
    await asked(server);
    await eventually('the suggestion was on screen', async () => {
      await ghostline.flushOutbox();
      return server.events.some((event) => event.type === 'completion-shown');
    });
    await vscode.commands.executeCommand('ghostline.dismiss');
    const rejected = await arrived('completion-rejected');
    assert.equal(rejected.completion_id, server.asked[0]?.completionId);
  });

  it('stays here when the telemetry setting of Ghostline is off', async () => {
    server.follow({ complete: knows('zanzibar += 1;') });
    await setting('ghostline.telemetry.enabled', false);
    try {
      await acceptOne();
      await ghostline.flushOutbox();
      assert.equal(server.batches, 0);
    } finally {
      await setting('ghostline.telemetry.enabled', undefined);
    }
  });
});
