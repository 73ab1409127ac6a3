import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complete, readiness } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline, startServerProcess } from '../harness/ghostline-server.ts';

let folder: string;
let server: GhostlineServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-start-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** What a start that must fail says. */
async function failure(options: Parameters<typeof startServerProcess>[0]): Promise<string> {
  const child = await startServerProcess(options);
  const { code } = await child.exited;
  await child.closed;
  expect(code).toBe(1);
  expect(child.output()).not.toMatch(/\n\s+at /);
  return child.output();
}

describe('a start that cannot succeed says why and how to go on', () => {
  it('when the port is taken', async () => {
    server = await startGhostline({ dataDir: path.join(folder, 'a') });
    const port = Number(new URL(server.url).port);
    expect(await failure({ dataDir: path.join(folder, 'b'), port })).toContain(
      `Port ${port} on 127.0.0.1 is already taken. Stop what uses it, or choose another one: npm start -- --port ${port + 1}`,
    );
  });

  it('when another instance has the data directory', async () => {
    server = await startGhostline({ dataDir: path.join(folder, 'a') });
    const message = await failure({ dataDir: path.join(folder, 'a') });
    expect(message).toMatch(
      /Another Ghostline is using the data directory .*\/a \(process \d+, http:\/\/127\.0\.0\.1:\d+\)/,
    );
    expect(message).toContain('--data-dir');
    expect((await complete(server.url)).status).toBe(200);
  });

  it('when the configuration is wrong', async () => {
    const config = path.join(folder, 'ghostline.yaml');
    await writeFile(config, 'listen:\n  prot: 4711\n');
    expect(await failure({ dataDir: path.join(folder, 'a'), config })).toContain(
      'ghostline.yaml:2:9: listen.prot: unknown field; did you mean "port"?',
    );
  });

  it('when it would listen to the world without authentication', async () => {
    expect(await failure({ dataDir: path.join(folder, 'a'), args: ['--host', '0.0.0.0'] })).toMatch(
      /Add auth: \{\} and make keys with: ghostline keys create; or listen on 127\.0\.0\.1/,
    );
  });
});

describe('a running server', () => {
  it('is ready, describes its interface and exposes metrics', async () => {
    server = await startGhostline({ dataDir: path.join(folder, 'a') });
    expect(await readiness(server.url)).toMatchObject({
      status: 200,
      body: { ready: true, components: { event_log: { state: 'ok' }, inference: { state: 'ok' } } },
    });
    const fetched = async (address: string) => (await fetch(new URL(address, server!.url))).text();
    expect(JSON.parse(await fetched('/openapi.json'))).toMatchObject({ openapi: '3.1.0' });
    expect(await fetched('/docs')).toContain('swagger-ui');
    await complete(server.url);
    expect(await fetched('/metrics')).toMatch(
      /ghostline_completions_total\{model="ngram",outcome="stop",cache="miss"\} 1/,
    );
    expect(await fetched('/admin/')).toContain('<div id="root"');
    expect(await fetched('/playground/')).toContain('<div id="root"');
  });

  it('answers a second time from its cache, and not for another prompt', async () => {
    server = await startGhostline({ dataDir: path.join(folder, 'a') });
    const caches = [];
    for (const prefix of [undefined, undefined, 'lock(gate);\nleave(garden);\nrest();\nlock(gate);\nleave(']) {
      caches.push((await complete(server.url, prefix === undefined ? {} : { prefix })).body.cache);
    }
    expect(caches).toEqual(['miss', 'memory', 'miss']);
  });

  it('starts again on its data after an orderly stop', async () => {
    server = await startGhostline({ dataDir: path.join(folder, 'a') });
    await server.stop();
    expect((await server.exited).code).toBe(0);
    server = await startGhostline({ dataDir: path.join(folder, 'a') });
    expect((await complete(server.url)).status).toBe(200);
  });
});
