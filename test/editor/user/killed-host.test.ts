/** The extension host ends as a crash ends it: nobody could write down anything any more. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { eventually } from '../../harness/eventually.ts';
import { repository } from '../../harness/repository.ts';
import { type ScriptedServer, knows, startScriptedServer } from '../../harness/scripted-server.ts';
import { type Workbench, openWorkbench } from '../../harness/workbench.ts';

const VSIX = path.join(repository, 'apps', 'extension', 'dist', 'ghostline.vsix');
/** A window that has said nothing for so long is gone. */
const LUNCH_MS = 60 * 60_000;

describe('an extension host that is killed', () => {
  let scratch: string;
  let server: ScriptedServer;
  let workbench: Workbench;
  before(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'ghostline-killed-'));
    await mkdir(path.join(scratch, 'folder'));
    await writeFile(path.join(scratch, 'folder', 'a.ts'), '');
    server = await startScriptedServer({ complete: knows('total += price;'), takesEvents: false });
    workbench = await openWorkbench({
      vsix: [VSIX],
      folder: path.join(scratch, 'folder'),
      file: 'a.ts',
      userDataDir: path.join(scratch, 'user-data'),
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

  const stored = (kind: 'json' | 'alive') =>
    globSync(`user-data/**/globalStorage/ghostline.ghostline/outbox/*.${kind}`, { cwd: scratch }).map((file) =>
      path.join(scratch, file),
    );

  it('has left on the disk what was accepted; the next one delivers it once, and suggests on', async () => {
    await workbench.type('to');
    await workbench.waitForGhostText('tal += price;');
    await workbench.press('Tab');
    await workbench.waitForNoGhostText();
    await eventually('what happened is on the disk', () => stored('json').length >= 2);
    await eventually('delivery was refused', () => server.batches > 0);
    assert.equal(server.events.length, 0);
    const before = stored('json').length;

    process.kill(extensionHost(), 'SIGKILL');
    for (const file of stored('alive')) await writeFile(file, String(Date.now() - LUNCH_MS));
    server.follow({ complete: knows('again(total);') });

    await eventually('the events have arrived', () => server.events.length >= before, 60_000);
    const ids = server.events.map((event) => event.event_id);
    assert.deepEqual(ids, [...new Set(ids)].toSorted());
    assert.deepEqual(
      server.events.slice(0, 2).map(({ type }) => type),
      ['completion-shown', 'completion-accepted'],
    );
    await eventually('nothing of it is left', () => stored('json').length === 0);

    await workbench.press('Enter');
    await workbench.type('aga');
    await workbench.waitForGhostText('in(total);');
    await workbench.press('Tab');
    await workbench.waitForNoGhostText();
    assert.equal(await workbench.save(), 'total += price;\nagain(total);');
  });
});

/** The one of this test: others may have theirs on the same machine. */
function extensionHost(): number {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
      return match ? [{ pid: Number(match[1]), parent: Number(match[2]), args: match[3]! }] : [];
    });
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => pid === process.pid || (parents.has(pid) && isOurs(parents.get(pid)!));
  const hosts = processes.filter(({ pid, args }) => args.includes('--type=extensionHost') && isOurs(pid));
  assert.equal(hosts.length, 1, `one extension host, not ${hosts.length}`);
  return hosts[0]!.pid;
}
