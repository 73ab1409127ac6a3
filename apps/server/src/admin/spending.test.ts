import { createHash } from 'node:crypto';
import type { FixedKey } from '@ghostline/access';
import { moneyPool } from '@ghostline/limits';
import { describe, expect, it } from 'vitest';
import { harness, request } from '../testing/app-harness.ts';

describe('spending', () => {
  const stop = '/admin/api/spending/stop';
  const admin = (org: string, user: string) => {
    const token = `gk_${org}_${user}`;
    const sha256 = createHash('sha256').update(token).digest('hex');
    const roles = ['developer', 'admin'] as const;
    const made: FixedKey = { id: `${org}-${user}`, sha256, org, team: 'web', user, roles, expires: undefined };
    return { key: made, as: { authorization: `Bearer ${token}` } };
  };
  const acme = admin('acme', 'alice');
  const other = admin('other', 'bob');

  it('is stopped and resumed by hand, for one, an organisation, or everybody', async () => {
    const { app, post, get, engine } = harness();
    expect(await (await get(stop)).json()).toEqual({ stops: [] });
    const response = await post(stop, { user: 'local', reason: 'A runaway script.', minutes: 5 });
    expect(await response.json()).toEqual({ found: true, everywhere: true });
    expect(await (await get(stop)).json()).toMatchObject({
      stops: [
        {
          scope: 'user',
          organisation: 'local',
          user: 'local',
          reason: 'A runaway script.',
          by: 'hand',
          who: 'local/local',
          since: expect.any(String),
          until: expect.any(String),
        },
      ],
    });
    const answered = await post('/v1/code/completions', request);
    expect(answered.headers.get('x-ghostline-spending')).toBe('stopped;scope=user');
    expect(engine.spends).toEqual(['nothing']);
    const resume = (query: string) =>
      app.request(`${stop}${query}`, { method: 'DELETE', headers: { host: 'localhost' } });
    expect(await (await resume('')).json()).toEqual({ found: false, everywhere: true });
    expect(await (await resume('?user=local')).json()).toEqual({ found: true, everywhere: true });
    await post('/v1/code/completions', request);
    expect(engine.spends).toEqual(['nothing', 'any']);
  });

  it('says what is wrong with a stop', async () => {
    const { post } = harness();
    expect(await (await post(stop, { usr: 'alice' })).json()).toMatchObject({
      detail: expect.stringContaining('user'),
    });
    expect((await post(stop, { minutes: 0 })).status).toBe(400);
  });

  it('of others is for operators, but stopping it for everybody is for any admin', async () => {
    const { app, post, get } = harness({ keys: [acme.key, other.key], operators: ['other'] });
    const resume = (query: string, headers: Record<string, string>) =>
      app.request(`${stop}${query}`, { method: 'DELETE', headers: { host: 'localhost', ...headers } });
    expect((await post(stop, { organisation: 'other' }, acme.as)).status).toBe(403);
    expect((await post(stop, {}, acme.as)).status).toBe(200);
    expect((await resume('', acme.as)).status).toBe(403);
    expect((await resume('?organisation=other', acme.as)).status).toBe(403);
    expect((await post(stop, { organisation: 'acme' }, other.as)).status).toBe(200);
    expect((await post(stop, { user: 'x' }, other.as)).status).toBe(200);
    const seen = async (headers: Record<string, string>) =>
      ((await (await get(stop, headers)).json()) as { stops: { scope: string }[] }).stops.map(({ scope }) => scope);
    expect(await seen(acme.as)).toEqual(['everything', 'organisation']);
    expect(await seen(other.as)).toEqual(['everything', 'organisation', 'user']);
    expect((await resume('', other.as)).status).toBe(200);
  });

  it('is reported by budget, with what the period will have cost', async () => {
    const { get, permits } = harness({ budgets: { perUser: { day: 2 }, everything: { month: 100 } } });
    const { rule } = moneyPool({ scope: 'user', owner: 'local', slot: 'local' }, 'day', 2_000_000, Date.now());
    const spent = { holder: 'a', held: 300_000, spent: 500_000, known: 0, born: '', want: 0, need: 0, keep: 0 };
    permits.exchange(rule, spent);
    const report = (await (await get('/admin/api/spending')).json()) as { budgets: Record<string, unknown>[] };
    expect(report).toMatchObject({
      stops: [],
      budgets: [
        { scope: 'user', owner: 'local', period: 'day', budget: 2, spent: 0.5 },
        { scope: 'everything', owner: '', period: 'day', budget: null, spent: 0 },
        { scope: 'everything', owner: '', period: 'month', budget: 100, spent: 0 },
      ],
    });
    expect(report.budgets[0]!['forecast']).toBeGreaterThanOrEqual(0.5);
    expect(report.budgets[0]!['forecast']).toBeLessThanOrEqual(1);
  });
});
