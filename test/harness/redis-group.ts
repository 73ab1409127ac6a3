import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SPENDING_STOP_PATH } from '@ghostline/protocol';
import { expect, vi } from 'vitest';
import { startChild } from './child-process.ts';
import { complete, readiness } from './ghostline-api.ts';
import { type GhostlineServer, startGhostline } from './ghostline-server.ts';
import { repository } from './repository.ts';

const soon = { timeout: 30_000, interval: 50 };

/** Gateways that share a Redis, and what is asked of them whatever it is: one server, a cluster, or what sentinels watch. */
export interface RedisGroup {
  /** A gateway with the group's configuration and `yaml` besides. */
  gateway(name: string, yaml?: string): Promise<GhostlineServer>;
  /** `ghostline COMMAND`, with that gateway's configuration. */
  command(name: string, ...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  /** Something nobody has asked before. */
  another(): { readonly path: string };
  componentOf(server: GhostlineServer, name: string): Promise<unknown>;
  isOk(...servers: readonly GhostlineServer[]): Promise<void>;
  /** Stops everybody's spending at one gateway, or lets it go on; resolves when another one knows. */
  stopSpending(stopped: boolean, from: GhostlineServer, to: GhostlineServer): Promise<void>;
  /** What `from` was told, `to` answers from Redis. */
  isTold(from: GhostlineServer, to: GhostlineServer): Promise<void>;
  stop(): Promise<void>;
}

/** `redis`: that section of the configuration, as YAML in one line; `env`: what it refers to. */
export async function createRedisGroup(redis: string, env: Readonly<Record<string, string>> = {}): Promise<RedisGroup> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ghostline-group-'));
  const servers: GhostlineServer[] = [];
  const whole = { ...process.env, CACHE_KEY: 'c'.repeat(32), ID_KEY: 'i'.repeat(32), ...env, INIT_CWD: folder };
  let questions = 0;

  const group: RedisGroup = {
    async gateway(name, yaml = 'limits: { requestsPerMinute: 100000 }') {
      const config = path.join(folder, `${name}.yaml`);
      const secrets = 'secrets: { cacheKey: { env: CACHE_KEY }, idKey: { env: ID_KEY } }';
      await writeFile(config, `redis: ${redis}\n${secrets}\n${yaml}\n`);
      const server = await startGhostline({ dataDir: path.join(folder, name), config, env: whole });
      servers.push(server);
      return server;
    },
    async command(name, ...args) {
      const cli = path.join(repository, 'apps/cli/dist/main.js');
      const place = ['--config', `${name}.yaml`, '--data-dir', name];
      const child = await startChild(process.execPath, [cli, ...args, ...place], { cwd: folder, env: whole });
      const { code } = await child.exited;
      await child.closed;
      return { code, output: child.output() };
    },
    another: () => ({ path: `src/question-${(questions += 1)}.ts` }),
    async componentOf({ url }, name) {
      const { body } = await readiness(url);
      expect(body.ready).toBe(true);
      return body.components[name];
    },
    async isOk(...all) {
      for (const server of all)
        for (const name of ['redis', 'keys', 'limits'])
          await vi.waitFor(async () => expect(await group.componentOf(server, name)).toEqual({ state: 'ok' }), soon);
    },
    async stopSpending(stopped, from, to) {
      // The first word after a takeover may still go to the one that was killed: the gateway says so, and tells it again.
      await vi.waitFor(async () => {
        const told = await fetch(new URL(SPENDING_STOP_PATH, from.url), {
          method: stopped ? 'POST' : 'DELETE',
          ...(stopped && { body: '{"reason":"A test."}', headers: { 'content-type': 'application/json' } }),
        });
        expect(await told.json()).toMatchObject({ everywhere: true });
      }, soon);
      await vi.waitFor(async () => {
        const { stops } = (await (await fetch(new URL(SPENDING_STOP_PATH, to.url))).json()) as { stops: unknown[] };
        expect(stops).toHaveLength(stopped ? 1 : 0);
      }, soon);
    },
    async isTold(from, to) {
      await vi.waitFor(async () => {
        const asked = group.another();
        const told = await complete(from.url, asked);
        expect(told.body).toMatchObject({ cache: 'miss', choices: [expect.anything()] });
        expect((await complete(to.url, asked)).body).toMatchObject({ cache: 'redis', choices: told.body.choices });
      }, soon);
    },
    async stop() {
      // All of them first: a test that fails must leave none behind.
      await Promise.all(servers.map((server) => server.stop()));
      await rm(folder, { recursive: true, force: true });
      for (const server of servers) {
        // Nothing that became of Redis was forgotten by whoever had asked for it.
        expect(server.output()).not.toMatch(/unhandled|UnhandledPromise/i);
        expect(await server.exited).toEqual({ code: 0, signal: null });
      }
    },
  };
  return group;
}
