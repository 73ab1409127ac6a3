/** Ends of processes, announced and not: gateways that are restarted, endpoints that are killed, under requests. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import http2 from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { readiness, sampleRequest } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { type StallingUpstream, startStallingUpstream } from '../harness/stalling-upstream.ts';

let folder: string;
let server: GhostlineServer | undefined;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-drain-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  for (const end of ends.splice(0).toReversed()) await end();
  await rm(folder, { recursive: true, force: true });
});

async function ghostline(
  urls: readonly string[],
  { drain = '{}', port = 0 }: { drain?: string; port?: number } = {},
): Promise<GhostlineServer> {
  const endpoints = urls.map((url, index) => `      - { name: gpu-${index}, kind: openai, url: "${url}/v1" }`);
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `listen: { http2: cleartext }
drain: ${drain}
limits: { requestsPerMinute: 100000000 }
models:
  - name: coder
    template: qwen2.5-coder
    endpoints:
${endpoints.join('\n')}
`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config, port });
  return server;
}

async function stallingUpstream(): Promise<StallingUpstream> {
  const upstream = await startStallingUpstream();
  ends.push(() => upstream.close());
  return upstream;
}

async function drippingUpstream(): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(path.join(import.meta.dirname, 'drain/dripping-upstream.ts'));
  ends.push(() => child.kill('SIGKILL'));
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { url, child };
}

const HEADERS = { 'content-type': 'application/json', accept: 'text/event-stream' };

function http1Stream(url: string, prefix: string, agent?: http.Agent) {
  const options = { method: 'POST', headers: HEADERS, ...(agent && { agent }) };
  const request = http.request(new URL(COMPLETIONS_PATH, url), options);
  request.end(JSON.stringify({ ...sampleRequest, prefix }));
  return once(request, 'response') as Promise<[http.IncomingMessage]>;
}

function http2Stream(client: http2.ClientHttp2Session, prefix: string): http2.ClientHttp2Stream {
  const stream = client.request({ ':method': 'POST', ':path': COMPLETIONS_PATH, ...HEADERS });
  stream.end(JSON.stringify({ ...sampleRequest, prefix }));
  return stream;
}

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('SIGTERM', () => {
  it('first takes the gateway out of rotation, then ends what streams over both protocols', async () => {
    const upstream = await stallingUpstream();
    const running = await ghostline([upstream.url], { drain: '{ announceMs: 4000 }' });
    const client = http2.connect(running.url);
    ends.push(() => client.destroy());
    const calls = ['mark_1_', 'mark_2_', 'mark_3_'].map((mark) => upstream.call(mark));
    const [first] = await Promise.all([
      http1Stream(running.url, 'mark_1_\nlet x = ').then(([response]) => response),
      calls[0]!.asked.then(() => calls[0]!.speak()),
    ]);
    const second = http2Stream(client, 'mark_2_\nlet x = ');
    await calls[1]!.asked;
    calls[1]!.speak();
    await once(second, 'response');

    process.kill(running.pid, 'SIGTERM');
    await running.waitForOutput(/draining/, 10_000);
    // While load balancers learn of it, everything is answered, and clients are told to go elsewhere next.
    expect((await readiness(running.url)).status).toBe(503);
    const [late] = await Promise.all([
      http1Stream(running.url, 'mark_3_\nlet x = ').then(([response]) => response),
      calls[2]!.asked.then(() => calls[2]!.speak()),
    ]);
    expect(late.headers.connection).toBe('close');
    const goaway = once(client, 'goaway');

    // The flights end by their own limit of five seconds after the first token.
    const texts = await Promise.all([first, second, late].map((each) => textOf(each)));
    for (const text of texts) expect(text).toMatch(/const answer[^]*event: finish[^]*"time"[^]*event: done/);
    expect((await goaway)[0]).toBe(http2.constants.NGHTTP2_NO_ERROR);
    expect((await running.exited).code).toBe(0);
    expect(upstream.open).toBe(0);
  });

  it('cuts what does not end in time, upstream too', async () => {
    const upstream = await stallingUpstream();
    const running = await ghostline([upstream.url], { drain: '{ finishMs: 300 }' });
    const call = upstream.call('mark_1_');
    const answer = http1Stream(running.url, 'mark_1_\nlet x = ').then(([response]) => textOf(response));
    await call.asked;
    call.speak();
    process.kill(running.pid, 'SIGTERM');
    await expect(answer).rejects.toThrow();
    await call.cancelled;
    expect((await running.exited).code).toBe(0);
  });
});

describe('a restart under load', () => {
  it('loses no answer that has begun, and refuses none without saying when to come again', async () => {
    const { url } = await drippingUpstream();
    const port = await freePort();
    let running = await ghostline([url], { port });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    ends.push(() => agent.destroy());
    const seen = { whole: 0, cut: [] as string[], refused: [] as string[] };
    const enough = new AbortController();
    let serial = 0;
    const worker = async () => {
      while (!enough.signal.aborted) {
        // No connection, or one that was closed before an answer began: nothing is lost by asking again.
        const begun = await http1Stream(running.url, `let x${serial++} = `, agent).catch(() => undefined);
        if (!begun) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          continue;
        }
        const [response] = begun;
        const text = await textOf(response).catch((error: unknown) => String(error));
        if (response.statusCode !== 200) seen.refused.push(text);
        else if (/event: done\n.*\n\n$/.test(text) && !text.includes('event: error')) seen.whole += 1;
        else seen.cut.push(text);
      }
    };
    const workers = Array.from({ length: 8 }, worker);
    for (let restarts = 0; restarts < 2; restarts++) {
      const before = seen.whole;
      await expect.poll(() => seen.whole, { timeout: 20_000 }).toBeGreaterThan(before + 16);
      process.kill(running.pid, 'SIGTERM');
      expect((await running.exited).code).toBe(0);
      running = await ghostline([url], { port });
    }
    const before = seen.whole;
    await expect.poll(() => seen.whole, { timeout: 20_000 }).toBeGreaterThan(before + 16);
    enough.abort();
    await Promise.all(workers);
    expect(seen.cut).toEqual([]);
    for (const text of seen.refused) expect(text).toMatch(/shutting-down.*"retry_after_ms":\d+/);
  });
});

describe('an endpoint that is killed', () => {
  it('in the middle of its streams ends those with an error, and the next are answered by another', async () => {
    const [dying, other] = await Promise.all([drippingUpstream(), drippingUpstream()]);
    const running = await ghostline([dying.url, other.url]);
    const streams = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => (await http1Stream(running.url, `let a${index} = `))[0]),
    );
    dying.child.kill('SIGKILL');
    for (const text of await Promise.all(streams.map((each) => textOf(each))))
      expect(text).toMatch(/event: delta[^]*event: error\ndata: \{"type":"urn:ghostline:problem:upstream-error"/);
    const [next] = await http1Stream(running.url, 'let b = ');
    expect(await textOf(next)).toMatch(/"endpoint":"gpu-1"[^]*event: done/);
    expect((await readiness(running.url)).status).toBe(200);
  });
});
