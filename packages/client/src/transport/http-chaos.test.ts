/** What goes wrong between an editor and its server, over real sockets. */
import { type IncomingMessage, type Server, type ServerResponse, createServer, request as forward } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createGzip } from 'node:zlib';
import {
  type CompletionRequest,
  type CompletionResponse,
  EVENT_STREAM_HEADERS,
  type StreamEvent,
  encodeStreamEvent,
} from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransportError } from './error.ts';
import { type HttpTransportOptions, createHttpTransport } from './http.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let servers: Server[] = [];
let unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  servers = [];
  expect(unhandled).toEqual([]);
});

async function listen(handler: Handler) {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => handler(request, response, body));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

function transportTo(url: string, options: Partial<HttpTransportOptions> = {}) {
  return createHttpTransport({ serverUrl: () => url, token: async () => 'key-1', ...options });
}

const never = new AbortController().signal;
const request: CompletionRequest = { prefix: 'a', suffix: 'b', language: 'typescript', trigger: 'automatic' };
const startData = { completion_id: 'cmp_12345678', model: 'm', region: 'r', endpoint: 'e', cache: 'miss' } as const;
const start: StreamEvent = { event: 'start', data: startData };
const delta = (text: string): StreamEvent => ({ event: 'delta', data: { index: 0, text } });
const finish: StreamEvent = { event: 'finish', data: { index: 0, reason: 'stop' } };
const usage = { prompt_tokens: 1, completion_tokens: 1 };
const timingsOf = (firstTokenMs: number, totalMs: number) => {
  const rest = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0 };
  return { ...rest, first_token_ms: firstTokenMs, total_ms: totalMs };
};
const done: StreamEvent = { event: 'done', data: { usage, timings: timingsOf(0, 0) } };
const whole = [start, delta('x'), finish, done];
const frames = (events: readonly StreamEvent[]) => events.map(encodeStreamEvent).join('');
const document: CompletionResponse = {
  ...startData,
  choices: [{ index: 0, text: 'x', finish_reason: 'stop' }],
  usage,
  timings: timingsOf(0, 0),
};

async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function failureOf(work: Promise<unknown>): Promise<TransportError> {
  const error = await work.then(
    () => expect.fail('expected a failure'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) throw error;
  return error;
}

describe('a redirect', () => {
  it('is not followed: neither code nor key reach another address', async () => {
    const reached: string[] = [];
    const elsewhere = await listen(({ url }, response, body) => {
      reached.push(`${url} ${body}`);
      response.writeHead(200, EVENT_STREAM_HEADERS).end(frames(whole));
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const { url } = await listen((incoming, response) => {
        response.writeHead(status, { location: `${elsewhere.url}${incoming.url}` }).end();
      });
      const transport = transportTo(url);
      for (const work of [
        () => collect(transport.complete(request, never)),
        () => transport.sendTelemetry([], never),
        () => transport.check(never),
      ]) {
        const { failure } = await failureOf(work());
        expect(failure).toMatchObject({ reason: 'unreachable', retryable: false });
        expect(failure.detail).toContain('redirects elsewhere');
        expect(failure.detail).toContain('ghostline.serverUrl');
      }
    }
    expect(reached).toEqual([]);
  });
});

describe('a stream', () => {
  it('may be compressed on the way', async () => {
    const { url } = await listen((_, response) => {
      response.writeHead(200, { ...EVENT_STREAM_HEADERS, 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      for (const event of whole) {
        gzip.write(encodeStreamEvent(event));
        gzip.flush();
      }
      gzip.end();
    });
    expect(await collect(transportTo(url).complete(request, never))).toEqual(whole);
  });

  it('whose compression is broken is a broken stream', async () => {
    const { url } = await listen((_, response) => {
      response.writeHead(200, { ...EVENT_STREAM_HEADERS, 'content-encoding': 'gzip' }).end(frames(whole));
    });
    expect(await failureOf(collect(transportTo(url).complete(request, never)))).toMatchObject({ interrupted: true });
  });

  it('with bytes that are no UTF-8 was damaged on the way, and does not put them into code', async () => {
    const { url } = await listen((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      const bytes = Buffer.from(frames([start, delta('naïve'), finish, done]));
      bytes[bytes.indexOf('ï') + 1] = 0x41;
      response.end(bytes);
    });
    expect(await failureOf(collect(transportTo(url).complete(request, never)))).toMatchObject({ interrupted: true });
  });

  it('gives all whole events before the one that is malformed', async () => {
    for (const tail of [
      'event: delta\ndata: {"index":0,"te\n\n',
      'event: delta\ndata: {"index":0,"te',
      'event: delta',
    ]) {
      const { url } = await listen((_, response) => {
        response.writeHead(200, EVENT_STREAM_HEADERS).end(frames([start, delta('x')]) + tail);
      });
      const seen: StreamEvent[] = [];
      const error = await failureOf(
        (async () => {
          for await (const event of transportTo(url).complete(request, never)) seen.push(event);
        })(),
      );
      expect(seen).toEqual([start, delta('x')]);
      expect(error).toMatchObject({ interrupted: true, failure: { reason: 'protocol' } });
    }
  });

  it('may have an event as large as the largest completion', async () => {
    const large = delta('é🙂\n'.repeat(60_000));
    const { url } = await listen((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS).end(frames([start, large, finish, done]));
    });
    expect(await collect(transportTo(url).complete(request, never))).toEqual([start, large, finish, done]);
  });

  it('is not taken for silent when the clock is set', async () => {
    const clock = vi.spyOn(Date, 'now');
    const { url } = await listen((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.write(encodeStreamEvent(start));
      setTimeout(() => {
        clock.mockReturnValue(Date.UTC(2050, 0, 1));
        response.write(encodeStreamEvent(delta('x')));
        clock.mockReturnValue(Date.UTC(1980, 0, 1));
        setTimeout(() => response.end(frames([finish, done])), 5);
      }, 5);
    });
    expect(await collect(transportTo(url, { silenceMs: 2000 }).complete(request, never))).toEqual(whole);
    clock.mockRestore();
  });

  it('tells a connection that was lost from one that never was', async () => {
    const { url } = await listen(({ socket }) => socket.resetAndDestroy());
    expect(await failureOf(collect(transportTo(url).complete(request, never)))).toMatchObject({
      interrupted: true,
      failure: { reason: 'unreachable' },
    });
    const nobody = await failureOf(collect(transportTo('http://127.0.0.1:9').complete(request, never)));
    expect(nobody).toMatchObject({ interrupted: false, failure: { reason: 'unreachable' } });
  });
});

describe('a path that streams do not survive', () => {
  it('gives a document in their place, read as the events it stands for', async () => {
    const { url } = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    });
    expect(await collect(transportTo(url).complete(request, never))).toEqual(whole);
  });

  it.each([
    ['an empty stream', EVENT_STREAM_HEADERS, ''],
    ['a stream without its name', { 'content-type': 'text/plain' }, frames(whole)],
    ['nothing at all', {}, ''],
  ])('gives %s: the same request asks for a document, and so do those after it', async (_, headers, body) => {
    const accepted: (string | undefined)[] = [];
    const { url } = await listen(({ headers: { accept } }, response) => {
      accepted.push(accept);
      if (accept !== 'application/json') response.writeHead(200, headers).end(body);
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    });
    const transport = transportTo(url);
    expect(await collect(transport.complete(request, never))).toEqual(whole);
    expect(await collect(transport.complete(request, never))).toEqual(whole);
    expect(accepted).toEqual(['text/event-stream', 'application/json', 'application/json']);
  });

  it('is no reason to ask a captive portal twice', async () => {
    let asked = 0;
    const { url } = await listen((_, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
    });
    expect(await failureOf(collect(transportTo(url).complete(request, never)))).toMatchObject({
      failure: { reason: 'protocol', retryable: false },
    });
    expect(asked).toBe(1);
  });

  it('that holds streams back is asked for documents after three of them, and for a stream ten minutes later', async () => {
    const accepted: (string | undefined)[] = [];
    const server = await listen((incoming, response) => {
      accepted.push(incoming.headers.accept);
      const timings = timingsOf(10, 210);
      if (incoming.headers.accept === 'application/json') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ...document, timings }));
        return;
      }
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.write(frames([start, delta('x')]));
      // As slow as it says.
      setTimeout(() => response.end(frames([finish, { event: 'done', data: { usage, timings } }])), 200);
    });
    let holds = true;
    const proxy = await listen((incoming, response, body) => {
      const { method, headers } = incoming;
      forward(`${server.url}${incoming.url}`, { method: method!, headers }, (upstream) => {
        if (!holds) {
          response.writeHead(upstream.statusCode!, upstream.headers);
          upstream.pipe(response);
          return;
        }
        const chunks: Buffer[] = [];
        upstream.on('data', (chunk: Buffer) => chunks.push(chunk));
        upstream.on('end', () => {
          response.writeHead(upstream.statusCode!, upstream.headers).end(Buffer.concat(chunks));
        });
      }).end(body);
    });
    let later = 0;
    const transport = transportTo(proxy.url, { now: () => performance.now() + later });
    const texts: string[] = [];
    const ask = async () => {
      const events = await collect(transport.complete(request, never));
      texts.push(events.map((event) => (event.event === 'delta' ? event.data.text : '')).join(''));
    };
    for (let asked = 0; asked < 5; asked++) await ask();
    const stream = 'text/event-stream';
    const json = 'application/json';
    expect(accepted.splice(0)).toEqual([stream, stream, stream, json, json]);
    later = 10 * 60_000;
    await ask();
    await ask();
    expect(accepted.splice(0)).toEqual([stream, json]);
    // Another network: streams come as they are made, and stay.
    later += 20 * 60_000;
    holds = false;
    await ask();
    await ask();
    expect(accepted).toEqual([stream, stream]);
    expect(new Set(texts)).toEqual(new Set(['x']));
  });
});

describe('an abort', () => {
  it('ends the wait for a key that its user has not unlocked yet', async () => {
    const controller = new AbortController();
    const transport = transportTo('http://127.0.0.1:9', { token: () => new Promise(() => {}) });
    const reading = collect(transport.complete(request, controller.signal));
    controller.abort(new Error('typed on'));
    await expect(reading).rejects.toThrow('typed on');
  });

  it('at any moment yields nothing more, and closes the connection', async () => {
    let at = '';
    let controller = new AbortController();
    const reach = (moment: string) => {
      if (moment === at) controller.abort(new Error('typed on'));
    };
    const { url, sockets } = await listen((incoming, response) => {
      reach('request');
      if (incoming.headers.accept === 'application/json') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"completion_id":', () => reach('half a document'));
        return;
      }
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.write(frames([start, delta('x')]), () => reach('half a stream'));
    });
    for (const moment of ['key', 'fetch', 'request', 'half a stream', 'first event', 'second event']) {
      at = moment;
      controller = new AbortController();
      const transport = transportTo(url, {
        token: async () => {
          reach('key');
          return undefined;
        },
        fetch: (input, init) => {
          reach('fetch');
          return fetch(input, init);
        },
      });
      let seen = 0;
      let late = 0;
      const reading = (async () => {
        for await (const event of transport.complete(request, controller.signal)) {
          if (controller.signal.aborted) late += 1;
          seen += 1;
          if (seen === 1) reach('first event');
          else if (event.event === 'delta') reach('second event');
        }
      })();
      await expect(reading, moment).rejects.toThrow('typed on');
      expect(late, moment).toBe(0);
    }
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it('of its reader closes the connection, too', async () => {
    const { url, sockets } = await listen((_, response) => {
      response.writeHead(200, EVENT_STREAM_HEADERS).write(frames([start, delta('x')]));
    });
    for await (const event of transportTo(url).complete(request, never)) if (event.event === 'delta') break;
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });
});

describe('a look at the distance', () => {
  it('takes any answer but that of a proxy without its server, and tells nobody the key', async () => {
    let status = 200;
    const keys: (string | undefined)[] = [];
    const { url } = await listen((incoming, response) => {
      keys.push(incoming.headers.authorization);
      response.writeHead(status).end('…');
    });
    for (status of [200, 403, 404]) expect(await transportTo(url).probe(never)).toBeGreaterThan(0);
    status = 503;
    expect(await failureOf(transportTo(url).probe(never))).toMatchObject({ failure: { reason: 'unreachable' } });
    expect(new Set(keys)).toEqual(new Set([undefined]));
  });
});
