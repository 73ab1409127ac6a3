import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningChild, startChild } from './child-process.ts';
import { freePort } from './free-port.ts';

/** A real Redis on a free port of loopback, without persistence and with `more` arguments; `stop` also removes its folder. */
export async function startRedis(
  port?: number,
  more: readonly string[] = [],
): Promise<RunningChild & { readonly url: string; readonly port: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghostline-redis-'));
  const chosen = port ?? (await freePort());
  const args = [
    '--port',
    String(chosen),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
    ...more,
  ];
  const child = await startChild('redis-server', args);
  await child.waitForOutput(/Ready to accept connections/, 10_000);
  return {
    ...child,
    port: chosen,
    url: `redis://127.0.0.1:${chosen}`,
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
