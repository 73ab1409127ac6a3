import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { startChild } from './child-process.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startRedis } from './redis-server.ts';

const SENTINELS = 3;
const QUORUM = 2;
/** After so long without an answer, a server is held for gone. */
const DOWN_AFTER_MS = 1_000;

export interface WatchedServer {
  readonly port: number;
  readonly client: Redis;
  /** `kill -9`. */
  kill(): void;
}

export interface RedisSentinels {
  /** The name that the sentinels know the primary by. */
  readonly master: string;
  /** Of the sentinels. */
  readonly ports: readonly number[];
  readonly primary: WatchedServer;
  readonly replica: WatchedServer;
  stop(): Promise<void>;
}

/** A primary with a replica, and three sentinels that know each other and both. `password` is that of the servers. */
export async function startRedisSentinels({ password }: { password: string }): Promise<RedisSentinels> {
  const secret = ['--requirepass', password, '--masterauth', password];
  const primary = await startServer(secret, password);
  const replica = await startServer([...secret, '--replicaof', '127.0.0.1', String(primary.port)], password);
  await eventually('the replica has its primary', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up'),
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'ghostline-sentinels-'));
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, async () => {
      const port = await freePort();
      const file = path.join(folder, `${port}.conf`);
      // Sentinels keep what they learn in their file.
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor main 127.0.0.1 ${primary.port} ${QUORUM}`,
        `sentinel auth-pass main ${password}`,
        `sentinel down-after-milliseconds main ${DOWN_AFTER_MS}`,
        'sentinel failover-timeout main 5000',
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      const child = await startChild('redis-server', [file, '--sentinel']);
      await child.waitForOutput(/Sentinel ID is/, 10_000);
      return { ...child, port };
    }),
  );
  await Promise.all(
    sentinels.map(({ port }) => {
      const client = new Redis(port, '127.0.0.1');
      return eventually(
        'the sentinels know each other and the replica',
        async () => {
          const fields = (await client.call('SENTINEL', 'MASTER', 'main')) as string[];
          const field = (name: string) => fields[fields.indexOf(name) + 1];
          return field('num-other-sentinels') === String(SENTINELS - 1) && field('num-slaves') === '1';
        },
        30_000,
      ).finally(() => client.disconnect());
    }),
  );
  return {
    master: 'main',
    ports: sentinels.map(({ port }) => port),
    primary,
    replica,
    async stop() {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()));
      for (const { client } of [primary, replica]) client.disconnect();
      await Promise.all([primary.stop(), replica.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(more: readonly string[], password: string) {
  const server = await startRedis(undefined, more);
  const client = new Redis(server.port, '127.0.0.1', { password, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  return {
    port: server.port,
    client,
    kill: () => void process.kill(server.pid, 'SIGKILL'),
    stop: () => server.stop(),
  };
}
