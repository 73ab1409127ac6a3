import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CompletionRequest,
  EVENT_STREAM_HEADERS,
  PROBLEM_MEDIA_TYPE,
  type ProblemName,
  SSE_HEARTBEAT,
  type StreamEvent,
  encodeStreamEvent,
  problem,
} from '@ghostline/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClientFailure } from '../types.ts';
import { TransportError } from './error.ts';
import { type HttpTransportOptions, createHttpTransport } from './http.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let servers: Server[] = [];
afterEach(() => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  servers = [];
});

/** A real server on loopback, and the client's transport to it. */
async function serve(handler: Handler, options: Partial<HttpTransportOptions> = {}) {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => handler(request, response, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    transport: createHttpTransport({ serverUrl: () => url, token: async () => undefined, ...options }),
  };
}

const request: CompletionRequest = { prefix: 'a', suffix: 'b', language: 'typescript', trigger: 'automatic' };
const start: StreamEvent = {
  event: 'start',
  data: { completion_id: 'cmp_12345678', model: 'm', region: 'r', endpoint: 'e', cache: 'miss' },
};
const delta = (text: string): StreamEvent => ({ event: 'delta', data: { index: 0, text } });
const done: StreamEvent = {
  event: 'done',
  data: {
    usage: { prompt_tokens: 1, completion_tokens: 1 },
    timings: { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 },
  },
};

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function failureOf(work: Promise<unknown>): Promise<ClientFailure> {
  const error = await work.then(
    () => expect.fail('expected a failure'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) throw error;
  return error.failure;
}

const never = new AbortController().signal;

describe('a completion over HTTP', () => {
  it('posts the request with the token and yields the events in order', async () => {
    let seen: {
      method: string | undefined;
      url: string | undefined;
      headers: IncomingMessage['headers'];
      body: string;
    };
    const { transport } = await serve(
      ({ method, url, headers }, response, body) => {
        seen = { method, url, headers, body };
        response.writeHead(200, EVENT_STREAM_HEADERS);
        response.end([start, delta('x'), done].map(encodeStreamEvent).join(''));
      },
      { token: async () => 'key-1' },
    );
    expect(await collect(transport.complete(request, never))).toEqual([start, delta('x'), done]);
    expect(seen!).toMatchObject({ method: 'POST', url: '/v1/code/completions', body: JSON.stringify(request) });
    expect(seen!.headers).toMatchObject({
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: 'Bearer key-1',
    });
  });

  it('says how long it waits for a completion, and for nothing else', async () => {
    const seen: unknown[] = [];
    const { transport } = await serve(
      ({ url, headers }, response) => {
        seen.push([url, headers['x-ghostline-deadline-ms']]);
        response.writeHead(200, EVENT_STREAM_HEADERS).end([start, done].map(encodeStreamEvent).join(''));
      },
      { silenceMs: 2_500.5 },
    );
    await collect(transport.complete(request, never));
    await transport.sendTelemetry([], never).catch(() => {});
    expect(seen).toEqual([
      ['/v1/code/completions', '7501'],
      ['/v1/telemetry', undefined],
    ]);
  });

  it('sends no authorization without a token, and respects a path in the URL', async () => {
    let seen: IncomingMessage;
    const { url } = await serve((incoming, response) => {
      seen = incoming;
      response.writeHead(200, EVENT_STREAM_HEADERS).end([start, done].map(encodeStreamEvent).join(''));
    });
    const transport = createHttpTransport({ serverUrl: () => `${url}/ai`, token: async () => undefined });
    await collect(transport.complete(request, never));
    expect(seen!.url).toBe('/ai/v1/code/completions');
    expect(seen!.headers.authorization).toBeUndefined();
  });

  it('yields each event as it comes, characters and frames cut anywhere', async () => {
    const bytes = Buffer.from([start, delta('naïve 🙂'), done].map(encodeStreamEvent).join(''));
    let send: () => void = () => expect.fail('nothing to send yet');
    const { transport } = await serve((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS).flushHeaders();
      let at = 0;
      send = () => {
        if (at < bytes.length) response.write(bytes.subarray(at, ++at), () => setImmediate(send));
        else response.end();
      };
      send();
    });
    expect(await collect(transport.complete(request, never))).toEqual([start, delta('naïve 🙂'), done]);
  });

  it('skips heartbeats and events it does not know yet', async () => {
    const { transport } = await serve((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.end(
        encodeStreamEvent(start) + SSE_HEARTBEAT + 'event: news\ndata: {"a":1}\n\n' + encodeStreamEvent(done),
      );
    });
    expect(await collect(transport.complete(request, never))).toEqual([start, done]);
  });

  it('closes the connection on abort, and rejects with the reason given', async () => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    const { transport } = await serve((_, response) => {
      response.on('close', closed.resolve);
      response.writeHead(200, EVENT_STREAM_HEADERS).write(encodeStreamEvent(start));
    });
    const reason = new Error('typed on');
    const reading = (async () => {
      for await (const event of transport.complete(request, controller.signal)) {
        expect(event).toEqual(start);
        controller.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    await closed.promise;
  });

  it('closes the connection when its reader leaves early', async () => {
    const closed = Promise.withResolvers<void>();
    const { transport } = await serve((_, response) => {
      response.on('close', closed.resolve);
      response.writeHead(200, EVENT_STREAM_HEADERS).write(encodeStreamEvent(start));
    });
    for await (const event of transport.complete(request, never)) {
      expect(event).toEqual(start);
      break;
    }
    await closed.promise;
  });

  it('aborts while it waits for an answer', async () => {
    const controller = new AbortController();
    const arrived = Promise.withResolvers<IncomingMessage>();
    const { transport } = await serve((incoming) => arrived.resolve(incoming));
    const reading = collect(transport.complete(request, controller.signal));
    const incoming = await arrived.promise;
    const closed = new Promise((resolve) => incoming.socket.once('close', resolve));
    controller.abort();
    await expect(reading).rejects.toThrow('aborted');
    await closed;
  });
});

describe('a failure', () => {
  it('names an unreachable server and the fix', async () => {
    const { url } = await serve(() => undefined);
    servers[0]!.close();
    await new Promise((resolve) => servers[0]!.once('close', resolve));
    const transport = createHttpTransport({ serverUrl: () => url, token: async () => undefined });
    const failure = await failureOf(collect(transport.complete(request, never)));
    expect(failure).toMatchObject({ reason: 'unreachable', retryable: true });
    expect(failure.detail).toContain(url);
    expect(failure.detail).toContain('ECONNREFUSED');
    expect(failure.detail).toContain('npm start');
  });

  it('names an address that is none', async () => {
    const transport = createHttpTransport({ serverUrl: () => 'localhost:4700', token: async () => undefined });
    const failure = await failureOf(collect(transport.complete(request, never)));
    expect(failure).toMatchObject({ reason: 'unreachable', retryable: false });
    expect(failure.detail).toContain('"localhost:4700"');
  });

  it.each<[ProblemName, ClientFailure['reason']]>([
    ['unauthenticated', 'unauthenticated'],
    ['rate-limited', 'rate-limited'],
    ['too-large', 'rejected'],
    ['forbidden', 'rejected'],
    ['overloaded', 'server'],
    ['internal', 'server'],
  ])('carries the problem document %s as %s', async (name, reason) => {
    const document = problem(name, 'what and how', { retry_after_ms: 1500 });
    const { transport } = await serve((_, response) => {
      response.writeHead(document.status, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
    });
    expect(await failureOf(collect(transport.complete(request, never)))).toEqual({
      reason,
      detail: 'what and how',
      retryable: document.retryable,
      retryAfterMs: 1500,
    });
  });

  it('recognises somebody else’s page, with an error status or without', async () => {
    for (const status of [200, 500]) {
      const { transport, url } = await serve((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
      });
      const failure = await failureOf(collect(transport.complete(request, never)));
      expect(failure).toMatchObject({ reason: 'protocol', retryable: status === 500 });
      expect(failure.detail).toContain(`${url} answered ${status} with text/html`);
    }
  });

  it('tells a proxy without its server from somebody else’s page, and waits as long as it says', async () => {
    for (const status of [502, 503, 504]) {
      const { transport, url } = await serve((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html', 'retry-after': '7' }).end('<h1>nginx</h1>');
      });
      const failure = await failureOf(collect(transport.complete(request, never)));
      expect(failure).toMatchObject({ reason: 'unreachable', retryable: true, retryAfterMs: 7000 });
      expect(failure.detail).toContain(`A proxy at ${url} answers ${status}`);
    }
  });

  it.each([
    ['7', 7000],
    [new Date(0).toUTCString(), 0],
    ['soon', undefined],
    ['99999999999', 3_600_000],
  ])('reads a proxy’s 429 with Retry-After %s', async (value, retryAfterMs) => {
    const { transport } = await serve((_, response) => {
      response.writeHead(429, { 'content-type': 'text/plain', 'retry-after': value }).end('slow down');
    });
    const failure = await failureOf(collect(transport.complete(request, never)));
    expect(failure).toMatchObject({ reason: 'rate-limited', retryable: true });
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });

  it('comes as an event after the start', async () => {
    const { transport } = await serve((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.end(
        [start, { event: 'error', data: problem('upstream-timeout', 'slow') } as const].map(encodeStreamEvent).join(''),
      );
    });
    const seen: StreamEvent[] = [];
    const reading = (async () => {
      for await (const event of transport.complete(request, never)) seen.push(event);
    })();
    expect(await failureOf(reading)).toMatchObject({ reason: 'server', detail: 'slow' });
    expect(seen).toEqual([start]);
  });

  it.each([
    [
      'that ends before it is done',
      (response: ServerResponse) => response.end(encodeStreamEvent(start)),
      'ended before',
    ],
    ['that is cut', (response: ServerResponse) => response.socket?.destroy(), 'broke off'],
    [
      'with a malformed event',
      (response: ServerResponse) => response.end('event: delta\ndata: {"index":0}\n\n'),
      'stream event "delta"',
    ],
    ['without an end', (response: ServerResponse) => response.end(`data: ${'x'.repeat(2_000_000)}`), 'broke off'],
  ])('is a stream %s', async (_, breakIt, detail) => {
    const { transport } = await serve((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.write(encodeStreamEvent(start), () => breakIt(response));
    });
    const failure = await failureOf(collect(transport.complete(request, never)));
    expect(failure).toMatchObject({ reason: 'protocol', retryable: true });
    expect(failure.detail).toContain(detail);
  });

  it('is a server that stays silent, before the first byte or after it', async () => {
    for (const handler of [
      () => undefined,
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(200, EVENT_STREAM_HEADERS).flushHeaders(),
    ]) {
      const closed = Promise.withResolvers<void>();
      const { transport } = await serve(
        (incoming, response) => {
          incoming.socket.once('close', closed.resolve);
          handler(incoming, response);
        },
        { silenceMs: 50 },
      );
      const failure = await failureOf(collect(transport.complete(request, never)));
      expect(failure).toMatchObject({ reason: 'unreachable', retryable: true });
      expect(failure.detail).toContain('said nothing for 0.05 seconds');
      await closed.promise;
    }
  });

  it('is a key that cannot be read', async () => {
    const { transport } = await serve(() => undefined, { token: () => Promise.reject(new Error('keyring')) });
    expect(await failureOf(collect(transport.complete(request, never)))).toMatchObject({ reason: 'unauthenticated' });
  });
});

describe('telemetry over HTTP', () => {
  const receipt = { accepted: 0, duplicates: 0, rejected: [] };

  it('posts a batch and returns the receipt', async () => {
    let seen = '';
    const { transport } = await serve(({ url }, response, body) => {
      seen = `${url} ${body}`;
      response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(receipt));
    });
    expect(await transport.sendTelemetry([], never)).toEqual(receipt);
    expect(seen).toBe('/v1/telemetry {"events":[]}');
  });

  it('fails on anything but a receipt', async () => {
    const { transport } = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
    expect(await failureOf(transport.sendTelemetry([], never))).toMatchObject({ reason: 'protocol' });
  });

  it('carries the status of a refusal', async () => {
    const document = problem('too-large', 'less, please');
    const { transport } = await serve((_, response) => {
      response.writeHead(413, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
    });
    await expect(transport.sendTelemetry([], never)).rejects.toMatchObject({
      status: 413,
      failure: { reason: 'rejected' },
    });
  });
});

describe('a look for the server over HTTP', () => {
  it('gets the regions with the key', async () => {
    let seen: IncomingMessage;
    const { transport } = await serve(
      (incoming, response) => {
        seen = incoming;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"regions":[]}');
      },
      { token: async () => 'key-1' },
    );
    await transport.check(never);
    expect(seen!).toMatchObject({ method: 'GET', url: '/v1/regions' });
    expect(seen!.headers.authorization).toBe('Bearer key-1');
  });

  it('notices a refused key, and a page of somebody else', async () => {
    const document = problem('unauthenticated', 'wrong key');
    const refusing = await serve((_, response) => {
      response.writeHead(401, { 'content-type': PROBLEM_MEDIA_TYPE }).end(JSON.stringify(document));
    });
    expect(await failureOf(refusing.transport.check(never))).toMatchObject({ reason: 'unauthenticated' });
    const other = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
    });
    expect(await failureOf(other.transport.check(never))).toMatchObject({ reason: 'protocol' });
  });
});
