/** HTTPS of the real process: both protocols, and a certificate that is renewed while it runs. */
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline, startServerProcess } from '../harness/ghostline-server.ts';
import { repository } from '../harness/repository.ts';

const fixtures = path.join(repository, 'apps/server/src/connections/fixtures');
let folder: string;
let config: string;
let server: GhostlineServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-tls-'));
  config = path.join(folder, 'ghostline.yaml');
  await install('first', ['cert', 'key']);
  await writeFile(config, 'listen: { tls: { cert: { file: tls.cert.pem }, key: { file: tls.key.pem } } }\n');
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function install(name: 'first' | 'second', parts: readonly string[]) {
  for (const part of parts)
    await copyFile(path.join(fixtures, `${name}.${part}.pem`), path.join(folder, `tls.${part}.pem`));
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };
const BODY = JSON.stringify(sampleRequest);
const insecure = { rejectUnauthorized: false };

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

async function subjectAt(url: string): Promise<unknown> {
  const { hostname, port } = new URL(url);
  const socket = tls.connect({ host: hostname, port: Number(port), ...insecure });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

describe('a gateway with a certificate', () => {
  it('answers over HTTP/2 and HTTP/1.1, and uses a renewed one without a restart', async () => {
    server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
    expect(server.url).toMatch(/^https:/);
    const client = http2.connect(server.url, insecure);
    const ask = () => {
      const stream = client.request({ ':method': 'POST', ':path': COMPLETIONS_PATH, ...HEADERS });
      stream.end(BODY);
      return textOf(stream);
    };
    expect(JSON.parse(await ask())).toMatchObject({ model: 'ngram' });
    const request = https.request(new URL(COMPLETIONS_PATH, server.url), {
      method: 'POST',
      headers: HEADERS,
      ...insecure,
    });
    request.end(BODY);
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    expect(JSON.parse(await textOf(response))).toMatchObject({ model: 'ngram' });

    expect(await subjectAt(server.url)).toBe('first.localhost');
    await install('second', ['cert']);
    await server.waitForOutput(/the certificate in use stays/, 30_000);
    expect(await subjectAt(server.url)).toBe('first.localhost');
    await install('second', ['key']);
    await server.waitForOutput(/renewed certificate/, 30_000);
    expect(await subjectAt(server.url)).toBe('second.localhost');
    // Who was connected before stays so.
    expect(JSON.parse(await ask())).toMatchObject({ model: 'ngram' });
    client.destroy();
  });

  it('does not start with one that cannot be used, and says which field to mend', async () => {
    await install('second', ['key']);
    const child = await startServerProcess({ dataDir: path.join(folder, 'data'), config });
    await child.closed;
    expect(child.output()).toMatch(/✗ listen\.tls\.key: .*is not the key of the certificate/);
    expect((await child.exited).code).toBe(1);
  });
});
