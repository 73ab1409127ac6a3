import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type OtlpOptions, createOtlpSink } from './otlp.ts';
import type { SpanRecord } from './spans.ts';

const span: SpanRecord = {
  name: 'POST /v1/code/completions',
  kind: 'server',
  context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true },
  parent: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00f067aa0ba902b7', sampled: true, remote: true },
  startMs: 1_700_000_000_123.456,
  endMs: 1_700_000_000_200,
  attributes: { 'http.response.status_code': 200, 'gen_ai.response.finish_reasons': ['stop'] },
  error: 'timeout',
};

let server: http.Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

interface Received {
  readonly path: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: { resourceSpans: { resource: unknown; scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
}

/** An OTLP receiver that answers as `status` says at that moment. */
async function receiver(status: () => number = () => 200) {
  const received: Received[] = [];
  server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (status() === 200) received.push({ path: request.url, headers: request.headers, body: JSON.parse(text) });
    response.writeHead(status(), { 'content-type': 'application/json', connection: 'close' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

function sinkTo(url: string, more: Partial<OtlpOptions> = {}) {
  const states: unknown[] = [];
  const sink = createOtlpSink({
    url,
    headers: {},
    version: '1.2.3',
    region: 'eu',
    instance: 'here',
    onState: (state) => states.push(state),
    ...more,
  });
  return { sink, states };
}

describe('the way to a receiver', () => {
  it('speaks OTLP over HTTP, with the headers that were configured', async () => {
    const { url, received } = await receiver();
    const { sink } = sinkTo(`${url}/`, { headers: { authorization: 'Bearer abc' } });
    sink.emit([span, { ...span, parent: undefined, error: undefined, kind: 'client' }]);
    await sink.close();
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ path: '/v1/traces', headers: { authorization: 'Bearer abc' } });
    const [group] = received[0]!.body.resourceSpans;
    expect(group?.resource).toMatchObject({
      attributes: expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'ghostline-gateway' } },
        { key: 'ghostline.region', value: { stringValue: 'eu' } },
      ]),
    });
    const [first, second] = group!.scopeSpans[0]!.spans;
    expect(first).toMatchObject({
      traceId: span.context.traceId,
      spanId: span.context.spanId,
      parentSpanId: '00f067aa0ba902b7',
      name: span.name,
      kind: 2,
      startTimeUnixNano: '1700000000123456055',
      endTimeUnixNano: '1700000000200000000',
      status: { code: 2, message: 'timeout' },
    });
    expect(second).toMatchObject({ kind: 3, status: { code: 0 } });
    expect(second).not.toHaveProperty('parentSpanId');
  });

  it('is told once when the receiver refuses, once when it takes spans again, and delays nobody', async () => {
    let status = 400;
    const { url } = await receiver(() => status);
    const { sink, states } = sinkTo(url, { delayMs: 1 });
    const batch = Array.from({ length: 512 }, () => span);
    sink.emit(batch);
    await expect.poll(() => states).toEqual([{ ok: false, reason: expect.any(String) }]);
    sink.emit(batch);
    status = 200;
    await expect.poll(() => (sink.emit(batch), states.length)).toBe(2);
    expect(states[1]).toEqual({ ok: true });
    await sink.close();
  });

  it('ends also when nobody is there, and says so', async () => {
    const { url } = await receiver();
    await new Promise((resolve) => server!.close(resolve));
    server = undefined;
    const { sink, states } = sinkTo(url);
    sink.emit([span]);
    await sink.close();
    expect(states).toEqual([{ ok: false, reason: expect.stringContaining('ECONNREFUSED') }]);
  }, 20_000);
});
