/** HTTP/2 and proxies over real sockets, with the very code with which VS Code replaces `fetch`. */
import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type Http2SecureServer, type ServerHttp2Session, createSecureServer } from 'node:http2';
import { type AddressInfo, type Server, type Socket, connect } from 'node:net';
import { createHttpTransport } from '@ghostline/client';
import { type CompletionRequest, EVENT_STREAM_HEADERS, type StreamEvent, encodeStreamEvent } from '@ghostline/protocol';
import { type ProxyAgentParams, createFetchPatch } from '@vscode/proxy-agent';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHostFetch } from './host-fetch.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const cert = selfSigned(pair.publicKey, pair.privateKey);
const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });

let cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const each of cleanUp) each();
  cleanUp = [];
});

async function listening<S extends Server>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const start: StreamEvent = {
  event: 'start',
  data: { completion_id: 'cmp_12345678', model: 'm', region: 'r', endpoint: 'e', cache: 'miss' },
};
const delta: StreamEvent = { event: 'delta', data: { index: 0, text: 'x' } };
const timings = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };
const done: StreamEvent = {
  event: 'done',
  data: { usage: { prompt_tokens: 1, completion_tokens: 1 }, timings },
};
const request: CompletionRequest = { prefix: 'quick', suffix: '', language: 'typescript', trigger: 'automatic' };
const slow: CompletionRequest = { ...request, prefix: 'slow' };

/** A gateway behind TLS: `quick` requests are answered, others say one thing and then nothing more. */
async function serve({ http2 = true } = {}) {
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const seen = { sessions: 0, resets: 0, versions: [] as string[] };
  let server: Http2SecureServer | Server;
  const handle = (incoming: IncomingMessage, response: ServerResponse) => {
    seen.versions.push(incoming.httpVersion);
    let body = '';
    incoming.on('data', (chunk) => (body += String(chunk)));
    incoming.on('end', () => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      response.write([start, delta].map(encodeStreamEvent).join(''));
      if (body.includes('quick')) response.end(encodeStreamEvent(done));
    });
  };
  if (http2) {
    const secure = createSecureServer({ cert, key, allowHTTP1: true });
    secure.on('session', (session) => {
      seen.sessions += 1;
      sessions.add(session);
      session.on('close', () => sessions.delete(session));
    });
    secure.on('stream', (stream) => stream.on('aborted', () => (seen.resets += 1)));
    secure.on('request', (incoming, response) =>
      handle(incoming as unknown as IncomingMessage, response as unknown as ServerResponse),
    );
    server = secure;
  } else {
    const { createServer: createTlsServer } = await import('node:https');
    server = createTlsServer({ cert, key }, handle);
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listening(server as Server);
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${port}`, seen, sessions, sockets };
}

async function startProxy() {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    asked.push(String(incoming.url));
    const [host, port] = String(incoming.url).split(':');
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  const port = await listening(server);
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, asked };
}

interface Surroundings {
  readonly proxySupport?: 'on' | 'off' | 'fallback' | 'override';
  readonly proxyUrl?: string;
  readonly systemCertificates?: boolean;
  readonly undici?: string;
}

/** The globals of an extension host: Node's, and in the place of `fetch` what VS Code puts there. */
function extensionHost(surroundings: Surroundings = {}) {
  const { proxySupport = 'override', proxyUrl, systemCertificates = true, undici } = surroundings;
  const params: ProxyAgentParams = {
    resolveProxy: async () => undefined,
    getProxyURL: () => proxyUrl,
    getProxySupport: () => proxySupport,
    getNoProxyConfig: () => [],
    isAdditionalFetchSupportEnabled: () => true,
    isWebSocketPatchEnabled: () => false,
    addCertificatesV1: () => systemCertificates,
    addCertificatesV2: () => false,
    loadSystemCertificatesFromNode: () => false,
    loadAdditionalCertificates: async () => [cert],
    log: { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    getLogLevel: () => 0,
    proxyResolveTelemetry: () => {},
    isUseHostProxyEnabled: () => true,
    getNetworkInterfaceCheckInterval: () => 300_000,
    env: {},
  };
  const host = Object.create(globalThis, {
    ...(undici !== undefined && { process: { value: { versions: { undici } } } }),
  }) as { fetch: typeof globalThis.fetch };
  host.fetch = createFetchPatch(params, globalThis.fetch, async () => proxyUrl) as typeof globalThis.fetch;
  const hostFetch = createHostFetch({ proxySupport: () => proxySupport, host });
  cleanUp.push(() => hostFetch.dispose());
  return hostFetch;
}

function transportOver(hostFetch: { fetch: typeof globalThis.fetch }, url: string) {
  return createHttpTransport({ serverUrl: () => url, token: async () => 'key-1', fetch: hostFetch.fetch });
}
type Transport = ReturnType<typeof transportOver>;

async function ask(transport: Transport): Promise<number> {
  let events = 0;
  for await (const _ of transport.complete(request, new AbortController().signal)) events += 1;
  return events;
}

/** Reads until there is text, then gives up, as a keystroke does. */
async function typeOn(transport: Transport): Promise<void> {
  const controller = new AbortController();
  const reading = (async () => {
    for await (const { event } of transport.complete(slow, controller.signal)) {
      if (event === 'delta') controller.abort(new Error('typed on'));
    }
  })();
  await expect(reading).rejects.toThrow('typed on');
}

describe('completions in an extension host', () => {
  it.each([
    ['directly', false],
    ['through a proxy', true],
  ])('%s keep one connection over HTTP/2, of which a cancelled one resets its stream alone', async (_, proxied) => {
    const server = await serve();
    const proxy = await startProxy();
    const transport = transportOver(extensionHost(proxied ? { proxyUrl: proxy.url } : {}), server.url);
    for (let keystroke = 0; keystroke < 10; keystroke++) await typeOn(transport);
    await vi.waitFor(() => expect(server.seen.resets).toBe(10));
    expect(await ask(transport)).toBe(3);
    expect(server.seen.sessions).toBe(1);
    expect([...server.sessions].filter(({ destroyed }) => !destroyed)).toHaveLength(1);
    expect(new Set(server.seen.versions)).toEqual(new Set(['2.0']));
    expect(proxy.asked).toEqual(proxied ? [new URL(server.url).host] : []);
  });

  it.each([
    ['VS Code’s agent', true],
    ['the request’s own agent', false],
  ])('at once, over %s, keep all their connections when one of them is cancelled', async (_, systemCertificates) => {
    const server = await serve();
    if (!systemCertificates) vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    cleanUp.push(() => vi.unstubAllEnvs());
    const transport = transportOver(extensionHost({ systemCertificates }), server.url);
    for (let round = 1; round <= 3; round++) {
      const controllers = Array.from({ length: 4 }, () => new AbortController());
      const started = controllers.map(() => Promise.withResolvers<void>());
      const readings = controllers.map(async (controller, index) => {
        for await (const { event } of transport.complete(slow, controller.signal)) {
          if (event === 'delta') started[index]!.resolve();
        }
      });
      const settled = Promise.allSettled(readings);
      await Promise.all(started.map(({ promise }) => promise));
      const before = server.seen.resets;
      controllers[2]!.abort(new Error('typed on'));
      await expect(readings[2]).rejects.toThrow('typed on');
      await vi.waitFor(() => expect(server.seen.resets).toBe(before + 1));
      expect(await ask(transport)).toBe(3);
      for (const controller of controllers) controller.abort(new Error('typed on'));
      await settled;
      await vi.waitFor(() => expect(server.seen.resets).toBe(4 * round));
    }
    // One for each that went on at the same time, and the same ones again.
    expect(server.seen.sessions).toBeLessThanOrEqual(4);
    expect(server.sessions.size).toBe(server.seen.sessions);
  });

  it('go over HTTP/1.1 where the server has nothing else', async () => {
    const server = await serve({ http2: false });
    const transport = transportOver(extensionHost(), server.url);
    await typeOn(transport);
    expect(await ask(transport)).toBe(3);
    expect(new Set(server.seen.versions)).toEqual(new Set(['1.1']));
  });

  it.each([
    [true, '2.0'],
    [false, '1.1'],
  ])('in an older Node use HTTP/2 of VS Code alone (its agent: %s)', async (systemCertificates, version) => {
    const server = await serve();
    if (!systemCertificates) vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    cleanUp.push(() => vi.unstubAllEnvs());
    const transport = transportOver(extensionHost({ systemCertificates, undici: '6.21.2' }), server.url);
    for (let keystroke = 0; keystroke < 5; keystroke++) await typeOn(transport);
    expect(await ask(transport)).toBe(3);
    expect(new Set(server.seen.versions)).toEqual(new Set([version]));
    if (version === '2.0') expect(server.seen.sessions).toBe(1);
  });

  it('leave a proxy to VS Code that it only asks for requests without an agent', async () => {
    const server = await serve();
    const proxy = await startProxy();
    const host = extensionHost({ proxySupport: 'on', proxyUrl: proxy.url });
    expect(host.describe()).toBe('the editor’s fetch, as it is');
    expect(await ask(transportOver(host, server.url))).toBe(3);
    expect(proxy.asked).toEqual([new URL(server.url).host]);
  });

  it('are refused by a certificate that nobody vouches for', async () => {
    const server = await serve();
    const transport = transportOver(extensionHost({ systemCertificates: false }), server.url);
    await expect(ask(transport)).rejects.toMatchObject({ failure: { reason: 'unreachable' } });
  });

  it('go on over another connection when the server leaves theirs', async () => {
    const server = await serve();
    const transport = transportOver(extensionHost(), server.url);
    for (let restart = 0; restart < 3; restart++) {
      await ask(transport);
      for (const session of server.sessions) session.goaway(0);
      // At most the request that crosses it is lost; the transport of the regions asks again then.
      await ask(transport).catch((error: unknown) => expect(error).toMatchObject({ interrupted: true }));
      expect(await ask(transport)).toBe(3);
    }
  });
});

describe('the fetch of a host', () => {
  it('says that it offers HTTP/2', () => {
    expect(extensionHost().describe()).toBe('the editor’s fetch, with HTTP/2 where the server offers it');
  });

  it('is left as it is where there is no undici, as in a browser', async () => {
    const inits: (RequestInit | undefined)[] = [];
    const host = {
      fetch: async (_: unknown, init?: RequestInit) => {
        inits.push(init);
        return new Response('ok');
      },
    };
    const { fetch, describe: describeIt } = createHostFetch({ proxySupport: () => undefined, host });
    expect(describeIt()).toBe('the editor’s fetch, as it is');
    await fetch('http://127.0.0.1:9', { method: 'POST' });
    expect(inits).toEqual([{ method: 'POST' }]);
  });

  it('is left as it is where somebody else’s agent takes all requests, which may be a proxy', () => {
    const symbol = Symbol.for('undici.globalDispatcher.1');
    class EnvHttpProxyAgent {
      readonly allowH2 = true;
    }
    class Agent {
      dispatch(): boolean {
        return false;
      }
    }
    for (const agent of [new EnvHttpProxyAgent(), new Agent(), null, 'none']) {
      const host = { fetch: globalThis.fetch, process, [symbol]: agent };
      expect(createHostFetch({ proxySupport: () => 'override', host }).describe()).toBe('the editor’s fetch, as it is');
    }
  });
});

/** A certificate for this machine (RFC 5280), made here so that none in the repository expires or is trusted by mistake. */
function selfSigned(publicKey: KeyObject, privateKey: KeyObject): string {
  const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts);
    const { length } = body;
    const coded = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...coded]), body]);
  };
  const hex = (text: string) => Buffer.from(text, 'hex');
  const time = (ms: number) => der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`));
  const day = 24 * 60 * 60 * 1000;
  const name = der(0x30, der(0x31, der(0x30, hex('0603550403'), der(0x0c, Buffer.from('localhost')))));
  const ecdsaWithSha256 = der(0x30, hex('06082a8648ce3d040302'));
  const authority = der(0x30, hex('0603551d13'), hex('0101ff'), der(0x04, der(0x30, hex('0101ff'))));
  const addresses = der(0x30, der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const alternatives = der(0x30, hex('0603551d11'), der(0x04, addresses));
  const certificate = der(
    0x30,
    der(0xa0, hex('020102')),
    hex('020101'),
    ecdsaWithSha256,
    name,
    der(0x30, time(Date.now() - day), time(Date.now() + day)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, authority, alternatives)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', certificate, privateKey));
  const base64 = der(0x30, certificate, ecdsaWithSha256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
