import { type RefusalReason, createAccess } from '@ghostline/access';
import { startIssuer, fixedKeyFor, issuerOptions } from '@ghostline/access/testing';
import { Hono } from 'hono';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { AppEnv } from './app-env.ts';
import { authenticate, requireRole } from './authenticate.ts';
import { createClientAddress } from './client-address.ts';
import { problemResponse, toProblem } from './problem-response.ts';

const secret = 'a-key';
const key = fixedKeyFor(secret, { id: 'alice' });

async function harness({ trustedProxies = [] as string[], issuer = '' } = {}) {
  const refused: RefusalReason[] = [];
  const access = createAccess({
    required: true,
    fixedKeys: [key],
    failuresPerMinute: 2,
    onRefused: (reason) => refused.push(reason),
    ...(issuer && {
      issuers: [
        issuerOptions(
          { url: issuer, audience: 'ghostline' },
          { claims: { org: 'org', team: 'team', user: 'sub', roles: 'roles' } },
        ),
      ],
    }),
  });
  const app = new Hono<AppEnv>();
  app.use(authenticate(access.authenticate, createClientAddress(trustedProxies)));
  app.get('/me', (c) => c.json({ ...c.get('principal'), timed: c.get('authMs') >= 0 }));
  app.get('/admin', requireRole('admin'), (c) => c.text('hello'));
  app.onError((error, c) => problemResponse(c, toProblem(error, 'r-1', pino({ level: 'silent' }))));
  const ask = (token: string, { from = '192.0.2.1', forwardedFor = '', path = '/me' } = {}) =>
    app.request(
      path,
      { headers: { authorization: `Bearer ${token}`, ...(forwardedFor && { 'x-forwarded-for': forwardedFor }) } },
      { incoming: { socket: { remoteAddress: from } } },
    );
  const statuses = async (asked: readonly (Response | Promise<Response>)[]) =>
    (await Promise.all(asked)).map(({ status }) => status);
  return { ask, statuses, refused, access };
}

describe('authentication of requests', () => {
  it('finds the principal of a key and of a token', async () => {
    const issuer = await startIssuer();
    const { ask, access } = await harness({ issuer: issuer.url });
    expect(await (await ask(secret)).json()).toMatchObject({ keyId: 'alice', org: 'acme', timed: true });
    const token = await issuer.sign({ sub: 'carol', roles: ['admin'] });
    for (let i = 0; i < 2; i++) {
      expect(await (await ask(token)).json()).toMatchObject({ user: 'carol', roles: ['admin'], timed: true });
    }
    expect((await ask(token, { path: '/admin' })).status).toBe(200);
    await access.close();
    await issuer.stop();
  });

  it('tells who lacks a role which one, and what they have', async () => {
    const issuer = await startIssuer();
    const { ask, access } = await harness({ issuer: issuer.url });
    const detailOf = async (token: string) =>
      ((await (await ask(token, { path: '/admin' })).json()) as { detail: string }).detail;
    expect(await detailOf(secret)).toBe('This needs the role "admin"; yours has only the role "developer".');
    expect(await detailOf(await issuer.sign({}))).toBe('This needs the role "admin"; yours has no role here.');
    await access.close();
    await issuer.stop();
  });

  it('slows an address that guesses, and says when to come back', async () => {
    const { ask, statuses, refused } = await harness();
    for (let i = 0; i < 3; i++) expect((await ask(`guess-${i}`)).status).toBe(401);
    const slowed = await ask('guess-3');
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await statuses([ask(secret), ask('guess-4', { from: '192.0.2.2' })])).toEqual([200, 401]);
    expect(refused).toEqual(['unknown-key', 'unknown-key', 'unknown-key', 'slowed', 'unknown-key']);
  });

  it('believes nobody but trusted proxies about the address', async () => {
    const open = await harness();
    for (let i = 0; i < 4; i++) await open.ask(`guess-${i}`, { forwardedFor: `198.51.100.${i}` });
    expect(open.refused.at(-1)).toBe('slowed');

    const behind = await harness({ trustedProxies: ['192.0.2.0/24'] });
    for (let i = 0; i < 4; i++) await behind.ask(`guess-${i}`, { forwardedFor: `198.51.100.${i}` });
    expect(behind.refused).not.toContain('slowed');
    for (let i = 0; i < 4; i++) await behind.ask(`guess-${i + 9}`, { forwardedFor: `10.0.0.${i}, 198.51.100.9` });
    expect(behind.refused.at(-1)).toBe('slowed');
  });
});
