import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH, TELEMETRY_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

const KEY = 'gl_MARKERKEY_0123456789abcdefghij';
let folder: string;
let server: GhostlineServer;
let gpu: Awaited<ReturnType<typeof startScriptedServer>>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-logs-'));
  gpu = await startScriptedServer({ tokens: () => ['MARKERANSWER'] });
  const config = path.join(folder, 'ghostline.yaml');
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  await writeFile(
    config,
    `auth:
  keys: [{ id: alice, sha256: ${sha256}, org: acme, team: web, user: alice, roles: [developer, admin] }]
models:
  - name: coder
    template: qwen2.5-coder
    endpoints: [{ name: gpu, kind: openai, url: "${gpu.url}/v1", apiKey: { env: GPU_KEY }, firstTokenTimeoutMs: 300 }]
`,
  );
  const env = { ...process.env, GPU_KEY: 'MARKERUPSTREAMKEY' };
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config, env, args: ['--log-level', 'trace'] });
});
afterEach(async () => {
  await server.stop();
  await gpu.close();
  await rm(folder, { recursive: true, force: true });
});

const authorization = `Bearer ${KEY}`;

function post(address: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(server.url + address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }).then(async (response) => ({ status: response.status, headers: response.headers, text: await response.text() }));
}

async function raw(bytes: string): Promise<void> {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.end(bytes);
  socket.resume();
  await once(socket, 'close');
}

describe('the log at its most talkative', () => {
  it('has the request ids and none of the code, keys and answers that went through every route', async () => {
    const marked = {
      ...sampleRequest,
      prefix: 'const MARKERPREFIX = ',
      suffix: ';MARKERSUFFIX',
      path: 'src/MARKERPATH.ts',
      snippets: [{ path: 'MARKERSNIPPETPATH.ts', text: 'MARKERSNIPPET', source: 'open_file' }],
    };
    const stream = { accept: 'text/event-stream' };
    const answered = await post(COMPLETIONS_PATH, marked, { 'x-request-id': 'caller-chose-this-1' });
    expect(answered.status).toBe(200);
    expect(answered.headers.get('x-request-id')).toBe('caller-chose-this-1');
    expect(answered.headers.get('server-timing')).toMatch(
      /^auth;dur=[\d.]+, prompt;dur=[\d.]+, cache;dur=[\d.]+, queue;dur=[\d.]+, first;dur=[\d.]+$/,
    );
    const streamed = await post(COMPLETIONS_PATH, { ...marked, prefix: `${marked.prefix}1` }, stream);
    expect(streamed.headers.get('server-timing')).toContain('prompt;dur=');

    for (const script of [
      { raw: { status: 400, body: 'MARKERUPSTREAMERROR const MARKERPREFIX' } },
      { raw: { status: 500, body: 'MARKERUPSTREAMERROR' } },
      { raw: { status: 200, headers: { 'content-type': 'text/html' }, body: 'MARKERUPSTREAMERROR' } },
      { raw: { status: 200, body: 'data: {"MARKERUPSTREAMERROR' } },
      { tokens: () => ['MARKERANSWER'], breakAfterTokens: true },
      { neverAnswer: true },
    ]) {
      gpu.play(script);
      for (const headers of [stream, {}])
        await post(
          COMPLETIONS_PATH,
          { ...marked, suffix: JSON.stringify(script) + Object.keys(headers).join() },
          headers,
        );
    }
    for (const body of [
      '{"MARKERBODY',
      '"MARKERBODY"',
      'MARKERBODY',
      { ...marked, prefx: 'MARKERBODY' },
      { ...marked, trigger: 'MARKERBODY' },
    ])
      for (const address of [COMPLETIONS_PATH, TELEMETRY_PATH]) expect((await post(address, body)).status).toBe(400);
    expect((await post(COMPLETIONS_PATH, marked, { authorization: 'Bearer MARKERWRONGKEY' })).status).toBe(401);
    expect((await post(COMPLETIONS_PATH, marked, { 'content-type': 'text/MARKERTYPE' })).status).toBe(415);
    await post(TELEMETRY_PATH, { events: [{ event_id: 'MARKEREVENT', text: 'MARKEREVENT' }] });
    await post('/MARKERADDRESS?q=MARKERQUERY', marked, { 'x-marker': 'MARKERHEADER', 'x-request-id': 'MARKER ID;' });
    for (const address of [
      '/admin/api/acceptance?from=MARKERQUERY',
      '/admin/MARKERADDRESS',
      '/v1/policy',
      '/v1/regions',
      '/metrics',
      '/readyz',
      '/openapi.json',
    ])
      await fetch(server.url + address, { headers: { authorization, cookie: 'MARKERCOOKIE' } }).then((response) =>
        response.text(),
      );
    await raw('POST /v1/code/completions HTTP/1.1\r\nMARKERHEADER\r\n\r\nMARKERBODY');
    await raw(
      `POST /v1/code/completions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"prefix":"MARKERBODY`,
    );

    await expect.poll(() => server.output()).toContain('"requestId":"caller-chose-this-1"');
    await server.stop();
    expect(server.output()).toContain('inference failed');
    expect(server.output().match(/.{0,80}MARKER.{0,80}/g) ?? []).toEqual([]);
  }, 60_000);
});
