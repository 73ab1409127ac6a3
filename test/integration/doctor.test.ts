import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild } from '../harness/child-process.ts';
import { freePort } from '../harness/free-port.ts';
import { startGhostline } from '../harness/ghostline-server.ts';
import { startOtlpReceiver } from '../harness/otlp-receiver.ts';
import { startRedis } from '../harness/redis-server.ts';
import { repository } from '../harness/repository.ts';

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-doctor-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await rm(folder, { recursive: true, force: true });
});

const MAIN_KEY = '0123456789abcdef0123456789abcdef';

async function doctor(yaml: string, ...args: string[]) {
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(config, yaml);
  const cli = path.join(repository, 'apps/cli/dist/main.js');
  const flags = ['doctor', '--config', config, '--data-dir', path.join(folder, 'data'), ...args];
  const env = { ...process.env, MAIN_KEY, GPU_KEY: 'MARKERKEY', INIT_CWD: folder };
  const child = await startChild(process.execPath, [cli, ...flags], { cwd: folder, env });
  await child.closed;
  expect(child.output()).not.toContain('MARKERKEY');
  return { code: (await child.exited).code, output: child.output() };
}

const endpoint = (url: string) => `
models:
  - name: coder
    template: qwen2.5-coder
    endpoints: [{ name: gpu, kind: openai, url: "${url}/v1", apiKey: { env: GPU_KEY } }]
`;

describe('ghostline doctor', () => {
  it('finds all well: everything is asked as a server would', async () => {
    const gpu = await startScriptedServer({ tokens: () => ['a'] });
    closing.push(gpu.close);
    const redis = await startRedis();
    closing.push(() => redis.stop());
    const collector = await startOtlpReceiver();
    closing.push(collector.close);
    const port = await freePort();
    const { code, output } = await doctor(
      `redis: { url: "${redis.url}" }
secrets: { cacheKey: { env: MAIN_KEY }, idKey: { env: MAIN_KEY } }
tracing: { otlp: "${collector.url}" }
listen: { port: ${port} }
${endpoint(gpu.url)}`,
    );
    for (const line of [
      /✓ Node +v24/,
      /✓ configuration/,
      /✓ data directory .* will be created/,
      /✓ disk/,
      new RegExp(`✓ port +127.0.0.1:${port} is free`),
      /[✓!] Redis +(?:version \d|answers in)/,
      /✓ analytics +embedded/,
      /[✓!] endpoint gpu +first token after \d+ ms/,
      /✓ traces/,
      /✓ clock +agrees with .*Redis/,
    ])
      expect(output).toMatch(line);
    expect(code).toBe(0);
    expect(gpu.requests[0]?.body['max_tokens']).toBe(1);
  }, 60_000);

  it('says of a server that runs what it is, and takes nothing from it', async () => {
    const server = await startGhostline({ dataDir: path.join(folder, 'data') });
    closing.push(() => server.stop());
    const { code, output } = await doctor(`listen: { port: ${new URL(server.url).port} }`);
    expect(output).toMatch(/✓ data directory .* is in use \(process \d+, http/);
    expect(output).toMatch(/✓ port +Ghostline \d+\.\d+\.\d+ answers/);
    expect(output).toMatch(/[✓!] endpoint embedded +first token/);
    expect(code).toBe(0);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  }, 60_000);

  it('names what is away or wrong, each with what to do, and fails', async () => {
    const gpu = await startScriptedServer({ raw: { status: 401, body: '{}' } });
    closing.push(gpu.close);
    const { code, output } = await doctor(
      `redis: { url: "redis://127.0.0.1:${await freePort()}" }
secrets: { cacheKey: { env: MAIN_KEY }, idKey: { env: MAIN_KEY } }
analytics: { url: "http://127.0.0.1:${await freePort()}" }
listen: { port: ${new URL(gpu.url).port} }
${endpoint(gpu.url)}`,
    );
    expect(code).toBe(1);
    for (const line of [
      /✗ Redis .*cannot be reached/,
      /✗ analytics .*ECONNREFUSED/,
      /✗ port .*taken by another program/,
      /✗ endpoint gpu .*401/,
    ])
      expect(output).toMatch(line);
    expect(output.match(/→ /g)?.length).toBeGreaterThanOrEqual(4);
  }, 60_000);

  it('points at the line of a configuration that cannot work, also as JSON', async () => {
    const { code, output } = await doctor('region: eu\nmodelz: []\n', '--json');
    expect(code).toBe(1);
    const report = JSON.parse(output) as { findings: { check: string; level: string; detail: string }[] };
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        check: 'configuration',
        level: 'failure',
        detail: expect.stringMatching(/ghostline\.yaml:2:\d+: modelz: unknown field; did you mean "models"/),
      }),
    );
  }, 60_000);
});
