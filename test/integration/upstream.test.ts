import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { complete, readiness, sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';

type Upstream = Awaited<ReturnType<typeof startScriptedServer>>;
let folder: string;
let server: GhostlineServer | undefined;
const upstreams: Upstream[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-upstream-'));
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

/** Ghostline in front of these OpenAI-compatible servers, in that order. */
async function ghostline(...urls: string[]): Promise<GhostlineServer> {
  const endpoints = urls.map(
    (url, index) => `      - { name: gpu-${index}, kind: openai, url: "${url}/v1", firstTokenTimeoutMs: 1500 }`,
  );
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `models:\n  - name: coder\n    template: qwen2.5-coder\n    endpoints:\n${endpoints.join('\n')}\n`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
  return server;
}

/** A streamed request on a socket of its own; resolves when the response has begun. */
async function openStream(url: string, prefix: string) {
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const client = http.request({ hostname, port, path: COMPLETIONS_PATH, method: 'POST', headers });
  client.end(JSON.stringify({ ...sampleRequest, prefix }));
  return client;
}

describe('a closed connection', () => {
  it('reaches the inference endpoint as an abort, in the middle of a stream', async () => {
    const gpu = await upstream({ tokens: () => ['const', ' x'], stallAfterTokens: true });
    const { url } = await ghostline(gpu.url);
    const client = await openStream(url, 'let a = ');
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    await once(response, 'data');
    const aborted = gpu.nextAbort();
    client.destroy();
    await aborted;
    expect(gpu.aborts).toBe(1);
  });

  it('reaches it before the first token as well', async () => {
    const gpu = await upstream({ tokens: () => [], stallAfterTokens: true });
    const { url } = await ghostline(gpu.url);
    const asked = gpu.nextRequest();
    const client = await openStream(url, 'let b = ');
    client.on('error', () => {});
    await asked;
    const aborted = gpu.nextAbort();
    client.destroy();
    await aborted;
    expect(gpu.aborts).toBe(1);
  });
});

describe('an endpoint that fails', () => {
  it('is passed over for the next, and the state says so', async () => {
    const gpu = await upstream({ tokens: () => ['42;'] });
    const { url } = await ghostline(`http://127.0.0.1:${await freePort()}`, gpu.url);
    const { status, body } = await complete(url);
    expect({ status, endpoint: body.endpoint, choices: body.choices }).toEqual({
      status: 200,
      endpoint: 'gpu-1',
      choices: [{ index: 0, text: '42;', finish_reason: 'stop' }],
    });
    const { body: state } = await readiness(url);
    expect(state).toMatchObject({ ready: true, components: { inference: { state: 'degraded' } } });
    expect(state.components['inference']?.detail).toMatch(/gpu-0: .*could not be reached.*ECONNREFUSED/);
  });

  it.each([
    [
      'lies about what it speaks',
      { raw: { headers: { 'content-type': 'text/html' }, body: '<h1>Welcome to nginx' } },
      502,
      /answered text\/html instead of an event stream/,
    ],
    ['is out of order', { raw: { status: 500, body: 'boom' } }, 502, /answered 500/],
    ['never says a word', { neverAnswer: true }, 504, /sent no first token for 1500 ms/],
    ['does not want the key', { raw: { status: 401, body: '{}' } }, 502, /answered 401/],
  ])('and %s is a problem that names it; the server stays up', async (_how, script, status, detail) => {
    const gpu = await upstream(script);
    const { url } = await ghostline(gpu.url);
    const { status: answered, body } = await complete(url);
    expect(answered).toBe(status);
    expect(body.detail).toMatch(detail);
    expect(body.detail).not.toContain('open(door)');
    gpu.play({ tokens: () => ['ok'] });
    expect((await complete(url, { prefix: 'let after = ' })).body.choices).toMatchObject([{ text: 'ok' }]);
  });

  it('in the middle of a stream ends it with an error event', async () => {
    const gpu = await upstream({ tokens: () => ['const a = 1, '], breakAfterTokens: true });
    const { url } = await ghostline(gpu.url);
    const client = await openStream(url, 'let c = ');
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    let text = '';
    for await (const chunk of response) text += chunk;
    expect(text).toMatch(/event: start\n[^]*event: error\ndata: \{"type":"urn:ghostline:problem:upstream-error"/);
  });
});

describe('many identical requests at once', () => {
  it('are one request upstream', async () => {
    const release = Promise.withResolvers<void>();
    const gpu = await upstream({ tokens: () => ['42'], beforeToken: () => release.promise });
    const { url } = await ghostline(gpu.url);
    const answers = Array.from({ length: 20 }, () => complete(url));
    await gpu.nextRequest();
    // All twenty are being answered before the one upstream request is.
    await expect
      .poll(async () => (await (await fetch(new URL('/metrics', url))).text()).match(/in_flight (\d+)/)?.[1])
      .toBe('20');
    release.resolve();
    const caches = (await Promise.all(answers)).map(({ body }) => body.cache).toSorted();
    expect(caches).toEqual([...Array.from({ length: 19 }, () => 'inflight'), 'miss']);
    expect(gpu.requests.length).toBe(1);
  });
});

describe('SIGTERM', () => {
  it('lets a stream finish and then ends the process', async () => {
    const release = Promise.withResolvers<void>();
    const gpu = await upstream({
      tokens: () => ['first', ' last'],
      beforeToken: (index) => (index === 0 ? undefined : release.promise),
    });
    const running = await ghostline(gpu.url);
    const client = await openStream(running.url, 'let d = ');
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    let text = String((await once(response, 'data'))[0]);
    process.kill(running.pid, 'SIGTERM');
    await running.waitForOutput(/draining/, 10_000);
    await expect(fetch(new URL('/healthz', running.url))).rejects.toThrow();
    release.resolve();
    for await (const chunk of response) text += chunk;
    expect(text).toMatch(/first[^]* last[^]*event: done/);
    expect((await running.exited).code).toBe(0);
  });
});

describe('a prompt that is longer than the endpoint reads', () => {
  it('is sent again shorter, and the metrics tell', async () => {
    const gpu = await upstream({
      raw: {
        status: 400,
        headers: { 'content-type': 'application/json' },
        body: '{"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (2048 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":2048}}',
      },
    });
    const { url } = await ghostline(gpu.url);
    const asked = gpu.nextRequest().then(() => gpu.play({ tokens: () => ['answer()'] }));
    const prefix = '  const value = compute(other);\n'.repeat(400);
    const answer = await complete(url, { ...sampleRequest, prefix });
    await asked;
    expect(answer.body.choices[0]?.text).toBe('answer()');
    const [first, second] = gpu.requests.map(({ body }) => String(body['prompt']).length);
    expect(second).toBeLessThan(first! / 2);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('ghostline_prompts_shortened_total 1');
  });
});

describe('a tokeniser in a thread', () => {
  it('of the built server teaches how long prompts are, where answers carry no usage', async () => {
    const gpu = await upstream({ tokens: () => ['f', '();\n', 'more'], stallAfterTokens: true });
    const config = path.join(folder, 'ghostline.yaml');
    await writeFile(
      config,
      `models:\n  - name: coder\n    template: plain\n    tokenizer: { kind: tiktoken, encoding: cl100k_base }\n    endpoints: [{ name: gpu, kind: openai, url: "${gpu.url}/v1" }]\n`,
    );
    server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
    const { url } = server;
    const prefix = `${'  const value = compute(other);\n'.repeat(100)}  `;
    const { body } = await complete(url, { prefix, multiline: 'never' });
    expect(body.choices[0]?.text).toBe('f();');
    await eventually('the thread has counted', async () =>
      (await (await fetch(`${url}/metrics`)).text()).includes('ghostline_token_counts_total 1'),
    );
  });
});

describe('a model that only chats', () => {
  it('is asked in messages, and only the code of its answer is shown', async () => {
    const gpu = await upstream({
      tokens: () => [
        'Here is',
        ' the missing code:\n',
        '```ts\n',
        'let a = ',
        '42',
        ';',
        '\n``',
        '`',
        '\nIt is the answer.',
      ],
    });
    const config = path.join(folder, 'ghostline.yaml');
    await writeFile(
      config,
      `models:\n  - name: chat\n    template: instruct\n    endpoints: [{ name: gpu, kind: openai, url: "${gpu.url}/v1" }]\n`,
    );
    server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
    const { body } = await complete(server.url, { prefix: 'let a = ', suffix: '\nlet b = 1;\n' });
    expect(body.choices).toMatchObject([{ text: '42;' }]);
    expect(gpu.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      body: { model: 'chat', messages: [{ role: 'system' }, { role: 'user' }] },
    });
    expect(JSON.stringify(gpu.requests[0]?.body)).toContain('let a = <|cursor_here|>');
  });
});
