import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complete, sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

type Upstream = Awaited<ReturnType<typeof startScriptedServer>>;
let folder: string;
let config: string;
let server: GhostlineServer | undefined;
const upstreams: Upstream[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-reload-'));
  config = path.join(folder, 'ghostline.yaml');
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  for (const upstream of upstreams.splice(0)) await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

async function upstream(script: Parameters<typeof startScriptedServer>[0]): Promise<Upstream> {
  const started = await startScriptedServer(script);
  upstreams.push(started);
  return started;
}

const models = (...urls: string[]) => `
models:
  - name: coder
    template: qwen2.5-coder
    endpoints: [${urls.map((url, index) => `{ name: gpu-${index}, kind: openai, url: "${url}/v1", apiKey: { env: GPU_KEY } }`).join(', ')}]
`;

async function start(yaml: string): Promise<GhostlineServer> {
  await writeFile(config, yaml);
  const env = { ...process.env, GPU_KEY: 'MARKERKEY' };
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config, env });
  return server;
}

/** As editors and Kubernetes write: another file takes the place of the one before. */
async function replaceConfig(yaml: string): Promise<void> {
  await writeFile(`${config}.new`, yaml);
  await rename(`${config}.new`, config);
}

const logged = (pattern: RegExp) => server!.waitForOutput(pattern, 15_000);
let asked = 0;
const textFrom = async (url: string) =>
  (await complete(url, { prefix: `const x${++asked} = ` })).body.choices?.[0]?.text;

describe('a changed configuration', () => {
  it('decides at once whose key is known', async () => {
    const key = (id: string, digest: string) =>
      `{ id: ${id}, sha256: ${digest}, org: acme, team: web, user: ${id}, roles: [developer] }`;
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const { url } = await start(`auth: { keys: [ ${key('alice', sha256('alices'))} ] }\n`);
    const statusWith = async (secret: string) =>
      (await complete(url, {}, { authorization: `Bearer ${secret}` })).status;
    expect([await statusWith('alices'), await statusWith('bobs')]).toEqual([200, 401]);
    await replaceConfig(`auth: { keys: [ ${key('bob', sha256('bobs'))} ] }\n`);
    await logged(/"changed":\["auth\.keys"[^]*the configuration has changed/);
    expect([await statusWith('alices'), await statusWith('bobs')]).toEqual([401, 200]);
    // Taking all of it away opens nothing before a restart.
    await replaceConfig('log: { level: debug }\n');
    await logged(/"log\.level"/);
    expect((await complete(url)).status).toBe(401);
  });

  it('is taken over without a restart; what streams goes on, what is cached stays', async () => {
    const gate = Promise.withResolvers<void>();
    const before = await upstream({
      tokens: () => ['one', '(', ')'],
      beforeToken: (index) => (index === 1 ? gate.promise : undefined),
    });
    const after = await upstream({ tokens: () => ['two'] });
    const { url } = await start(models(before.url));

    const stream = await fetch(url + COMPLETIONS_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ ...sampleRequest, prefix: 'let streaming = ' }),
    });
    await replaceConfig(models(after.url));
    await logged(/"changed":\["models\.coder\.endpoints\.gpu-0\.url"\].*the configuration has changed/);
    expect(await textFrom(url)).toBe('two');
    gate.resolve();
    expect(await stream.text()).toMatch(/"text":"one"[^]*"text":"\([^]*event: done/);

    const repeated = { prefix: 'const cached = ' };
    await complete(url, repeated);
    await replaceConfig(`${models(after.url)}\nlog: { level: debug }`);
    await logged(/"changed":\["log\.level"\]/);
    expect((await complete(url, repeated)).body.cache).toBe('memory');
    expect(server!.output()).not.toContain('MARKERKEY');
  }, 60_000);

  it('that is broken is refused with the place, until it is mended', async () => {
    const [one, two] = [await upstream({ tokens: () => ['one'] }), await upstream({ tokens: () => ['two'] })];
    const { url } = await start(models(one.url));
    await replaceConfig(`${models(two.url)}\nlimitz: {}`);
    await logged(/limitz: unknown field; did you mean.*the configuration is refused/);
    expect(await textFrom(url)).toBe('one');
    const metric = async () =>
      /^ghostline_config_last_reload_successful (\d)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
    expect(await metric()).toBe('0');
    await replaceConfig(models(two.url));
    await logged(/the configuration has changed/);
    expect(await textFrom(url)).toBe('two');
    expect(await metric()).toBe('1');
  }, 60_000);

  it('can be pointed out by SIGHUP, and names what needs a restart', async () => {
    const gpu = await upstream({ tokens: () => ['one'] });
    const { url } = await start(models(gpu.url));
    process.kill(server!.pid, 'SIGHUP');
    await logged(/nothing has changed/);
    await replaceConfig(`${models(gpu.url)}\nlisten: { port: 1 }`);
    process.kill(server!.pid, 'SIGHUP');
    await logged(/"fields":\["listen\.port"\].*take effect with a restart/);
    expect(await textFrom(url)).toBe('one');

    const answer = await fetch(`${url}/admin/api/config`);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({
      needs_restart: ['listen.port'],
      refused: null,
      settings: { models: [{ name: 'coder', endpoints: [{ name: 'gpu-0', url: `${gpu.url}/v1`, secret: '…' }] }] },
    });
    expect(text).not.toContain('MARKERKEY');
  }, 60_000);
});
