import assert from 'node:assert/strict';
import type { TelemetryEvent } from '@ghostline/protocol';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { COMPLETE, REPETITIVE, SUGGESTED, TYPED } from '../../repetitive-file.ts';
import { type Ghostline, asked, closeEditors, commit, openFile, setting, type, useGhostline } from '../editor.ts';

/** The server is looked for after 5 s, then after 10. */
const COMES_BACK_MS = 25_000;

describe('local suggestions', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
    await eventually('telemetry is on', () => vscode.env.isTelemetryEnabled);
  });
  afterEach(closeEditors);
  after(() => server.stop());

  const openRepetitive = () => openFile(`${REPETITIVE}█\n`);
  const isLocal = (why: 'unreachable' | undefined) =>
    eventually(`suggestions are local (${why ?? 'as the server asks'})`, () => {
      const state = ghostline.state();
      return state.kind === 'local' && state.failure?.reason === why;
    });

  it('go on with what the file repeats while the server cannot be reached, and are told as local', async () => {
    server.follow({ complete: knows('total += price;') });
    const editor = await openRepetitive();
    await server.stop();
    await type(TYPED);
    assert.equal(await commit(editor), `${COMPLETE}█\n`);
    await isLocal('unreachable');
    await server.start();
    const isAccepted = (event: TelemetryEvent) => event.type === 'completion-accepted';
    const accepted = await eventually('the acceptance has arrived', async () => {
      await ghostline.flushOutbox();
      return server.events.find(isAccepted);
    });
    const shown = server.events.find(
      ({ type, view_id }) => type === 'completion-shown' && view_id === accepted.view_id,
    );
    assert.ok(shown?.type === 'completion-shown' && accepted.type === 'completion-accepted');
    for (const event of [shown, accepted]) {
      assert.equal(event.origin, 'local');
      assert.match(event.completion_id, /^loc_/);
      assert.equal(event.language, 'typescript');
    }
    assert.equal(accepted.accepted_chars, SUGGESTED.length);
    for (const body of server.bodies) assert.doesNotMatch(body, /makeRow/);
  });

  it('give way to the server as soon as it is back', async () => {
    await eventually('the server is back', () => ghostline.state().kind === 'ready', COMES_BACK_MS);
    server.follow({ complete: knows('total += price;') });
    const editor = await openFile('█\n');
    await type('tot');
    await asked(server);
    assert.equal(await commit(editor), 'total += price;█\n');
  });

  it('are made where the server leaves it to the editor', async () => {
    server.follow({ complete: () => ({ kind: 'empty', reason: 'use_local' }) });
    const editor = await openRepetitive();
    await type(TYPED);
    assert.equal(await commit(editor), `${COMPLETE}█\n`);
    await isLocal(undefined);
  });

  it('come before the server has answered where ghostline.local is instant and little doubt is left', async () => {
    await setting('ghostline.local', 'instant');
    try {
      server.follow({ complete: () => ({ kind: 'stalled', chunks: [] }) });
      const editor = await openRepetitive();
      await type(TYPED);
      assert.equal(await commit(editor), `${COMPLETE}█\n`);
      assert.notEqual(ghostline.state().kind, 'local');
    } finally {
      await setting('ghostline.local', undefined);
    }
  });

  it('are never made where ghostline.local is off', async () => {
    await setting('ghostline.local', 'off');
    try {
      server.follow({ complete: () => ({ kind: 'empty', reason: 'use_local' }) });
      const editor = await openRepetitive();
      await type(TYPED);
      await asked(server, 2);
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
      assert.equal(editor.document.getText(), `${REPETITIVE}${TYPED}\n`);
      assert.notEqual(ghostline.state().kind, 'local');
    } finally {
      await setting('ghostline.local', undefined);
    }
  });
});
