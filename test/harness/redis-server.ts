import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RunningChild, startChild } from './child-process.ts';

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

/** A port that was free a moment ago: for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
