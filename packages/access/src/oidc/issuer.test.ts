import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ManualClock, createManualClock } from '@ghostline/clock/testing';
import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type TestIssuer, startIssuer } from '../testing/issuer.ts';
import { issuerOptions } from '../testing/samples.ts';
import { COOLDOWN_MS } from './issuer-keys.ts';
import { type Issuer, type IssuerOptions, type TokenOutcome, createIssuer } from './issuer.ts';

let clock: ManualClock;
let server: TestIssuer;
const issuers: Issuer[] = [];

beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 21));
  server = await startIssuer({ now: clock.now });
});
afterEach(async () => {
  for (const issuer of issuers.splice(0)) issuer.close();
  await server.stop();
});

async function issuerWith(options: Partial<IssuerOptions> = {}, fetchTimeoutMs = 3000): Promise<Issuer> {
  const issuer = createIssuer(issuerOptions(server, { clockSkewMs: 30_000, ...options }), {
    fetch: globalThis.fetch,
    now: clock.now,
    setTimer: clock.setTimer,
    fetchTimeoutMs,
  });
  issuers.push(issuer);
  await issuer.ready;
  return issuer;
}

const seconds = () => Math.floor(clock.now() / 1000);

async function verify(issuer: Issuer, token: string, algorithm = 'ES256'): Promise<TokenOutcome> {
  const outcome = await issuer.look(token, algorithm);
  return outcome.kind === 'unknown-key' ? issuer.lookAnew(token, algorithm) : outcome;
}

/** The reason a token is refused for, with the sentence; or the user it is verified for. */
async function outcomeOf(issuer: Issuer, token: string, algorithm = 'ES256'): Promise<string> {
  const outcome = await verify(issuer, token, algorithm);
  return outcome.kind === 'verified' ? outcome.principal.user : `${outcome.refusal.reason}: ${outcome.refusal.detail}`;
}

describe('a token', () => {
  it('of the issuer, for this server, is taken until it ends', async () => {
    const issuer = await issuerWith();
    expect(await verify(issuer, await server.sign())).toEqual({
      kind: 'verified',
      principal: {
        keyId: `${new URL(server.url).host}/u-1`,
        org: 'acme',
        team: 'web',
        user: 'u-1',
        roles: ['developer'],
      },
      expires: (seconds() + 3600) * 1000 + 30_000,
    });
    expect(server.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it.each(['RS256', 'PS384', 'ES512', 'EdDSA'])('may be signed with %s', async (alg) => {
    const other = await startIssuer({ now: clock.now, alg });
    const issuer = await issuerWith({ issuer: other.url });
    expect(await outcomeOf(issuer, await other.sign(), alg)).toBe('u-1');
    await other.stop();
  });

  it('needs no discovery when the address of the keys is configured', async () => {
    const issuer = await issuerWith({ jwksUrl: `${server.url}/keys` });
    expect(await outcomeOf(issuer, await server.sign())).toBe('u-1');
    expect(server.asked).toEqual(['/keys']);
  });

  it('may be for several audiences, one of which is this server', async () => {
    const issuer = await issuerWith({ audience: ['other', 'ghostline'] });
    expect(await outcomeOf(issuer, await server.sign({ aud: ['somebody', 'ghostline'] }))).toBe('u-1');
  });

  it('for another server is refused', async () => {
    const issuer = await issuerWith();
    expect(await outcomeOf(issuer, await server.sign({ aud: 'billing' }))).toBe(
      'token-audience: The token is not for this server: its audience must have "ghostline".',
    );
  });

  it('of another issuer with the same key is refused', async () => {
    const issuer = await issuerWith();
    expect(await outcomeOf(issuer, await server.sign({ iss: 'https://evil.example' }))).toMatch(
      /^token-claims: .*"iss"/,
    );
  });

  it('is taken for as long after its end, and before its begin, as clocks may differ', async () => {
    const issuer = await issuerWith();
    const now = seconds();
    expect(await outcomeOf(issuer, await server.sign({ exp: now - 29 }))).toBe('u-1');
    expect(await outcomeOf(issuer, await server.sign({ exp: now - 31 }))).toMatch(/^token-expired: .*expired/);
    expect(await outcomeOf(issuer, await server.sign({ nbf: now + 29 }))).toBe('u-1');
    expect(await outcomeOf(issuer, await server.sign({ nbf: now + 31 }))).toMatch(/^token-not-yet-valid: .*clock/);
    expect(await outcomeOf(issuer, await server.sign({ iat: now + 29 }))).toBe('u-1');
    expect(await outcomeOf(issuer, await server.sign({ iat: now + 31 }))).toMatch(/^token-not-yet-valid: .*future/);
  });

  it.each(['exp', 'sub', 'aud', 'iss'])('without %s is refused', async (claim) => {
    const issuer = await issuerWith();
    expect(await outcomeOf(issuer, await server.sign({ [claim]: undefined }))).toMatch(/^token-(claims|audience): /);
  });

  it('whose claims say too little is refused with their name', async () => {
    const issuer = await issuerWith();
    expect(await outcomeOf(issuer, await server.sign({ team: undefined }))).toMatch(
      /^token-claims: The token has no usable claim "team"\./,
    );
  });

  it('that was changed is refused', async () => {
    const issuer = await issuerWith();
    const [header, , signature] = (await server.sign()).split('.');
    const payload = (await server.sign({ org: 'other' })).split('.')[1];
    expect(await outcomeOf(issuer, `${header}.${payload}.${signature}`)).toMatch(/^token-signature: /);
  });

  it('signed by somebody else under the name of the key is refused', async () => {
    const issuer = await issuerWith();
    const { privateKey } = await generateKeyPair('ES256');
    const forged = await new SignJWT({ iss: server.url, aud: 'ghostline', sub: 'root', exp: seconds() + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1' })
      .sign(privateKey);
    expect(await outcomeOf(issuer, forged)).toMatch(/^token-signature: /);
  });

  it('without a signature is refused, whatever it says of its algorithm', async () => {
    const issuer = await issuerWith();
    const claims = { iss: server.url, aud: 'ghostline', sub: 'root', exp: seconds() + 60, org: 'acme', team: 'web' };
    const unsigned = new UnsecuredJWT(claims).encode();
    expect(await outcomeOf(issuer, unsigned, 'none')).toMatch(/^token-algorithm: .*"none"/);
    // The verifier reads the header itself, whatever its caller found in it.
    expect(await outcomeOf(issuer, unsigned, 'ES256')).not.toBe('root');
    const [, payload] = (await server.sign()).split('.');
    const empty = `${Buffer.from('{"alg":"ES256","kid":"key-1"}').toString('base64url')}.${payload}.`;
    expect(await outcomeOf(issuer, empty)).toMatch(/^token-/);
  });

  it('signed with the public key as if that were a shared secret is refused', async () => {
    const rsa = await startIssuer({ now: clock.now, alg: 'RS256' });
    const issuer = await issuerWith({ issuer: rsa.url });
    const secret = new TextEncoder().encode(JSON.stringify(await rsa.publicKey()));
    const forged = await new SignJWT({ iss: rsa.url, aud: 'ghostline', sub: 'root', exp: seconds() + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(secret);
    expect(await outcomeOf(issuer, forged, 'HS256')).toMatch(/^token-algorithm: .*"HS256"/);
    expect(await outcomeOf(issuer, forged, 'RS256')).toMatch(/^token-/);
    await rsa.stop();
  });
});

describe('when the issuer changes its key', () => {
  it('the new one is fetched at the first token signed with it, and the old one counts no more', async () => {
    const issuer = await issuerWith();
    const old = await server.sign();
    await clock.advance(60_000);
    await server.rotate();
    expect(await outcomeOf(issuer, await server.sign())).toBe('u-1');
    await clock.advance(60_000);
    expect(await outcomeOf(issuer, old)).toBe(
      `token-signature: The token is signed with a key that ${server.url} does not publish.`,
    );
  });

  it('unknown keys make it ask once, and again after three seconds, however many tokens name them', async () => {
    const issuer = await issuerWith();
    await clock.advance(60_000);
    const before = server.asked.length;
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, i) => server.sign({}, { kid: `invented-${i}` })));
    const refused = new Set([expect.stringMatching(/^token-signature: .*does not publish/)]);
    expect(new Set(await Promise.all(tokens.map((token) => outcomeOf(issuer, token))))).toEqual(refused);
    expect(server.asked.length - before).toBe(2);

    const waiting = tokens.map((token) => outcomeOf(issuer, token));
    await vi.waitFor(() => expect(clock.waiting).toContain(COOLDOWN_MS));
    await clock.advance(COOLDOWN_MS - 1);
    expect(server.asked.length - before).toBe(2);
    await clock.advance(1);
    expect(new Set(await Promise.all(waiting))).toEqual(refused);
    expect(server.asked.length - before).toBe(4);
  });

  it('a new key that comes right after strangers had it asked counts three seconds later', async () => {
    const issuer = await issuerWith();
    await clock.advance(60_000);
    expect(await outcomeOf(issuer, await server.sign({}, { kid: 'invented' }))).toMatch(/^token-signature: /);
    await server.rotate();
    const honest = outcomeOf(issuer, await server.sign());
    await vi.waitFor(() => expect(clock.waiting).toContain(COOLDOWN_MS));
    await clock.advance(COOLDOWN_MS);
    expect(await honest).toBe('u-1');
  });

  it('is asked every five minutes anyway, so that a key it withdrew counts no more', async () => {
    const issuer = await issuerWith();
    const token = await server.sign();
    await server.rotate();
    expect(await outcomeOf(issuer, token)).toBe('u-1');
    await clock.advance(300_000);
    await vi.waitFor(() => expect(server.asked).toHaveLength(4));
    await vi.waitFor(async () => expect(await issuer.look(token, 'ES256')).toEqual({ kind: 'unknown-key' }));
  });
});

describe('an issuer that is away', () => {
  it('is no reason to refuse tokens signed with keys that are known', async () => {
    const issuer = await issuerWith();
    server.behave((response) => response.destroy());
    await clock.advance(300_000);
    await vi.waitFor(() => expect(issuer.state()).toMatchObject({ kind: 'away', keys: true }));
    expect(await outcomeOf(issuer, await server.sign())).toBe('u-1');
  });

  it('makes other tokens wait, with the reason and for how long, and is asked again', async () => {
    server.behave((response) => response.destroy());
    const issuer = await issuerWith();
    const token = await server.sign();
    const outcome = await verify(issuer, token);
    expect(outcome).toMatchObject({ refusal: { reason: 'unavailable', retryAfterMs: 10_000 } });
    expect(outcome.kind === 'refused' && outcome.refusal.detail).toContain(
      `${server.url}/.well-known/openid-configuration cannot be reached`,
    );
    server.behave(undefined);
    await clock.advance(10_000);
    expect(await outcomeOf(issuer, token)).toBe('u-1');
  });

  it('is found again without anybody asking', async () => {
    server.behave((response) => response.destroy());
    const issuer = await issuerWith();
    server.behave(undefined);
    await clock.advance(30_000);
    await vi.waitFor(() => expect(issuer.state().kind).toBe('read'));
  });

  it('keeps nobody waiting when it takes the question and never answers', async () => {
    server.behave(() => {});
    const issuer = await issuerWith({}, 50);
    await clock.advance(10_000);
    expect(await outcomeOf(issuer, await server.sign())).toMatch(/^unavailable: .*did not answer in time/);
  });

  it.each([
    [
      'a status',
      (status: (code: number) => void, end: (text: string) => void) => (status(500), end('')),
      /answers with status 500/,
    ],
    [
      'a redirect',
      (status: (code: number) => void, end: (text: string) => void) => (status(302), end('')),
      /status 302/,
    ],
    ['no JSON', (_status: (code: number) => void, end: (text: string) => void) => end('<html>'), /not JSON/],
    [
      'another document',
      (_status: (code: number) => void, end: (text: string) => void) => end('{}'),
      /no OpenID discovery document/,
    ],
    [
      'more than it should',
      (_status: (code: number) => void, end: (text: string) => void) => end('x'.repeat(1_100_000)),
      /more than 1048576 bytes/,
    ],
  ])('or answers with %s is said to', async (_name, answer, expected) => {
    server.behave((response) =>
      answer(
        (code) => (response.statusCode = code),
        (text) => response.end(text),
      ),
    );
    const issuer = await issuerWith();
    expect(issuer.state()).toMatchObject({ kind: 'away', reason: expect.stringMatching(expected) });
  });

  it('that publishes no keys is as good as away, and those known go on', async () => {
    const issuer = await issuerWith();
    server.behave((response, path) => {
      response.end(
        JSON.stringify(path === '/keys' ? { keys: [] } : { issuer: server.url, jwks_uri: `${server.url}/keys` }),
      );
    });
    await clock.advance(300_000);
    await vi.waitFor(() => expect(issuer.state()).toMatchObject({ kind: 'away', keys: true }));
    expect(await outcomeOf(issuer, await server.sign())).toBe('u-1');
  });

  it('that calls itself by another name is not believed', async () => {
    server.behave((response) =>
      response.end(JSON.stringify({ issuer: 'https://evil.example', jwks_uri: 'https://evil.example/k' })),
    );
    const issuer = await issuerWith();
    expect(issuer.state()).toMatchObject({
      kind: 'away',
      reason: expect.stringContaining(`calls its issuer "https://evil.example", and "${server.url}" is configured`),
    });
  });
});

describe('closing', () => {
  it('ends the wait of those who came too early to ask again', async () => {
    const issuer = await issuerWith();
    const waiting = verify(issuer, await server.sign({}, { kid: 'invented' }));
    await vi.waitFor(() => expect(clock.waiting).toContain(COOLDOWN_MS));
    issuer.close();
    expect(await waiting).toMatchObject({ refusal: { reason: 'unavailable' } });
    expect(clock.waiting).toEqual([]);
  });

  it('ends what is under way and asks no more', async () => {
    const hanging = createServer(() => {}).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    const issuer = createIssuer(
      {
        issuer: url,
        jwksUrl: undefined,
        audience: ['x'],
        clockSkewMs: 0,
        claims: { org: undefined, team: undefined, user: 'sub', roles: undefined },
        org: 'acme',
        team: 'web',
        roles: undefined,
      },
      { fetch: globalThis.fetch, now: clock.now, setTimer: clock.setTimer },
    );
    await once(hanging, 'connection');
    issuer.close();
    expect(await issuer.ready).toMatchObject({ kind: 'failed' });
    expect(clock.waiting).toEqual([]);
    hanging.closeAllConnections();
    hanging.close();
  });
});
