/** A server that does everything a server should not, over real sockets, until it is told to behave. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  COMPLETIONS_PATH,
  type CompletionRequest,
  EVENT_STREAM_HEADERS,
  PROBLEM_MEDIA_TYPE,
  type ProblemName,
  type StreamEvent,
  TELEMETRY_PATH,
  type TelemetryEvent,
  encodeStreamEvent,
  parseTelemetryBatch,
  problem,
} from '@ghostline/protocol';

export interface UnrulySockets {
  readonly url: string;
  isWell: boolean;
  /** Events in order of arrival, copies left out. */
  readonly events: readonly TelemetryEvent[];
  /** What it did, how often. */
  readonly did: ReadonlyMap<string, number>;
  /** How many connections somebody still waits on. */
  busyConnections(): Promise<number>;
  stop(): Promise<void>;
}

const USAGE = { prompt_tokens: 1, completion_tokens: 1 };
const TIMINGS = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };

export async function startUnrulySockets(
  random: (below: number) => number,
  answer: (request: CompletionRequest) => string,
): Promise<UnrulySockets> {
  const events: TelemetryEvent[] = [];
  const did = new Map<string, number>();
  let completions = 0;
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

  function stream(text: string): StreamEvent[] {
    completions += 1;
    const completion_id = `cmp_sockets${String(completions).padStart(6, '0')}`;
    const half = random(text.length + 1);
    return [
      { event: 'start', data: { completion_id, model: 'unruly', region: 'here', endpoint: 'socket', cache: 'miss' } },
      { event: 'delta', data: { index: 0, text: text.slice(0, half) } },
      { event: 'delta', data: { index: 0, text: text.slice(half) } },
      { event: 'finish', data: { index: 0, reason: 'stop' } },
      { event: 'done', data: { usage: USAGE, timings: TIMINGS } },
    ];
  }
  const frames = (text: string): string => stream(text).map(encodeStreamEvent).join('');
  const open = (response: ServerResponse) => response.writeHead(200, EVENT_STREAM_HEADERS);
  function refuse(response: ServerResponse, name: ProblemName, retryAfterMs?: number) {
    const document = problem(name, 'Not now.', { retry_after_ms: retryAfterMs });
    response.writeHead(document.status, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
  }

  /** What may happen to any request. */
  const trouble: Record<string, (response: ServerResponse) => unknown> = {
    'hangs without a word': () => undefined,
    'hangs after its headers': (response) => open(response).flushHeaders(),
    'is a page of somebody else': (response) =>
      response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Oops</h1>'),
    'is away behind a proxy': (response) => response.writeHead(503, { 'retry-after': '1' }).end(),
    'asks for patience': (response) => refuse(response, 'rate-limited', 20 + random(200)),
    'has no room': (response) => refuse(response, 'overloaded', 20),
    fails: (response) => refuse(response, 'internal'),
    'resets the connection': (response) => response.socket?.resetAndDestroy(),
    'closes the connection': (response) => response.socket?.destroy(),
    'is no HTTP': (response) => response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'),
    'redirects elsewhere': (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    'says nothing, successfully': (response) => response.writeHead(204).end(),
    'is shorter than it says': (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"completion_id":', () => response.socket?.destroy());
    },
    'is not what it says to be': (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('<h1>Log in</h1>'),
    'is compressed wrongly': (response) =>
      response.writeHead(200, { ...EVENT_STREAM_HEADERS, 'content-encoding': 'gzip' }).end('not gzip'),
  };
  /** What may happen to a stream. */
  const broken: Record<string, (response: ServerResponse, text: string) => unknown> = {
    'breaks off at any byte': (response, text) => {
      const bytes = Buffer.from(frames(text));
      open(response).write(bytes.subarray(0, random(bytes.length)), () => response.socket?.destroy());
    },
    'ends at any byte': (response, text) => {
      const bytes = Buffer.from(frames(text));
      open(response).end(bytes.subarray(0, random(bytes.length)));
    },
    'hangs at any byte': (response, text) => {
      const bytes = Buffer.from(frames(text));
      open(response).write(bytes.subarray(0, random(bytes.length)));
    },
    'comes byte by byte': async (response, text) => {
      open(response);
      for (const byte of Buffer.from(frames(text))) {
        if (response.destroyed) return;
        response.write(Buffer.of(byte));
        if (random(40) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    },
    'is damaged on the way': (response, text) => {
      const bytes = Buffer.from(frames(text));
      bytes[random(bytes.length)] = 0xff;
      open(response).end(bytes);
    },
    'is no JSON': (response, text) => open(response).end(frames(text).replace('{"index"', '{"index":::')),
    'is JSON of something else': (response) => open(response).end('event: start\ndata: {"id":1}\n\n'),
    'has half a character': (response, text) => open(response).end(frames(`${text.slice(0, 3)}\ud83d${text.slice(3)}`)),
    'has what does harm': (response, text) =>
      open(response).end(frames(`${text.slice(0, 2)}\u001b[2J\u202e${text.slice(2)}`)),
    'has a line of 10 MB': (response) =>
      open(response).end(`event: delta\ndata: {"text":"${'x'.repeat(10_000_000)}"}\n\n`),
    'has an event without an end': async (response) => {
      open(response).write('event: delta\n');
      const lines = `data: ${'y'.repeat(60_000)}\n`;
      for (let count = 0; count < 100 && !response.destroyed; count++) {
        response.write(lines);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    },
    'is text': (response, text) => response.writeHead(200, { 'content-type': 'text/plain' }).end(frames(text)),
    'says an error in the middle': (response, text) => {
      const [start, delta] = stream(text).map(encodeStreamEvent);
      open(response).end(
        `${start}${delta}event: error\ndata: ${JSON.stringify(problem('upstream-error', 'Gone.'))}\n\n`,
      );
    },
  };

  const server: Server = createServer(async (request, response) => {
    response.on('error', () => undefined);
    const body = await read(request).catch(() => undefined);
    if (body === undefined) return;
    const isAsked = request.url === COMPLETIONS_PATH;
    const all: [string, (response: ServerResponse, text: string) => unknown][] = Object.entries(
      isAsked ? { ...trouble, ...broken } : trouble,
    );
    // Everything goes wrong now and then, but completions most of the time.
    if (!sockets.isWell && random(4) < (isAsked ? 3 : 1)) {
      // What it has done least, so that all of it happens.
      const least = Math.min(...all.map(([name]) => did.get(name) ?? 0));
      const [name, act] = pick(all.filter(([name]) => (did.get(name) ?? 0) === least));
      did.set(name, (did.get(name) ?? 0) + 1);
      // Its word may be lost after it has done what it was asked.
      if (request.url === TELEMETRY_PATH && random(2) === 0) take(body);
      return void act(response, isAsked ? answer(JSON.parse(body)) : '');
    }
    if (isAsked) return void open(response).end(frames(answer(JSON.parse(body))));
    if (request.url === TELEMETRY_PATH) {
      return void response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(take(body)));
    }
    const documents: Record<string, unknown> = {
      '/v1/regions': { regions: [] },
      '/v1/policy': { excluded_paths: ['secret/'] },
    };
    const document = documents[request.url ?? ''];
    if (document === undefined) return refuse(response, 'not-found');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  server.on('clientError', (_, socket) => socket.destroy());

  function take(body: string) {
    const parsed = parseTelemetryBatch(JSON.parse(body), Date.now());
    if (!parsed.ok) throw new Error(parsed.problem.detail);
    const known = new Set(events.map(({ event_id }) => event_id));
    const fresh = parsed.events.map(({ event }) => event).filter(({ event_id }) => !known.has(event_id));
    events.push(...fresh);
    return { accepted: fresh.length, duplicates: parsed.events.length - fresh.length, rejected: parsed.rejected };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets: UnrulySockets = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isWell: false,
    events,
    did,
    busyConnections() {
      server.closeIdleConnections();
      return new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return sockets;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
