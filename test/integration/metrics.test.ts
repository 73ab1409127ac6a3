import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complete, newViewId, sendEvents, telemetryEvent } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

let folder: string;
let server: GhostlineServer;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-metrics-'));
  server = await startGhostline({ dataDir: path.join(folder, 'data') });
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const scrape = async () =>
  (await (await fetch(`${server.url}/metrics`)).text())
    .split('\n')
    .filter((line) => line.startsWith('ghostline_'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));

/** One of everything that a client can say, with `mark` in every place that is free. */
async function sayAll(mark: string): Promise<void> {
  const answer = await complete(
    server.url,
    {
      language: mark,
      path: `${mark}.ts`,
      workspace: mark,
      session_id: mark,
      client: { name: mark, version: mark, extension_version: mark },
    },
    { 'x-request-id': `${mark}-12345678`, 'user-agent': mark },
  );
  await complete(server.url, { [mark]: mark, trigger: mark as never });
  await sendEvents(server.url, [
    telemetryEvent(answer.body.completion_id, newViewId(), { language: mark }),
    telemetryEvent(mark, newViewId(), { source: mark }),
  ]);
  for (const address of [`/${mark}`, `/v1/${mark}`, `/admin/api/${mark}`, `/admin/api/acceptance?group_by=${mark}`])
    await fetch(server.url + address, { method: 'POST' }).then((response) => response.text());
}

describe('the series under /metrics', () => {
  it('do not grow with what clients make up', async () => {
    for (let round = 0; round < 5; round++) await sayAll(`zza${round}`);
    const before = await scrape();
    for (let round = 0; round < 40; round++) await sayAll(`zzb${round}`);
    const after = await scrape();
    expect(after.filter((series) => /zz[ab]/.test(series))).toEqual([]);
    expect(after.filter((series) => !before.includes(series))).toEqual([]);
    expect(after).toContain('ghostline_completions_in_flight');
  }, 60_000);
});
