import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acceptance, complete, newViewId, readiness, sendEvents, telemetryEvent } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

const soon = { timeout: 30_000, interval: 50 };
let dataDir: string;
let server: GhostlineServer | undefined;

beforeEach(async () => {
  dataDir = path.join(await mkdtemp(path.join(tmpdir(), 'ghostline-durability-')), 'data');
});
afterEach(async () => {
  await server?.stop();
  await rm(path.dirname(dataDir), { recursive: true, force: true });
});

/** Process id of the analytics process under `parent`. */
function analyticsPid(parent: number): number {
  return Number(execFileSync('pgrep', ['-P', String(parent), '-f', 'role analytics'], { encoding: 'utf8' }).trim());
}

async function acceptedView(url: string) {
  const { body } = await complete(url);
  const viewId = newViewId();
  return [
    telemetryEvent(body.completion_id, viewId),
    telemetryEvent(body.completion_id, viewId, {
      type: 'completion-accepted',
      chars: 10,
      lines: 1,
      accepted_chars: 10,
      after_s: 1,
    }),
  ];
}

describe('acknowledged events', () => {
  it('survive kill -9 of the whole server, and count once however often they are sent', async () => {
    server = await startGhostline({ dataDir });
    const batches = await Promise.all(Array.from({ length: 20 }, () => acceptedView(server!.url)));
    for (const events of batches)
      expect((await sendEvents(server.url, events)).body).toMatchObject({ accepted: 2, rejected: [] });
    await server.kill();

    server = await startGhostline({ dataDir });
    expect((await sendEvents(server.url, batches[0]!)).body).toMatchObject({ accepted: 0, duplicates: 2 });
    await vi.waitFor(async () => {
      const total = (await acceptance(server!.url))?.rows[0];
      expect(total).toMatchObject({ shown: 20, accepted: 20, acceptance_rate: 1 });
    }, soon);
  });

  it('wait in the log while the analytics process is dead, and completions never notice', async () => {
    server = await startGhostline({ dataDir });
    await vi.waitFor(async () => expect((await acceptance(server!.url))?.rows).toBeDefined(), soon);
    const first = analyticsPid(server.pid);
    process.kill(first, 'SIGKILL');
    const events = await acceptedView(server.url);
    expect((await sendEvents(server.url, events)).status).toBe(202);
    expect((await complete(server.url)).status).toBe(200);
    await vi.waitFor(
      async () => expect((await acceptance(server!.url))?.rows[0]).toMatchObject({ shown: 1, accepted: 1 }),
      soon,
    );
    expect(analyticsPid(server.pid)).not.toBe(first);
    expect((await readiness(server.url)).body.components['analytics']).toMatchObject({ state: 'ok' });
  });

  it('are attributed to the model that the server says answered', async () => {
    server = await startGhostline({ dataDir });
    await sendEvents(server.url, await acceptedView(server.url));
    await vi.waitFor(
      async () =>
        expect((await acceptance(server!.url, 'model'))?.rows).toMatchObject([
          { model: 'ngram', shown: 1, accepted: 1 },
        ]),
      soon,
    );
  });
});

describe('the analytics process', () => {
  it('ends with its parent, even when that is killed', async () => {
    server = await startGhostline({ dataDir });
    const child = analyticsPid(server.pid);
    await server.kill();
    await vi.waitFor(() => expect(() => process.kill(child, 0)).toThrow(/ESRCH/), soon);
  });
});

describe('SIGTERM', () => {
  it('comes to its end although the analytics process hangs, and the next start delivers', async () => {
    server = await startGhostline({ dataDir });
    await vi.waitFor(async () => expect((await acceptance(server!.url))?.rows).toBeDefined(), soon);
    process.kill(analyticsPid(server.pid), 'SIGSTOP');
    await sendEvents(server.url, await acceptedView(server.url));
    process.kill(server.pid, 'SIGTERM');
    // Kubernetes kills after 30 s.
    const late = setTimeout(() => process.kill(server!.pid, 'SIGKILL'), 25_000);
    expect((await server.exited).code).toBe(0);
    clearTimeout(late);
    server = await startGhostline({ dataDir });
    await vi.waitFor(
      async () => expect((await acceptance(server!.url))?.rows[0]).toMatchObject({ shown: 1, accepted: 1 }),
      soon,
    );
  });
});
