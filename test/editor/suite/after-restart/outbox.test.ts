import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { eventually } from '../../../harness/eventually.ts';
import { type ScriptedServer, startScriptedServer } from '../../../harness/scripted-server.ts';
import { type Ghostline, useGhostline } from '../editor.ts';

describe('after a restart', () => {
  let server: ScriptedServer;
  let ghostline: Ghostline;
  before(async () => {
    server = await startScriptedServer();
    ghostline = await useGhostline(server);
  });
  after(() => server.stop());

  it('the acceptance that could not be delivered before reaches the server, once', async () => {
    const startOfHost = Date.now() - process.uptime() * 1000;
    const earlier = await eventually('events of the run before have arrived', async () => {
      await ghostline.flushOutbox();
      const events = server.events.filter((event) => Date.parse(event.time) < startOfHost);
      return events.some((event) => event.type === 'completion-accepted') ? events : undefined;
    });
    const ids = earlier.map((event) => event.event_id);
    assert.deepEqual(ids, [...new Set(ids)]);
    const batches = server.batches;
    await ghostline.flushOutbox();
    assert.equal(server.batches, batches, 'nothing is sent a second time');
  });
});
