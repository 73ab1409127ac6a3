/** Nothing is added to the time to the first byte: what the upstream says is written on before anything else is waited for. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal } from '@ghostline/access';
import { createEngine } from '@ghostline/engine';
import { createInference, createOpenAiEndpoint } from '@ghostline/inference';
import { startScriptedServer } from '@ghostline/inference/testing';
import { COMPLETIONS_PATH } from '@ghostline/protocol';
import { Hono } from 'hono';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebServer } from '../connections/web-server.ts';
import type { AppEnv } from '../http/app-env.ts';
import type { Gate } from '../limits/gate.ts';
import { createMetrics } from '../metrics/index.ts';
import { createCompletionIds } from './completion-id.ts';
import { completionRoutes } from './completions.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const PRINCIPAL: Principal = { keyId: 'k', org: 'o', team: 't', user: 'u', roles: ['developer'] };

/** Without limits nobody is waited for. */
const OPEN: Gate = {
  glance() {},
  enter: () => ({ spend: 'any', saving: undefined, headers: () => undefined, settle() {} }),
  async enterMalformed() {},
  leave() {},
};

/** Every packet that undici hands on, before anybody has seen it. */
const PACKETS = 'undici:request:bodyChunkReceived';

/** The gateway in this process, between real sockets; `release` lets the upstream say its next token. */
async function start(tokens: readonly string[]) {
  const gates = tokens.map(() => Promise.withResolvers<void>());
  const upstream = await startScriptedServer({ tokens: () => tokens, beforeToken: (index) => gates[index]!.promise });
  ends.push(() => upstream.close());
  const named = { name: 'gpu', region: 'eu', template: 'qwen2.5-coder', model: 'coder' };
  const endpoint = createOpenAiEndpoint({ ...named, url: `${upstream.url}/v1` });
  const inference = createInference({ region: 'eu', models: [{ name: 'coder', endpoints: [{ endpoint }] }] });
  ends.push(() => inference.close());
  const ids = createCompletionIds(Buffer.alloc(32, 7));
  const engine = createEngine({
    inference,
    models: [{ name: 'coder', template: 'qwen2.5-coder', contextTokens: 4_096 }],
    cacheSecret: Buffer.alloc(32, 1),
    newCompletionId: ids.create,
  });
  const routes = completionRoutes({
    engine,
    gate: OPEN,
    region: 'eu',
    newCompletionId: ids.create,
    record: () => {},
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
  });
  const app = new Hono<AppEnv>()
    .use(async (c, next) => {
      c.set('principal', PRINCIPAL);
      c.set('requestId', 'r');
      c.set('authMs', 0);
      c.set('headers', {});
      await next();
    })
    .route('/', routes);
  const web = createWebServer({ fetch: app.fetch });
  const happened: string[] = [];
  web.server.on('request', (_request, response: ServerResponse) => {
    const write = response.write.bind(response) as (text: string) => boolean;
    response.write = (text: string) => {
      happened.push(`wrote ${/^event: \w+/.exec(text)?.[0]}`);
      return write(text);
    };
  });
  const packet = () => {
    happened.push('packet');
    setImmediate(() => happened.push('next turn'));
  };
  subscribe(PACKETS, packet);
  ends.push(() => unsubscribe(PACKETS, packet));
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  ends.push(() => web.finish(0));
  const { port } = web.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, upstream, happened, release: (index: number) => gates[index]!.resolve() };
}

describe('the first token', () => {
  it('is written on in the turn of the event loop in which its packet comes, and so is every other', async () => {
    const { url, upstream, happened, release } = await start(['const answer', ' = 42', ' + 1']);
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const client = http.request(new URL(COMPLETIONS_PATH, url), { method: 'POST', headers });
    const asked = upstream.nextRequest();
    client.end(JSON.stringify({ prefix: 'let x;\n', suffix: '', language: 'typescript', trigger: 'automatic' }));
    await asked;
    expect(happened).toEqual([]);
    release(0);
    const [response] = (await once(client, 'response')) as [http.IncomingMessage];
    response.setEncoding('utf8');
    expect(String((await once(response, 'data'))[0])).toMatch(/^event: start\n[^]*event: delta\n[^]*const answer/);
    release(1);
    await once(response, 'data');
    expect(happened).toEqual([
      'packet',
      'wrote event: start',
      'next turn',
      'packet',
      'wrote event: delta',
      'next turn',
    ]);
    release(2);
    for await (const _rest of response);
  });
});
