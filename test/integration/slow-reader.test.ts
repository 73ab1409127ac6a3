/** A reader that does not read costs only its own stream: not those who wait for the same answer, nor those on its connection. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

/** Less than one frame: the server may send so much before the client has read any of it. */
const WINDOW_BYTES = 64;
const TOKENS = Array.from({ length: 40 }, (_, index) => `call${index}(ü);\n`);

let folder: string;
let server: GhostlineServer;
let upstream: Awaited<ReturnType<typeof startScriptedServer>>;
const release = Promise.withResolvers<void>();
const clients: http2.ClientHttp2Session[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-slow-'));
  upstream = await startScriptedServer({
    tokens: () => TOKENS,
    beforeToken: (index) => (index === 1 ? release.promise : undefined),
  });
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `listen: { http2: cleartext }
models: [ { name: coder, template: qwen2.5-coder, endpoints: [ { name: gpu, kind: openai, url: "${upstream.url}/v1" } ] } ]
`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server.stop();
  await upstream.close();
  await rm(folder, { recursive: true, force: true });
});

function connect(initialWindowSize?: number): http2.ClientHttp2Session {
  const client = http2.connect(server.url, initialWindowSize === undefined ? {} : { settings: { initialWindowSize } });
  clients.push(client);
  return client;
}

function ask(client: http2.ClientHttp2Session): http2.ClientHttp2Stream {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const stream = client.request({ ':method': 'POST', ':path': COMPLETIONS_PATH, ...headers });
  stream.end(JSON.stringify({ ...sampleRequest, prefix: 'function all() {\n', suffix: '\n}\n', multiline: 'always' }));
  return stream;
}

/** The text of the answer; the stream is read from now on. */
async function textOf(stream: http2.ClientHttp2Stream): Promise<string> {
  let said = '';
  for await (const chunk of stream.setEncoding('utf8')) said += chunk;
  expect(said).toMatch(/event: done\n.*\n\n$/);
  return [...said.matchAll(/^event: delta\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data!).text).join('');
}

describe('a reader that does not read', () => {
  it('neither holds up who waits for the same answer, nor loses any of it', async () => {
    const narrow = connect(WINDOW_BYTES);
    const slow = ask(narrow);
    await once(slow, 'response');
    const quick = ask(connect());
    const [headers] = (await once(quick, 'response')) as [http2.IncomingHttpHeaders];
    expect(headers[':status']).toBe(200);
    release.resolve();
    const text = await textOf(quick);
    expect(text).toContain(TOKENS.slice(0, 5).join(''));
    expect(upstream.requests).toHaveLength(1);
    // Another on the same connection is answered meanwhile; its own window is as narrow, but it reads.
    expect(await textOf(ask(narrow))).toBe(text);
    expect(await textOf(slow)).toBe(text);
  });
});
