import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startScriptedServer } from '@ghostline/inference/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { complete } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../harness/otlp-receiver.ts';

let folder: string;
let server: GhostlineServer | undefined;
let collector: OtlpReceiver;
let gpu: Awaited<ReturnType<typeof startScriptedServer>>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-tracing-'));
  collector = await startOtlpReceiver();
  gpu = await startScriptedServer({ tokens: () => ['MARKER_ANSWER'] });
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await collector.close();
  await gpu.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(tracing: string): Promise<GhostlineServer> {
  const config = path.join(folder, 'ghostline.yaml');
  await writeFile(
    config,
    `${tracing}
models:
  - { name: coder, template: qwen2.5-coder, endpoints: [{ name: gpu, kind: openai, url: "${gpu.url}/v1" }] }
`,
  );
  server = await startGhostline({ dataDir: path.join(folder, 'data'), config });
  return server;
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

describe('traces', () => {
  it('reach the receiver with the drain, whole, joined to the caller’s and the endpoint’s, and without code', async () => {
    const { url } = await start(`tracing: { otlp: "${collector.url}", sampleRatio: 0 }`);
    const prefix = 'const MARKER_PREFIX = ';
    expect((await complete(url, { prefix }, { traceparent })).status).toBe(200);
    expect((await complete(url, { prefix: `${prefix}2; ` })).status).toBe(200);
    await server!.stop();

    expect(collector.spans.map(({ name }) => name).toSorted()).toEqual(
      [
        'POST /v1/code/completions',
        'authenticate',
        'cache',
        'limit',
        'prompt',
        'queue',
        'read',
        'stream',
        'text_completion coder',
      ].toSorted(),
    );
    expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const whole = collector.spans.find(({ name }) => name.startsWith('POST'))!;
    expect(whole.parentSpanId).toBe('b7ad6b7169203331');
    const inference = collector.spans.find(({ name }) => name.startsWith('text_completion'))!;
    expect(inference.parentSpanId).toBe(whole.spanId);
    expect(inference.attributes).toMatchObject({ 'gen_ai.request.model': 'coder', 'ghostline.endpoint': 'gpu' });

    const told = gpu.requests.map(({ headers }) => headers['traceparent']);
    expect(told).toEqual([`00-${traceId}-${inference.spanId}-01`, undefined]);
    expect(collector.bodies.join()).not.toMatch(/MARKER|cart\.ts/);
  });

  it('are not thought of when they are not configured', async () => {
    const { url } = await start('');
    expect((await complete(url, {}, { traceparent })).status).toBe(200);
    expect(gpu.requests[0]?.headers['traceparent']).toBeUndefined();
  });

  it('that nobody takes delay no answer, and are missed in the log once', async () => {
    await collector.close();
    const { url } = await start(`tracing: { otlp: "${collector.url}", sampleRatio: 1 }`);
    expect((await complete(url)).status).toBe(200);
    await server!.stop();
    expect(server!.output().match(/traces are lost/g)).toHaveLength(1);
    expect((await server!.exited).code).toBe(0);
    collector = await startOtlpReceiver();
  });
});
