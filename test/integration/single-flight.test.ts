import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complete, sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

type Upstream = Awaited<ReturnType<typeof startScriptedServer>>;
type Script = NonNullable<Parameters<typeof startScriptedServer>[0]>;
let folder: string;
let server: GhostlineServer | undefined;
let gpu: Upstream | undefined;
const clients: http.ClientRequest[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-single-flight-'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server?.stop();
  await gpu?.close();
  server = gpu = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A gateway before an endpoint that counts what it is asked. */
async function gatewayBefore(script: Script): Promise<{ url: string; gpu: Upstream }> {
  gpu = await startScriptedServer(script);
  const config = path.join(folder, 'ghostline.yaml');
  const endpoint = `{ name: gpu, kind: openai, url: "${gpu.url}/v1", firstTokenTimeoutMs: 2000 }`;
  await writeFile(config, `models:\n  - name: coder\n    template: qwen2.5-coder\n    endpoints: [${endpoint}]\n`);
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
  return { url: server.url, gpu };
}

interface Reader {
  readonly leave: () => void;
  /** When the first text is there. */
  readonly begun: Promise<unknown>;
  /** All that came, once the answer is at its end. */
  readonly text: Promise<string>;
}

/** The same request as all others, streamed over a socket of its own. */
function read(url: string, headers: Record<string, string> = {}): Reader {
  const { hostname, port } = new URL(url);
  const client = http.request({
    hostname,
    port,
    path: COMPLETIONS_PATH,
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
  });
  clients.push(client);
  client.end(JSON.stringify(sampleRequest));
  const begun = Promise.withResolvers<void>();
  const text = Promise.withResolvers<string>();
  client.on('error', () => {});
  client.on('response', (response) => {
    let all = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      all += chunk;
      if (all.includes('event: delta')) begun.resolve();
    });
    response.on('end', () => text.resolve(all));
    response.on('error', () => {});
  });
  return { leave: () => client.destroy(), begun: begun.promise, text: text.promise };
}

const inFlight = async (url: string) =>
  Number(/completions_in_flight (\d+)/.exec(await (await fetch(new URL('/metrics', url))).text())?.[1]);

const allAreIn = (url: string, count: number) => expect.poll(() => inFlight(url), { timeout: 20_000 }).toBe(count);

describe('twenty identical prompts', () => {
  it('are one call upstream, which goes on until the last of them has left', async () => {
    const { url, gpu } = await gatewayBefore({ tokens: () => ['const', ' x'], stallAfterTokens: true });
    const readers = Array.from({ length: 20 }, () => read(url));
    await Promise.all(readers.map(({ begun }) => begun));
    for (const [from, to] of [
      [19, 20],
      [10, 19],
      [1, 10],
    ]) {
      for (const reader of readers.slice(from, to)) reader.leave();
      await allAreIn(url, from!);
      expect(gpu.aborts).toBe(0);
    }
    const aborted = gpu.nextAbort();
    readers[0]!.leave();
    await aborted;
    await allAreIn(url, 0);
    expect([gpu.requests.length, gpu.aborts]).toEqual([1, 1]);
  });

  it('are one call upstream before the first token as well', async () => {
    const { url, gpu } = await gatewayBefore({ neverAnswer: true });
    const asked = gpu.nextRequest();
    const readers = Array.from({ length: 20 }, () => read(url));
    await asked;
    await allAreIn(url, 20);
    for (const reader of readers.slice(0, 19)) reader.leave();
    await allAreIn(url, 1);
    expect([gpu.requests.length, gpu.aborts]).toEqual([1, 0]);
    const aborted = gpu.nextAbort();
    readers[19]!.leave();
    await aborted;
    expect([gpu.requests.length, gpu.aborts]).toEqual([1, 1]);
  });

  it('get the whole of the answer each, whenever they came', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { url, gpu } = await gatewayBefore({
      tokens: () => ['const', ' x', ' = 1;'],
      beforeToken: (index) => (index === 2 ? promise : undefined),
    });
    const first = read(url);
    await first.begun;
    const others = Array.from({ length: 19 }, () => read(url));
    await allAreIn(url, 20);
    resolve();
    const texts = await Promise.all([first, ...others].map(({ text }) => text));
    const said = texts.map((text) => [...text.matchAll(/"text":"([^"]*)"/g)].map(([, part]) => part).join(''));
    expect(new Set(said)).toEqual(new Set(['const x = 1;']));
    const ids = texts.map((text) => /"completion_id":"(\w+[^"]*)"/.exec(text)?.[1]);
    expect(new Set(ids).size).toBe(20);
    expect([gpu.requests.length, gpu.aborts]).toEqual([1, 0]);
  });
});

describe('those who share an answer', () => {
  it('do not share a failure that came before them', async () => {
    const { url, gpu } = await gatewayBefore({ neverAnswer: true });
    const asked = gpu.nextRequest();
    const first = complete(url);
    await asked;
    const second = complete(url);
    await allAreIn(url, 2);
    gpu.play({ tokens: () => ['42'] });
    expect((await first).status).toBe(504);
    expect(await second).toMatchObject({ status: 200, body: { choices: [{ text: '42' }] } });
    expect(gpu.requests.length).toBe(2);
  });

  it('are not cut by the deadline of one of them', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { url, gpu } = await gatewayBefore({
      tokens: () => ['const', ' x', ' = 1;'],
      beforeToken: (index) => (index === 2 ? promise : undefined),
    });
    const patient = read(url);
    await patient.begun;
    const hurried = read(url, { 'x-ghostline-deadline-ms': '300' });
    expect(await hurried.text).toMatch(/"reason":"time"/);
    expect(gpu.aborts).toBe(0);
    resolve();
    expect(await patient.text).toMatch(/ = 1;[^]*"reason":"stop"/);
    expect(gpu.requests.length).toBe(1);
  });
});
