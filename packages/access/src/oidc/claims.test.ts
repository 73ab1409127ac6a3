import type { JWTPayload } from 'jose';
import { describe, expect, it } from 'vitest';
import { type ClaimRules, principalOf } from './claims.ts';

const rules: ClaimRules = {
  claims: { org: 'org', team: 'team', user: 'sub', roles: undefined },
  org: undefined,
  team: undefined,
  roles: undefined,
};
const payload = { sub: 'u-1', org: 'acme', team: 'web' };
const rolesOf = (value: unknown, roles?: ClaimRules['roles'], claim = 'roles') => {
  const outcome = principalOf(
    { ...payload, [claim]: value },
    { ...rules, roles, claims: { ...rules.claims, roles: claim } },
    'key',
  );
  return outcome.kind === 'principal' ? outcome.principal.roles : outcome;
};

describe('the claims of a token', () => {
  it('make its principal', () => {
    expect(principalOf(payload, rules, 'id.example/u-1')).toEqual({
      kind: 'principal',
      principal: { keyId: 'id.example/u-1', org: 'acme', team: 'web', user: 'u-1', roles: ['developer'] },
    });
  });

  it('may have any name, such as a URL, or lie in an object', () => {
    const claims = { org: 'https://acme.example/org', team: 'profile.team.name', user: 'email', roles: undefined };
    const token = {
      sub: 'u',
      'https://acme.example/org': 'acme',
      profile: { team: { name: 'web' } },
      email: 'a@acme.example',
    };
    expect(principalOf(token, { ...rules, claims }, 'k')).toMatchObject({
      principal: { org: 'acme', team: 'web', user: 'a@acme.example' },
    });
  });

  it('may be a list, whose first item counts, or a number', () => {
    expect(principalOf({ ...payload, team: ['web', 'core'], org: 7 }, rules, 'k')).toMatchObject({
      principal: { team: 'web', org: '7' },
    });
  });

  it('give way to what is said for all tokens of the issuer only where they are missing', () => {
    const fixed = { ...rules, org: 'umbrella', team: 'everyone' };
    expect(principalOf({ sub: 'u-1' }, fixed, 'k')).toMatchObject({ principal: { org: 'umbrella', team: 'everyone' } });
    expect(principalOf(payload, fixed, 'k')).toMatchObject({ principal: { org: 'acme', team: 'web' } });
  });

  it('that are missing or unusable are named, with what to do about it', () => {
    const detail = (token: JWTPayload, given = rules) => {
      const outcome = principalOf(token, given, 'k');
      return outcome.kind === 'unfit' ? outcome.detail : outcome;
    };
    expect(detail({ sub: 'u', org: 'acme' })).toBe(
      'The token has no usable claim "team". Have the issuer add it, name another one in auth.oidc[].claims.team, or set team for all tokens of this issuer.',
    );
    expect(detail({ sub: 'u', team: 'web' }, { ...rules, claims: { ...rules.claims, org: undefined } })).toBe(
      'The token does not say its org. Name its claim in auth.oidc[].claims.org, or set org for all tokens of this issuer.',
    );
    for (const org of ['', 'a\nb', 'a\u2028b', 'x'.repeat(129), {}, null, true, []]) {
      expect(detail({ ...payload, org })).toContain('no usable claim "org"');
    }
  });

  it('include a subject, which becomes part of names in logs and limits', () => {
    for (const sub of [undefined, '', 'a\nb', 'x'.repeat(129)]) {
      const { sub: _replaced, ...others } = payload;
      expect(principalOf({ ...others, ...(sub !== undefined && { sub }) }, rules, 'k')).toMatchObject({
        kind: 'unfit',
        detail: expect.stringContaining('"sub"'),
      });
    }
  });

  it('never come from what every object has', () => {
    for (const user of ['constructor.name', '__proto__', 'toString', 'a.constructor.name']) {
      const outcome = principalOf({ ...payload, a: {} }, { ...rules, claims: { ...rules.claims, user } }, 'k');
      expect(outcome.kind).toBe('unfit');
    }
  });
});

describe('roles', () => {
  it('are their own names without a mapping, and nothing else', () => {
    expect(rolesOf(['admin', 'root'])).toEqual(['admin']);
    expect(rolesOf('developer admin')).toEqual(['developer', 'admin']);
    expect(rolesOf(['viewer'])).toEqual([]);
    expect(rolesOf(undefined)).toEqual([]);
    expect(rolesOf({ admin: true })).toEqual([]);
  });

  it('are what the mapping says, and only that', () => {
    const mapping = { developer: ['eng', 'data'], admin: ['platform'] };
    expect(rolesOf(['data', 'x'], mapping)).toEqual(['developer']);
    expect(rolesOf(['platform', 'eng'], mapping)).toEqual(['developer', 'admin']);
    expect(rolesOf(['admin'], mapping)).toEqual([]);
    expect(rolesOf(['eng', 'admin'], { developer: ['eng'] })).toEqual(['developer']);
  });
});
