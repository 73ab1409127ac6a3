/** Regions that are killed, hang, are slow and come back, over real sockets; time runs eight times as fast as they say. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  type CompletionRequest,
  EVENT_STREAM_HEADERS,
  type RegionsResponse,
  type StreamEvent,
  encodeStreamEvent,
  parseCompletionRequest,
} from '@ghostline/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { realTimer } from '../timer.ts';
import { createHttpTransport } from '../transport/http.ts';
import { createRegionalTransport } from './regional-transport.ts';

const SPEED = 8;
const now = () => performance.now() * SPEED;
const setTimer = (run: () => void, ms: number) => realTimer(run, ms / SPEED);

const TEXT = 'total += "naïve 🙂".length;\nreturn total;';
const request: CompletionRequest = {
  prefix: 'a',
  suffix: 'b',
  language: 'typescript',
  trigger: 'automatic',
  session_id: 's',
  sequence: 1,
};

interface Gateway {
  readonly name: string;
  readonly url: string;
  readonly requests: CompletionRequest[];
  readonly authorizations: (string | undefined)[];
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Called with each piece of a stream before it is sent; false: it is not sent, and nothing after it. */
  beforePiece: (sent: string) => boolean | Promise<boolean>;
  beforeAnswer: () => Promise<void> | void;
  /** What the network adds, in real milliseconds. */
  distanceMs: number;
  list: RegionsResponse['regions'];
  kill(): Promise<void>;
  restart(): Promise<void>;
}

let gateways: Gateway[] = [];
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
// Node loads its fetch when it is first used, which takes longer than a look may.
beforeAll(async () => void (await fetch('data:,')));
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(async () => {
  process.off('unhandledRejection', note);
  await Promise.all(gateways.map((gateway) => gateway.kill()));
  gateways = [];
  expect(unhandled.splice(0)).toEqual([]);
});

/** A gateway that says TEXT, or what follows the text to resume, in pieces of three bytes of UTF-8. */
async function startGateway(name: string): Promise<Gateway> {
  const sockets = new Set<Socket>();
  let server = open();
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const gateway: Gateway = {
    name,
    url: `http://127.0.0.1:${port}`,
    requests: [],
    authorizations: [],
    sockets,
    beforePiece: () => true,
    beforeAnswer: () => {},
    distanceMs: 0,
    list: [{ name, url: null, health: 'ok' }],
    async kill() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.resetAndDestroy();
      });
    },
    async restart() {
      server = open();
      await listen(server, port);
    },
  };
  gateways.push(gateway);
  return gateway;

  function open(): Server {
    const opened = createServer((incoming, response) => void handle(incoming, response));
    opened.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    return opened;
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (gateway.distanceMs > 0) await new Promise((resolve) => setTimeout(resolve, gateway.distanceMs));
    if (incoming.url === '/v1/regions') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ regions: gateway.list }));
      return;
    }
    if (incoming.url === '/healthz') {
      gateway.authorizations.push(incoming.headers.authorization);
      await gateway.beforeAnswer();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
      return;
    }
    gateway.authorizations.push(incoming.headers.authorization);
    const parsed = parseCompletionRequest(JSON.parse(Buffer.concat(chunks).toString()));
    if (!parsed.ok) throw new Error(parsed.problem.detail);
    gateway.requests.push(parsed.value);
    const began = now();
    await gateway.beforeAnswer();
    const firstTokenMs = now() - began;
    response.writeHead(200, EVENT_STREAM_HEADERS);
    const id = `cmp_${name.padEnd(8, '0')}${gateway.requests.length}`;
    response.write(
      encodeStreamEvent({
        event: 'start',
        data: { completion_id: id, model: 'm', region: name, endpoint: 'e', cache: 'miss' },
      }),
    );
    const already = parsed.value.resume?.text ?? '';
    if (!TEXT.startsWith(already)) throw new Error(`asked to go on after ${JSON.stringify(already)}`);
    let sent = already;
    for (const text of TEXT.slice(already.length).match(/[\s\S]{1,3}/gu) ?? []) {
      if (!(await gateway.beforePiece(sent))) return;
      response.write(encodeStreamEvent({ event: 'delta', data: { index: 0, text } }));
      sent += text;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const rest = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0 };
    const timings = { ...rest, first_token_ms: firstTokenMs, total_ms: now() - began };
    response.write(encodeStreamEvent({ event: 'finish', data: { index: 0, reason: 'stop' } }));
    response.end(
      encodeStreamEvent({ event: 'done', data: { usage: { prompt_tokens: 1, completion_tokens: 1 }, timings } }),
    );
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function world() {
  const home = await startGateway('home');
  const other = await startGateway('other');
  // A clock this fast makes much of a busy machine: the difference must be plain.
  other.distanceMs = 15;
  home.list = [...home.list, { name: 'other', url: other.url, health: 'ok' }];
  const transport = createRegionalTransport({
    home: () => home.url,
    transportTo: (url) => createHttpTransport({ serverUrl: () => url, token: async () => 'key-1', setTimer, now }),
    setTimer,
    now,
  });
  await transport.check(never);
  await eventually(() => transport.regions().every(({ networkMs }) => networkMs !== undefined));
  return { home, other, transport };
}

const never = new AbortController().signal;

async function eventually(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect.fail(`not within two seconds: ${condition}`);
}

async function read(transport: Awaited<ReturnType<typeof world>>['transport'], signal = never) {
  const events: StreamEvent[] = [];
  for await (const event of transport.complete(request, signal)) events.push(event);
  const text = events.map((event) => (event.event === 'delta' ? event.data.text : '')).join('');
  return { events, text, starts: events.filter(({ event }) => event === 'start').length };
}

describe('regions over sockets', () => {
  it('answers from home, one stream as it is, with a probe that carries no key', async () => {
    const { home, other, transport } = await world();
    expect(await read(transport)).toMatchObject({ text: TEXT, starts: 1 });
    expect(home.requests).toHaveLength(1);
    expect(new Set(other.authorizations)).toEqual(new Set([undefined]));
    expect(home.authorizations.at(-1)).toBe('Bearer key-1');
  });

  it.each([3, 9, 15, 18, 30])(
    'continues in the other region a stream whose region is killed after %i characters',
    async (after) => {
      const { home, other, transport } = await world();
      home.beforePiece = async (sent) => {
        if (sent.length < after) return true;
        await home.kill();
        return false;
      };
      const { text, starts, events } = await read(transport);
      expect({ text, starts }).toEqual({ text: TEXT, starts: 1 });
      expect(events.at(-1)?.event).toBe('done');
      const { resume } = other.requests.at(-1)!;
      expect(TEXT.startsWith(resume!.text)).toBe(true);
      expect(resume!.completion_id).toMatch(/^cmp_home/);
    },
  );

  it('is back home when that has been back for a while', { timeout: 30_000 }, async () => {
    const { home, transport } = await world();
    await home.kill();
    for (let keystroke = 0; keystroke < 3; keystroke++) await read(transport);
    expect(transport.region().name).toBe('other');
    await home.restart();
    for (let keystroke = 0; transport.region().name !== 'home' && keystroke < 1000; keystroke++) {
      await read(transport);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(transport.region().name).toBe('home');
    expect(await read(transport)).toMatchObject({ text: TEXT });
    expect(home.requests.length).toBeGreaterThan(0);
  });

  it('continues at home a stream that was cut there, when it restarts in time', async () => {
    const { home, other, transport } = await world();
    await other.kill();
    let killed = false;
    home.beforePiece = async (sent) => {
      if (sent.length < 9 || killed) return true;
      killed = true;
      await home.kill();
      await home.restart();
      return false;
    };
    expect(await read(transport)).toMatchObject({ text: TEXT, starts: 1 });
    expect(home.requests.map(({ resume }) => resume?.text.length)).toEqual([undefined, 9]);
  });

  it('goes to the other region when home is killed before its first byte', async () => {
    const { home, other, transport } = await world();
    home.beforeAnswer = () => home.kill();
    expect(await read(transport)).toMatchObject({ text: TEXT, starts: 1 });
    expect(other.requests).toHaveLength(1);
    expect(other.requests[0]).not.toHaveProperty('resume');
    // Nobody there any more: the next keystroke costs one refused connection, the one after it nothing.
    await read(transport);
    expect(transport.region().name).toBe('other');
  });

  it('goes to the other region when home hangs, and lets go of the connection that hung', async () => {
    const { home, other, transport } = await world();
    await read(transport);
    const { promise: unblocked, resolve: unblock } = Promise.withResolvers<void>();
    home.beforeAnswer = () => unblocked;
    const began = now();
    expect(await read(transport)).toMatchObject({ text: TEXT, starts: 1 });
    expect(now() - began).toBeGreaterThan(1900);
    expect(now() - began).toBeLessThan(9000);
    expect(other.requests).toHaveLength(1);
    unblock();
  });

  it('waits for a region that is slow, but not away', async () => {
    const { home, other, transport } = await world();
    await read(transport);
    home.beforeAnswer = () => new Promise((resolve) => setTimeout(resolve, 1200 / SPEED));
    expect(await read(transport)).toMatchObject({ text: TEXT });
    expect(other.requests).toHaveLength(0);
    expect(transport.region().name).toBe('home');
  });

  it('yields nothing after an abort at any moment, and leaves no request behind', async () => {
    const { home, other, transport } = await world();
    for (let piece = 0; piece < 14; piece++) {
      const controller = new AbortController();
      let pieces = 0;
      home.beforeAnswer = () => {
        if (piece === 0) controller.abort(new Error('typed on'));
      };
      home.beforePiece = async () => {
        pieces += 1;
        if (pieces !== piece) return true;
        if (piece % 3 === 0) await home.kill();
        controller.abort(new Error('typed on'));
        return piece % 2 === 0;
      };
      let after = 0;
      const reading = (async () => {
        for await (const event of transport.complete(request, controller.signal)) {
          if (controller.signal.aborted) after += event ? 1 : 0;
        }
      })();
      await expect(reading).rejects.toThrow('typed on');
      expect(after).toBe(0);
      if (piece % 3 === 0 && piece > 0) await home.restart();
    }
    home.beforeAnswer = () => {};
    home.beforePiece = () => true;
    // Nothing that was given up is still open: what is left are connections kept for later.
    await eventually(() => home.sockets.size + other.sockets.size <= 4);
    transport.dispose();
  });
});
