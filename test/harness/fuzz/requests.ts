import { MARK, hostileHeader, hostileKey, hostileValue } from './hostile.ts';
import { type Random, createRandom } from './random.ts';

/** A request before it becomes bytes. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or bytes where it is none any more. */
  readonly body?: { readonly json: unknown } | { readonly bytes: Buffer };
}

/** A mutation is its seed: the same one does the same to the same request. */
export interface FuzzCase {
  readonly request: FuzzRequest;
  readonly mutations: readonly number[];
}

export function fuzzCase(requests: readonly FuzzRequest[], random: Random): FuzzCase {
  const mutations = Array.from({ length: 1 + random.int(4) }, () => random.int(2 ** 31));
  return { request: random.pick(requests), mutations };
}

export function mutated({ request, mutations }: FuzzCase): FuzzRequest {
  return mutations.reduce((changed, seed) => mutate(changed, createRandom(seed)), request);
}

function mutate(request: FuzzRequest, random: Random): FuzzRequest {
  const { body } = request;
  if (body && 'json' in body && random.chance(0.6))
    return { ...request, body: { json: mutateJson(body.json, random) } };
  return random.pick([mutateHeaders, mutateHeaders, mutatePath, mutateMethod, mutateBytes])(request, random);
}

/** Walks down at random, and changes what it comes to. */
function mutateJson(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(0.3))
      return random.pick<() => unknown>([
        () => [...value, hostileValue(random)],
        () => value.flatMap((item) => [item, item]),
        () => value.slice(1),
        () => hostileValue(random),
        () => Array.from({ length: 600 }, () => value[0] ?? hostileValue(random)),
      ])();
    const at = random.int(value.length);
    return value.map((item, index) => (index === at ? mutateJson(item, random) : item));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0 || random.chance(0.25)) {
      const changed = random.pick<() => [string, unknown][]>([
        () => [...entries, [hostileKey(random), hostileValue(random)]],
        () => entries.filter((_, index) => index !== random.int(entries.length)),
        () => entries.map(([key, item], index) => [index === 0 ? hostileKey(random) : key, item]),
      ])();
      // Not Object.fromEntries: it would lose `__proto__` as a key of its own on the way.
      return changed.reduce<Record<string, unknown>>((object, [key, item]) => {
        Object.defineProperty(object, key, { value: item, enumerable: true, configurable: true, writable: true });
        return object;
      }, {});
    }
    const [chosen] = random.pick(entries);
    return Object.fromEntries(entries.map(([key, item]) => [key, key === chosen ? mutateJson(item, random) : item]));
  }
  if (typeof value === 'string' && random.chance(0.5)) {
    const at = random.int(value.length + 1);
    return `${value.slice(0, at)}${random.pick([MARK, '\u0000', '\uDC00', '"', '\\', '\n', ' '])}${value.slice(at)}`;
  }
  return hostileValue(random);
}

const HEADER_NAMES = [
  'authorization',
  'accept',
  'content-type',
  'content-encoding',
  'host',
  'cookie',
  'x-api-key',
  'x-forwarded-for',
  'x-ghostline-deadline-ms',
  'traceparent',
  'tracestate',
  'expect',
  'if-none-match',
  'range',
  'x-http-method-override',
  MARK.toLowerCase(),
];

function mutateHeaders(request: FuzzRequest, random: Random): FuzzRequest {
  const name = random.pick(HEADER_NAMES);
  if (random.chance(0.2)) {
    const { [name]: _gone, ...headers } = request.headers;
    return { ...request, headers };
  }
  return { ...request, headers: { ...request.headers, [name]: hostileHeader(random) } };
}

function mutatePath(request: FuzzRequest, random: Random): FuzzRequest {
  const { path } = request;
  const mark = encodeURIComponent(MARK);
  const changed = random.pick([
    `${path}/`,
    `/${path}`,
    path.toUpperCase(),
    `${path}?a=${mark}`,
    `${path}${path.includes('?') ? '&' : '?'}from=${mark}&to=%00&group_by=${mark}&group_by=__proto__`,
    `${path}%`,
    `${path}%00`,
    `${path}/..%2f..%2fetc/passwd`,
    path.replace('/', '/%2e%2e/'),
    `${path}\\..\\`,
    `${path}#x`,
    `${path}?${'a=1&'.repeat(500)}`,
    path.slice(0, random.int(path.length + 1)) || '/',
  ]);
  return { ...request, path: changed };
}

function mutateMethod(request: FuzzRequest, random: Random): FuzzRequest {
  return {
    ...request,
    method: random.pick(['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND']),
  };
}

function mutateBytes(request: FuzzRequest, random: Random): FuzzRequest {
  const bytes = bytesOf(request.body);
  const at = random.int(bytes.length + 1);
  const changed = random.pick<() => Buffer>([
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes, bytes]),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from([random.int(256)]), bytes.subarray(at)]),
    () => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << random.int(8)) : byte))),
    () => Buffer.from(`{"prefix":"${MARK}`),
    () => Buffer.from(`\uFEFF${bytes.toString('utf8')}`, 'utf8'),
    () => Buffer.from(bytes.toString('utf8'), 'utf16le'),
    () => Buffer.alloc(random.int(500_000), `"${MARK}"`),
    () => Buffer.from('['.repeat(random.int(100_000))),
  ])();
  return { ...request, body: { bytes: changed } };
}

function bytesOf(body: FuzzRequest['body']): Buffer {
  if (!body) return Buffer.alloc(0);
  return 'bytes' in body ? body.bytes : Buffer.from(JSON.stringify(body.json) ?? '', 'utf8');
}

/** What is sent behind its headers. */
export function bodyBytes({ body }: FuzzRequest): Buffer {
  return bytesOf(body);
}

/** As bytes on a connection that is closed afterwards. */
export function serialize(request: FuzzRequest): Buffer {
  const body = bytesOf(request.body);
  const headers = { ...request.headers, 'content-length': String(body.length), connection: 'close' };
  // What would end a line belongs to the mutations of bytes on the wire, not of values.
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}\r\n`);
  const path = request.path.replace(/[\r\n ]/g, '+');
  return Buffer.concat([Buffer.from(`${request.method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}
