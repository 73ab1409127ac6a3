import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, closeEditors, commit, openFile, setting, type, useGhostline } from '../editor.ts';

describe('when the server', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
    // Otherwise the editor suggests by itself meanwhile.
    await setting('ghostline.local', 'off');
  });
  afterEach(closeEditors);
  after(async () => {
    await setting('ghostline.local', undefined);
    await server.stop();
  });

  const offline = (reason: string) =>
    eventually(`Ghostline is offline, ${reason}`, () => {
      const state = ghostline.state();
      return state.kind === 'offline' && state.failure.reason === reason ? state.failure : undefined;
    });

  it('cannot be reached, says so and comes back by itself with the server', async () => {
    server.follow({ complete: knows('total += price;') });
    const editor = await openFile('█\n');
    await server.stop();
    await type('t');
    const failure = await offline('unreachable');
    assert.match(failure.detail, new RegExp(server.url));
    await server.start();
    await type('o');
    assert.equal(await commit(editor), 'total += price;█\n');
    assert.equal(ghostline.state().kind, 'ready');
  });

  it('wants another token, says so', async () => {
    server.follow({ token: 'the right one', complete: knows('total += price;') });
    await openFile('█\n');
    await type('t');
    const failure = await offline('unauthenticated');
    assert.match(failure.detail, /token/);
    assert.equal(failure.retryable, false);
  });
});
