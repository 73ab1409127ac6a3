import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configJsonSchema } from './config-file.ts';
import { ConfigError, type Settings, loadSettings } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ghostline-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function load(yaml: string | undefined, { argv = [] as string[], env = {} as Record<string, string> } = {}): Settings {
  if (yaml !== undefined) writeFileSync(path.join(folder, 'ghostline.yaml'), yaml);
  const settings = loadSettings({ argv, env, cwd: folder });
  if (typeof settings === 'string') throw new Error(`got ${settings}`);
  return settings;
}

function errorOf(yaml: string | undefined, options: { argv?: string[]; env?: Record<string, string> } = {}): string {
  try {
    load(yaml, options);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('expected a ConfigError');
}

const endpoint = '{ name: a, kind: openai, url: http://gpu:8000/v1 }';

describe('without a file', () => {
  it('listens on loopback, without authentication, with everything embedded', () => {
    expect(load(undefined)).toMatchObject({
      listen: { host: '127.0.0.1', port: 4700 },
      dataDir: path.join(folder, '.ghostline'),
      auth: { required: false, fixedKeys: [], issuers: [], failuresPerMinute: 20 },
      redis: undefined,
      analytics: { kind: 'embedded' },
      models: [{ name: 'ngram', endpoints: [{ kind: 'ngram', region: 'local' }] }],
    });
  });

  it('takes flags over everything', () => {
    const settings = load('listen: { port: 1 }\nregion: eu\n', {
      argv: ['--port', '0', '--data-dir', 'd', '--region', 'us'],
    });
    expect(settings).toMatchObject({ listen: { port: 0 }, dataDir: path.join(folder, 'd'), region: 'us' });
  });
});

describe('Redis in a file', () => {
  const secrets = 'secrets: { cacheKey: { env: LONG }, idKey: { env: LONG } }\n';
  const env = { LONG: 'l'.repeat(32), PASSWORD: 'data', WATCH: 'watch' };
  const redisOf = (yaml: string) => {
    const settings = load(`${secrets}redis: ${yaml}\n`, { env });
    return typeof settings === 'string' ? undefined : settings.redis;
  };

  it('is one server, a cluster, or what sentinels watch', () => {
    expect(redisOf('{ url: rediss://r:6380, password: { env: PASSWORD }, tls: {} }')).toEqual({
      kind: 'server',
      url: 'rediss://r:6380',
      username: undefined,
      password: 'data',
      tls: { ca: undefined, cert: undefined, key: undefined, serverName: undefined },
      addresses: {},
    });
    expect(
      redisOf('{ cluster: { nodes: [redis-1:6379, "[fd00::1]:6380"] }, addresses: { "10.0.0.1:6379": r:1 } }'),
    ).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'redis-1', port: 6379 },
        { host: 'fd00::1', port: 6380 },
      ],
      username: undefined,
      password: undefined,
      tls: undefined,
      addresses: { '10.0.0.1:6379': { host: 'r', port: 1 } },
    });
    expect(
      redisOf(
        '{ username: app, tls: { ca: { file: ca.pem } }, sentinel: { master: main, nodes: [s:26379], database: 1, password: { env: WATCH } } }',
      ),
    ).toEqual({
      kind: 'sentinel',
      nodes: [{ host: 's', port: 26_379 }],
      master: 'main',
      database: 1,
      sentinelUsername: undefined,
      sentinelPassword: 'watch',
      username: 'app',
      password: undefined,
      tls: { ca: path.join(folder, 'ca.pem'), cert: undefined, key: undefined, serverName: undefined },
      addresses: {},
    });
  });
});

describe('a file', () => {
  it('names no endpoint at an address where clouds keep credentials', () => {
    const at = (url: string, more = '') =>
      `models:\n  - { name: m, template: plain, endpoints: [{ name: a, kind: openai, url: "${url}"${more} }] }\n`;
    expect(errorOf(at('http://169.254.169.254/latest'))).toMatch(
      /^ghostline\.yaml:2:\d+: models\[0\]\.endpoints\[0\]\.url: 169\.254\.169\.254 is/,
    );
    expect(errorOf(at('http://10.0.0.1:8000/v1', ', allowPrivate: false'))).toContain('allowPrivate is false');
    expect(load(at('http://10.0.0.1:8000/v1')).models[0].endpoints).toHaveLength(1);
  });

  it('takes the regions that clients may go to, each once and at a real address', () => {
    const listed = 'regions:\n  - { name: us, url: https://us.example.com }\n';
    expect(load(listed)).toMatchObject({ regions: [{ name: 'us', url: 'https://us.example.com' }] });
    expect(load('')).toMatchObject({ regions: [] });
    expect(() => load(`${listed}  - { name: us, url: https://us2.example.com }\n`)).toThrow('regions[1].name');
    expect(() => load('regions: [{ name: us, url: us.example.com }]')).toThrow('http:// or https:// URL');
  });

  it('says what is kept from models and out of answers, for all and for an organisation', () => {
    const safety = {
      excludedLanguages: ['sql'],
      blockedPatterns: [{ name: 'project', pattern: 'zephyr-[0-9]+', ignoreCase: true }],
      organisations: {
        acme: { excludedPaths: ['vault/'], blockedPatterns: [{ name: 'hosts', literals: ['corp.internal'] }] },
      },
    };
    expect(load(`safety: ${JSON.stringify(safety)}`).safety).toEqual(safety);
    expect(load('').safety).toEqual({});
  });

  it('gives endpoints its region and resolves secrets by reference', () => {
    writeFileSync(path.join(folder, 'key'), ' from-file \n');
    const settings = load(
      `region: eu-west
models:
  - name: fast
    template: qwen2.5-coder
    endpoints:
      - { name: a, kind: openai, url: http://gpu-a:8000/v1, apiKey: { env: A_KEY } }
      - { name: b, kind: openai, url: http://gpu-b:8000/v1, apiKey: { file: key }, region: us-east }
`,
      { env: { A_KEY: 'from-env' } },
    );
    expect(settings.models[0].endpoints).toMatchObject([
      { region: 'eu-west', secret: 'from-env' },
      { region: 'us-east', secret: 'from-file' },
    ]);
  });

  it('may limit requests, tokens and streams, and money', () => {
    expect(load('').limiting).toEqual({
      limits: { perKey: { requestsPerMinute: 1200 } },
      budgets: {},
      stopWhen: {},
      intakePerMinute: 1200,
      operators: undefined,
    });
    const { limiting, models } = load(
      `limits:
  requestsPerMinute: 60
  perKey: { concurrentStreams: 8 }
  perOrganisation: { tokensPerMinute: 100000 }
  organisations: { acme: { perUser: { requestsPerMinute: 30 } } }
budgets: { perUser: { day: 2.5 }, hard: refuse }
spending: { operators: [ops], stopWhen: { perMinute: 5, unusualUser: {} } }
models:
  - name: m
    template: qwen2.5-coder
    price: { inputPerMillion: 0.1, outputPerMillion: 0.3 }
    endpoints: [{ name: a, kind: openai, url: http://x }, { name: b, kind: ngram }]
`,
    );
    expect(limiting).toMatchObject({
      limits: {
        perKey: { requestsPerMinute: 60, concurrentStreams: 8 },
        perOrganisation: { tokensPerMinute: 100_000 },
      },
      budgets: { perUser: { day: 2.5 }, hard: 'refuse' },
      stopWhen: { perMinute: 5, unusualUser: {} },
      intakePerMinute: 60,
      operators: ['ops'],
    });
    expect(models[0]).toMatchObject({ price: { inputPerMillion: 0.1 }, embedded: 'some' });
    expect(load('').models[0].embedded).toBe('all');
  });

  it('may name the cache keys from before a change, and say how much is kept and for how long', () => {
    const settings = load(
      'secrets: { previousCacheKeys: [{ env: OLD }] }\ncache: { maxMegabytes: 2, ttlSeconds: 60, epoch: "3" }\n',
      { env: { OLD: 'o'.repeat(32) } },
    );
    expect(settings.secrets.previousCacheKeys).toEqual(['o'.repeat(32)]);
    expect(settings.cache).toEqual({ maxBytes: 2 * 1024 * 1024, ttlMs: 60_000, epoch: '3' });
    expect(load('').cache).toEqual({});
  });

  it.each([
    [
      'budgets: { perUser: { day: 5 } }',
      /^ghostline\.yaml:1:10: budgets: no model has a price, so nothing would ever be spent\. Give models\[\]\.price/,
    ],
    ['spending: { stopWhen: { perHour: 5 } }', /spending\.stopWhen: no model has a price/],
    ['limits: { perUser: { requestsPerMinut: 5 } }', /limits\.perUser\.requestsPerMinut: .*did you mean/],
    [
      'limits: { requestsPerMinute: 5, perKey: { requestsPerMinute: 6 } }',
      /limits\.requestsPerMinute: is the same as perKey\.requestsPerMinute/,
    ],
    ['lisen: {}', 'ghostline.yaml:1:8: lisen: unknown field; did you mean "listen"?'],
    ['listen:\n  prot: 1', 'ghostline.yaml:2:9: listen.prot: unknown field; did you mean "port"?'],
    [
      'listen:\n  host: 127.0.0.1\n  port: high',
      'ghostline.yaml:3:9: listen.port: Invalid input: expected number, received string',
    ],
    [
      `models:\n  - name: m\n    template: qwen2.5-coder\n    endpoints:\n      - { name: a, kind: openai, ulr: http://x }`,
      'ghostline.yaml:5:39: models[0].endpoints[0].ulr: unknown field; did you mean "url"?',
    ],
    [
      'models:\n  - name: m\n    endpoints: [{ name: a, kind: llamacpp, url: http://x }]',
      /models\[0\]\.endpoints\[0\]\.kind.*use kind: openai with url/,
    ],
    [`models:\n  - { name: m, endpoints: [${endpoint}] }`, /models\[0\]\.template: required for openai endpoints/],
    [
      'models:\n  - { name: fast, endpoints: [{ name: a, kind: openai, url: http://x, model: Qwen/Qwen2.5-Coder-7B }] }',
      /required for openai endpoints.*; it looks like Qwen2\.5-Coder: set template: qwen2\.5-coder; known are .*codestral/,
    ],
    [
      `models:\n  - { name: starcoder2-3b, template: starcodr2, endpoints: [${endpoint}] }`,
      /:2:\d+: models\[0\]\.template: "starcodr2" is no template; did you mean "starcoder2"\? .*looks like StarCoder 2/,
    ],
    [
      `models:\n  - { name: m, template: toString, endpoints: [{ name: a, kind: ngram }] }`,
      /"toString" is no template/,
    ],
    [
      'listen: { origins: [https://vscode.dev] }',
      /:1:\d+: listen\.origins: without authentication only pages on this machine are answered: add auth: \{\}, or remove it/,
    ],
    [
      'auth: {}\nlisten: { origins: [https://vscode.dev/] }',
      /:2:\d+: listen\.origins\[0\]: must be an origin such as https:\/\/vscode\.dev/,
    ],
    [
      'analytics: { url: "http://169.254.169.254:8123" }',
      /:1:\d+: analytics\.url: 169\.254\.169\.254 is a link-local, metadata or multicast address/,
    ],
    [
      'tracing: { otlp: "http://0xa9fea9fe:4318" }',
      /:1:\d+: tracing\.otlp: 169\.254\.169\.254 is a link-local, metadata or multicast address/,
    ],
    [
      'tracing: { otlp: "http://192.168.0.7:4318", allowPrivate: false }',
      /tracing\.otlp: 192\.168\.0\.7 is a private address, and allowPrivate is false/,
    ],
    ['redis: { url: "redis://169.254.169.254:6379" }', /:1:\d+: redis\.url: 169\.254\.169\.254 is a link-local/],
    [
      'redis: { cluster: { nodes: ["10.0.0.1:6379", "[fe80::1]:6379"] } }',
      /:1:\d+: redis\.cluster\.nodes\[1\]: fe80::1 is a link-local/,
    ],
    ['listen: { connectionsPerAddress: 0 }', /listen\.connectionsPerAddress/],
    [
      'listen: { host: 0.0.0.0 }',
      /listen\.host: "0\.0\.0\.0" can be reached from other machines, and there is no authentication/,
    ],
    ['redis: { url: redis://:secret@cache:6379 }', /without a password/],
    ['redis: {}', 'ghostline.yaml:1:8: redis: needs one of url, cluster and sentinel; none of them is there'],
    [
      'redis: { url: redis://r, cluster: { nodes: [r:6379] } }',
      /redis: needs one of url, cluster and sentinel; there are url and cluster/,
    ],
    [
      'redis: { cluster: { nodes: [r:6379, "redis://s:6379"] } }',
      /:1:\d+: redis\.cluster\.nodes\[1\]: must be HOST:PORT, such as redis-1:6379/,
    ],
    ['redis: { cluster: { nodes: [r:70000] } }', /redis\.cluster\.nodes\[0\]: must be HOST:PORT/],
    ['redis: { sentinel: { nodes: [s:26379] } }', /redis\.sentinel\.master: required field is missing/],
    ['redis: { cluster: { nodes: [r:6379] }, password: hunter2 }', /redis\.password: must be a reference to a secret/],
    ['redis: { url: redis://r, addresses: { "a:1": "b:2" } }', /redis\.addresses: is for a cluster or sentinels/],
    [
      'redis: { url: redis://r, tls: {} }',
      /redis\.tls: redis\.url says that nothing is encrypted; begin it with rediss/,
    ],
    ['redis: { url: rediss://r, tls: { cert: { file: c.pem } } }', /redis\.tls\.key: cert and key go together/],
    ['redis: { url: redis://cache:6379 }', /secrets\.cacheKey: required when Redis is configured/],
    [
      'redis: { url: { env: REDIS_URL } }',
      'ghostline.yaml:1:15: redis.url: the environment variable REDIS_URL is not set',
    ],
    [
      'auth: { keys: [{ id: a, sha256: abc, org: o, team: t, user: u, roles: [developer] }] }',
      /sha256: must be the SHA-256 of the key/,
    ],
    [
      'secrets: { previousCacheKeys: [{ env: SHORT }] }',
      'ghostline.yaml:1:32: secrets.previousCacheKeys[0]: 5 characters, at least 32 are needed; try: openssl rand -hex 32',
    ],
    ['secrets: { idKey: { env: SHORT } }', /secrets\.idKey: 5 characters, at least 32 are needed/],
    [
      'models:\n  - { name: m, template: qwen, endpoints: [{ name: a, kind: openai, url: http://x }] }',
      /models\[0\]\.template: .*qwen2\.5-coder/,
    ],
    [
      'models:\n  - name: m\n    endpoints:\n      - { name: a, kind: ngram }\n      - { name: a, kind: ngram }',
      'ghostline.yaml:5:17: models[0].endpoints[1].name: the same as that of item 0; each needs its own',
    ],
    ['listen: [', /ghostline\.yaml:1:\d+: /],
    ['a: 1\na: 2', /ghostline\.yaml:\d+:1: Map keys must be unique/],
    [
      'safety:\n  blockedPatterns:\n    - { name: a, pattern: "(a)\\\\1" }',
      /yaml:3:\d+: safety\.blockedPatterns\[0\]\.pattern: has \\1, which no matcher does in linear time/,
    ],
    [
      'safety: { blockedPatterns: [{ name: a, pattern: "x*" }] }',
      /safety\.blockedPatterns\[0\]\.pattern: matches the empty text, and so every answer; make a part of it required/,
    ],
    ['safety: { blockedPatterns: [{ name: a }] }', /blockedPatterns\[0\]: needs one of pattern and literals/],
    [
      'safety: { organisations: { acme: { blockedPatterns: [{ name: a, literals: [ab] }] } } }',
      /safety\.organisations\.acme\.blockedPatterns\[0\]\.literals\[0\]/,
    ],
    ['safety: { excludedLanguages: ["a b"] }', /excludedLanguages\[0\]: must be a VS Code language id/],
    ['safety: { excludedLanguage: [sql] }', /did you mean "excludedLanguages"\?/],
  ])('that is wrong is refused with the line, the field and the fix: %s', (yaml, message) => {
    const error = errorOf(yaml, { env: { SHORT: 'short' } });
    if (typeof message === 'string') expect(error).toContain(message);
    else expect(error).toMatch(message);
    expect(error).not.toContain('secret@');
  });

  it('that was named but is not there is an error', () => {
    expect(errorOf(undefined, { argv: ['--config', 'none.yaml'] })).toMatch(
      /--config: .*none\.yaml cannot be read \(ENOENT\)/,
    );
  });
});

describe('flags', () => {
  it('that are wrong are refused with the fix', () => {
    expect(errorOf(undefined, { argv: ['--prot', '1'] })).toMatch(/Did you mean --port\?/);
    expect(errorOf(undefined, { argv: ['--port', 'x'] })).toMatch(/--port: "x" is not a port number/);
    expect(errorOf(undefined, { argv: ['--role', 'boss'] })).toMatch(
      /--role: "boss" is not one of gateway, admin, analytics/,
    );
  });
});

/** Fields of a JSON Schema, at any depth, that say neither what they are for nor the one value they have. */
function undescribed(schema: unknown, place: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([keyword, inside]) => {
    if (keyword !== 'properties') return undescribed(inside, place);
    return Object.entries(inside as Record<string, object>).flatMap(([name, field]) => {
      const deeper = undescribed(field, `${place}.${name}`);
      return 'description' in field || 'const' in field ? deeper : deeper.concat(`${place}.${name}`);
    });
  });
}

describe('the published JSON Schema', () => {
  it('is the one that validates', async () => {
    await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../../ghostline.schema.json');
  });

  it('says what each field is for', () => {
    expect(undescribed(configJsonSchema(), '')).toEqual([]);
  });
});

describe('how it listens', () => {
  it('takes a certificate, or HTTP/2 in clear text, and how long to go on after SIGTERM', () => {
    expect(load('').drain).toEqual({ announceMs: 0, finishMs: 10_000 });
    expect(load('drain: { announceMs: 5000, finishMs: 20000 }').drain).toEqual({ announceMs: 5_000, finishMs: 20_000 });
    expect(load('listen: { http2: cleartext }').listen).toMatchObject({ http2Cleartext: true, tls: undefined });
    expect(load('listen: { tls: { cert: { file: tls.crt }, key: { file: /etc/tls.key } } }').listen).toMatchObject({
      tls: { cert: path.join(folder, 'tls.crt'), key: '/etc/tls.key' },
      http2Cleartext: false,
    });
  });

  it('refuses what cannot both be, and half of a certificate', () => {
    const tls = 'tls: { cert: { file: a }, key: { file: b } }';
    expect(errorOf(`listen: { ${tls}, http2: cleartext }`)).toMatch(/listen\.http2: with tls, HTTP\/2 is on by itself/);
    expect(errorOf('listen: { tls: { cert: { file: a } } }')).toMatch(/listen\.tls\.key: required field is missing/);
    expect(errorOf('listen: { http2: true }')).toMatch(/listen\.http2/);
  });
});
