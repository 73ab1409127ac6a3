import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestIssuer, startIssuer } from '@ghostline/access/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startChild } from '../harness/child-process.ts';
import { complete, readiness } from '../harness/ghostline-api.ts';
import { type GhostlineServer, startGhostline } from '../harness/ghostline-server.ts';
import { startRedis } from '../harness/redis-server.ts';
import { repository } from '../harness/repository.ts';

/** What is promised of a revocation: it counts within three seconds, without a restart. */
const promised = { timeout: 3000, interval: 50 };
const soon = { timeout: 20_000, interval: 50 };
const WHO = ['--org', 'acme', '--team', 'web', '--user', 'alice'];

let folder: string;
let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
let issuer: TestIssuer | undefined;
const servers: GhostlineServer[] = [];
const environment = { ...process.env, CACHE_KEY: 'c'.repeat(32), ID_KEY: 'i'.repeat(32) };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-keys-test-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await redis?.stop();
  await issuer?.stop();
  redis = undefined;
  issuer = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function gateway(name: string, yaml?: string): Promise<GhostlineServer> {
  const config = path.join(folder, `${name}.yaml`);
  if (yaml !== undefined) await writeFile(config, yaml);
  const server = await startGhostline({
    dataDir: path.join(folder, name),
    ...(yaml !== undefined && { config }),
    env: environment,
  });
  servers.push(server);
  return server;
}

const sharedBy = (url: string) =>
  `auth: {}\nredis: { url: "${url}" }\nsecrets: { cacheKey: { env: CACHE_KEY }, idKey: { env: ID_KEY } }\n`;

/** `ghostline keys …` as an admin runs it; stdout and stderr as one text. */
async function keys(...args: string[]) {
  const cli = path.join(repository, 'apps/cli/dist/main.js');
  const child = await startChild(process.execPath, [cli, 'keys', ...args], {
    cwd: folder,
    env: { ...environment, INIT_CWD: folder },
  });
  const { code } = await child.exited;
  await child.closed;
  const output = child.output();
  return { code, output, secret: /gl_\S+_[0-9A-Za-z]{49}/.exec(output)?.[0] ?? '' };
}

const statusWith = async ({ url }: { url: string }, secret?: string) =>
  (await complete(url, {}, secret === undefined ? {} : { authorization: `Bearer ${secret}` })).status;

describe('ghostline keys', () => {
  it('makes a key that a running server takes, shows its use, and ends it', async () => {
    const server = await gateway('only', 'auth: {}\n');
    const at = ['--config', 'only.yaml', '--data-dir', 'only'];
    expect(await complete(server.url)).toMatchObject({ status: 401 });
    const { code, output, secret } = await keys('create', ...WHO, '--id', 'laptop', ...at);
    expect(code).toBe(0);
    expect(output).toContain('"laptop" is for alice');
    await vi.waitFor(async () => expect(await statusWith(server, secret)).toBe(200), soon);
    expect((await keys('list', ...at)).output).toMatch(/laptop +alice +web +acme +developer +active/);

    expect(await keys('revoke', 'laptop', ...at)).toMatchObject({ code: 0 });
    await vi.waitFor(async () => expect(await statusWith(server, secret)).toBe(401), promised);
    expect((await complete(server.url, {}, { authorization: `Bearer ${secret}` })).body.detail).toContain(
      'was revoked',
    );

    // Uses are written once a minute, and at the end.
    await server.stop();
    const listed = await keys('list', '--json', ...at);
    expect(JSON.parse(listed.output)).toMatchObject([
      { id: 'laptop', state: 'revoked', last_used: expect.stringMatching(/^20\d\d-/) },
    ]);
    const journal = await readFile(path.join(folder, 'only', 'keys.jsonl'), 'utf8');
    expect(journal).not.toContain(secret.slice(-49));
  });

  it('makes keys that end by themselves', async () => {
    const server = await gateway('only', 'auth: {}\n');
    const { secret } = await keys('create', ...WHO, '--expires', '3s', '--data-dir', 'only');
    // Only of a key that it knows does the server say when it ended.
    await vi.waitFor(async () => {
      const { status, body } = await complete(server.url, {}, { authorization: `Bearer ${secret}` });
      expect({ status, detail: body.detail }).toEqual({ status: 401, detail: expect.stringContaining('expired at') });
    }, soon);
    expect((await keys('list', '--data-dir', 'only')).output).toMatch(/developer +expired/);
  });

  it('closes a server that was open, says so to everyone, and does not open it again', async () => {
    const server = await gateway('open');
    expect(await statusWith(server)).toBe(200);
    const { output, secret } = await keys('create', ...WHO, '--id', 'first', '--data-dir', 'open');
    expect(output).toContain('This was the first key');
    await vi.waitFor(async () => expect(await statusWith(server)).toBe(401), soon);
    expect(await statusWith(server, secret)).toBe(200);
    expect(server.output()).toContain('from now on requests need one');
    // Other hosts and origins are answered no more than before.
    const foreign = await fetch(new URL('/metrics', server.url), { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);

    await keys('revoke', 'first', '--data-dir', 'open');
    await vi.waitFor(async () => expect(await statusWith(server, secret)).toBe(401), soon);
    expect(await statusWith(server)).toBe(401);
    await server.stop();
    const again = await gateway('open');
    expect(await statusWith(again)).toBe(401);
    expect(again.output()).toMatch(/Access +1 key/);
  });

  it('goes on with the keys it knows while they cannot be read, and tells', async () => {
    const server = await gateway('only', 'auth: {}\n');
    const { secret } = await keys('create', ...WHO, '--data-dir', 'only');
    await vi.waitFor(async () => expect(await statusWith(server, secret)).toBe(200), soon);
    const journal = path.join(folder, 'only', 'keys.jsonl');
    const text = await readFile(journal);
    await rm(journal);
    await vi.waitFor(
      async () =>
        expect((await readiness(server.url)).body).toMatchObject({
          ready: true,
          components: { keys: { state: 'degraded', detail: expect.stringContaining('keys.jsonl is gone') } },
        }),
      soon,
    );
    expect(await statusWith(server, secret)).toBe(200);
    await writeFile(journal, text);
    await vi.waitFor(
      async () => expect((await readiness(server.url)).body.components['keys']).toEqual({ state: 'ok' }),
      soon,
    );
    expect(await statusWith(server, secret)).toBe(200);
  });

  it('says what is wrong and how to mend it', async () => {
    expect(await keys('create', '--org', 'acme')).toMatchObject({
      code: 2,
      output: expect.stringContaining('--team is missing'),
    });
    expect(await keys('revoke', 'nobody')).toMatchObject({
      code: 1,
      output: expect.stringContaining('no key "nobody"'),
    });
    await writeFile(path.join(folder, 'away.yaml'), sharedBy('redis://127.0.0.1:1'));
    expect(await keys('list', '--config', 'away.yaml')).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /Redis, where the keys of this configuration are, cannot be reached: .*ECONNREFUSED/,
      ),
    });
    const hung = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(hung, 'listening');
    await writeFile(
      path.join(folder, 'hung.yaml'),
      sharedBy(`redis://127.0.0.1:${(hung.address() as AddressInfo).port}`),
    );
    expect(await keys('list', '--config', 'hung.yaml')).toMatchObject({
      code: 1,
      output: expect.stringContaining('Redis, where the keys of this configuration are, cannot be reached'),
    });
    hung.close();
    await writeFile(path.join(folder, 'file'), '');
    expect(await keys('create', ...WHO, '--data-dir', 'file')).toMatchObject({
      code: 1,
      output: expect.stringContaining('The keys cannot be read or changed'),
    });
  });
});

describe('gateways that share a Redis', () => {
  it('all know a key that was made once, and refuse it when it was revoked', async () => {
    redis = await startRedis();
    const both = [await gateway('first', sharedBy(redis.url)), await gateway('second', sharedBy(redis.url))];
    const at = ['--config', 'first.yaml'];
    const { secret, output } = await keys('create', ...WHO, '--id', 'laptop', ...at);
    expect(output).toContain('Kept in Redis');
    const all = () => Promise.all(both.map((server) => statusWith(server, secret)));
    await vi.waitFor(async () => expect(await all()).toEqual([200, 200]), soon);
    await keys('revoke', 'laptop', ...at);
    await vi.waitFor(async () => expect(await all()).toEqual([401, 401]), soon);
  });

  it('keep their keys through a Redis that is away, a start without it, and one that comes back empty', async () => {
    redis = await startRedis();
    const { port } = redis;
    const yaml = sharedBy(redis.url);
    let server = await gateway('only', yaml);
    const at = ['--config', 'only.yaml'];
    const { secret } = await keys('create', ...WHO, '--id', 'laptop', ...at);
    const { secret: lost } = await keys('create', ...WHO, '--id', 'stolen', ...at);
    await keys('revoke', 'stolen', ...at);
    await vi.waitFor(async () => {
      expect(await statusWith(server, secret)).toBe(200);
      // Not known yet would be 401, too.
      const refused = await complete(server.url, {}, { authorization: `Bearer ${lost}` });
      expect(refused.body.detail).toContain('was revoked');
    }, soon);

    await redis.stop();
    expect(await statusWith(server, secret)).toBe(200);
    await vi.waitFor(
      async () =>
        expect((await readiness(server.url)).body).toMatchObject({
          ready: true,
          components: { keys: { state: 'degraded', detail: expect.stringContaining('is away') } },
        }),
      soon,
    );

    await server.stop();
    servers.pop();
    server = await gateway('only', yaml);
    expect([await statusWith(server, secret), await statusWith(server, lost)]).toEqual([200, 401]);

    // Redis comes back without what it held: the gateway gives it back, revocations included.
    redis = await startRedis(port);
    await vi.waitFor(async () => {
      const listed = await keys('list', '--json', ...at);
      expect(JSON.parse(listed.output)).toMatchObject([
        { id: 'laptop', state: 'active' },
        { id: 'stolen', state: 'revoked' },
      ]);
    }, soon);
    expect([await statusWith(server, secret), await statusWith(server, lost)]).toEqual([200, 401]);
  });
});

describe('a Redis that takes seconds to answer', () => {
  it('keeps no request with a known key waiting, and shows', async () => {
    redis = await startRedis();
    const server = await gateway('only', sharedBy(redis.url));
    const { secret } = await keys('create', ...WHO, '--config', 'only.yaml');
    await vi.waitFor(async () => expect(await statusWith(server, secret)).toBe(200), soon);
    const other = new Redis(redis.url);
    await other.call('CLIENT', 'PAUSE', '4000', 'ALL');
    await vi.waitFor(async () => {
      expect(await statusWith(server, secret)).toBe(200);
      expect((await readiness(server.url)).body).toMatchObject({
        ready: true,
        components: { keys: { state: 'degraded' } },
      });
    }, soon);
    await vi.waitFor(
      async () => expect((await readiness(server.url)).body.components['keys']).toEqual({ state: 'ok' }),
      soon,
    );
    other.disconnect();
  });
});

describe('tokens of an issuer', () => {
  it('are taken as those of the configuration are, and refused with the reason', async () => {
    issuer = await startIssuer();
    const server = await gateway(
      'only',
      `auth: { oidc: [ { issuer: "${issuer.url}", audience: ghostline, claims: { roles: roles } } ] }\n`,
    );
    expect(await statusWith(server, await issuer.sign({ roles: ['developer'] }))).toBe(200);
    expect(await statusWith(server, await issuer.sign({ roles: ['visitor'] }))).toBe(403);
    const foreign = await complete(
      server.url,
      {},
      { authorization: `Bearer ${await issuer.sign({ aud: 'billing' })}` },
    );
    expect(foreign).toMatchObject({ status: 401, body: { detail: expect.stringContaining('"ghostline"') } });
    const metrics = await (await fetch(new URL('/metrics', server.url))).text();
    expect(metrics).toContain('ghostline_authentication_failures_total{reason="token-audience"} 1');
  });

  it('wait for an issuer that is away, for seconds and not for ever', async () => {
    issuer = await startIssuer();
    const { url } = issuer;
    issuer.behave((response) => response.destroy());
    const server = await gateway('only', `auth: { oidc: [ { issuer: "${url}", audience: ghostline } ] }\n`);
    const token = await issuer.sign();
    expect(await statusWith(server, token)).toBe(503);
    expect((await readiness(server.url)).body.components['issuers']).toMatchObject({ state: 'degraded' });
    issuer.behave(undefined);
    await vi.waitFor(async () => expect(await statusWith(server, token)).toBe(200), { timeout: 30_000, interval: 200 });
    expect((await readiness(server.url)).body.components['issuers']).toEqual({ state: 'ok' });
  });

  it('that strangers forge under keys of their own slow the strangers, and nobody else', async () => {
    const own = await startIssuer();
    issuer = own;
    const server = await gateway(
      'only',
      `listen: { trustedProxies: [127.0.0.1] }\nauth: { oidc: [ { issuer: "${own.url}", audience: ghostline } ] }\n`,
    );
    const ask = async (token: string, from: string) => {
      const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': from };
      return (await complete(server.url, {}, headers)).status;
    };
    const [known, later] = [await own.sign(), await own.sign({ sub: 'u-2' })];
    expect(await ask(known, '203.0.113.5')).toBe(200);
    const before = own.asked.length;
    const forged = await Promise.all(Array.from({ length: 30 }, (_, i) => own.sign({}, { kid: `invented-${i}` })));
    const attack = Promise.all(forged.map((token) => ask(token, '198.51.100.7')));
    // While they wait for the issuer, others do not.
    expect(await Promise.all([ask(known, '203.0.113.5'), ask(later, '203.0.113.6')])).toEqual([200, 200]);
    expect(new Set(await attack)).toEqual(new Set([401, 429]));
    expect(own.asked.length - before).toBeLessThanOrEqual(2);
    const again = async () => ask(await own.sign({}, { kid: 'another' }), '198.51.100.7');
    await vi.waitFor(async () => expect(await again()).toBe(429), soon);

    await own.rotate();
    const renewed = await own.sign();
    expect(await ask(renewed, '203.0.113.5')).toBe(200);
    expect(await ask(known, '198.51.100.7')).not.toBe(200);
  });
});
