import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { authSettings, openToOthers } from './auth.ts';
import { ConfigError } from './config-error.ts';
import { loadKeysSettings, loadSettings } from './load.ts';
import { createResolving } from './resolving.ts';
import { parseConfig } from './yaml-file.ts';

const sha256 = 'a'.repeat(64);
const key = `id: alice, sha256: ${sha256}, org: acme, team: web, user: alice, roles: [developer]`;

function authOf(yaml: string) {
  const { file, at } = parseConfig(yaml, 'ghostline.yaml');
  return authSettings(file.auth, createResolving({ configFile: undefined, at }, { env: {}, cwd: '/' }));
}

function errorOf(yaml: string): string {
  try {
    authOf(yaml);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('expected a ConfigError');
}

function inFolder<T>(yaml: string, run: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'ghostline-auth-'));
  try {
    writeFileSync(path.join(folder, 'ghostline.yaml'), yaml);
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('auth in the configuration', () => {
  it('asks for authentication by being there, be it empty', () => {
    expect(authOf('').required).toBe(false);
    expect(authOf('auth: {}')).toEqual({ required: true, fixedKeys: [], issuers: [], failuresPerMinute: 20 });
    const open = inFolder('listen: { host: 0.0.0.0 }\nauth: {}\n', (cwd) => loadSettings({ argv: [], env: {}, cwd }));
    expect(open).toMatchObject({ listen: { host: '0.0.0.0' }, auth: { required: true } });
  });

  it('is wanted where other machines can ask, with both ways out', () => {
    const load = () => inFolder('listen: { host: 0.0.0.0 }\n', (cwd) => loadSettings({ argv: [], env: {}, cwd }));
    expect(load).toThrow(
      /there is no authentication. Add auth: \{\} and make keys with: ghostline keys create; or listen/,
    );
  });

  it('has keys that may end, on a day or at a time', () => {
    const expiry = (text: string) => authOf(`auth: { keys: [ { ${key}, expires: ${text} } ] }`).fixedKeys[0]?.expires;
    expect(expiry('2027-01-31')).toBe(Date.UTC(2027, 0, 31));
    expect(expiry('2027-01-31T18:00:00Z')).toBe(Date.UTC(2027, 0, 31, 18));
    expect(expiry('"2027-01-31T18:00:00+02:00"')).toBe(Date.UTC(2027, 0, 31, 16));
    for (const text of ['soon', '90d', '2027-02-30', '2027-01-31T18:00:00']) {
      expect(errorOf(`auth: { keys: [ { ${key}, expires: ${text} } ] }`)).toMatch(
        /ghostline\.yaml:1:\d+: auth\.keys\[0\]\.expires: must be a date such as 2027-01-31/,
      );
    }
  });

  it('has issuers, with defaults for all but who they are and for whom', () => {
    expect(authOf('auth: { oidc: [ { issuer: https://id.example, audience: ghostline } ] }').issuers).toEqual([
      {
        issuer: 'https://id.example',
        allowPrivate: true,
        audience: ['ghostline'],
        jwksUrl: undefined,
        clockSkewMs: 30_000,
        claims: { org: 'org', team: 'team', user: 'sub', roles: undefined },
        org: undefined,
        team: undefined,
        roles: undefined,
      },
    ]);
  });

  it('lets no token name another organisation than the one that is set, unless its claim is asked for', () => {
    const claimsOf = (more: string) =>
      authOf(`auth: { oidc: [ { issuer: https://id.example, audience: x, ${more} } ] }`).issuers[0]?.claims;
    expect(claimsOf('org: acme, team: web')).toMatchObject({ org: undefined, team: undefined });
    expect(claimsOf('org: acme, claims: { org: tenant }')).toMatchObject({ org: 'tenant', team: 'team' });
  });

  it('has issuers with everything said', () => {
    const yaml = `
auth:
  failuresPerMinute: 5
  oidc:
    - issuer: https://id.example/realms/acme
      audience: [ghostline, code]
      jwksUrl: http://id.internal/keys
      clockSkewSeconds: 0
      claims: { team: groups, user: email, roles: realm_access.roles }
      org: acme
      team: everyone
      roles: { admin: [platform], developer: [eng, data] }
`;
    expect(authOf(yaml)).toMatchObject({
      failuresPerMinute: 5,
      issuers: [
        {
          audience: ['ghostline', 'code'],
          jwksUrl: 'http://id.internal/keys',
          clockSkewMs: 0,
          claims: { org: undefined, team: 'groups', user: 'email', roles: 'realm_access.roles' },
          org: 'acme',
          team: 'everyone',
          roles: { admin: ['platform'], developer: ['eng', 'data'] },
        },
      ],
    });
  });

  it.each([
    [
      'auth: { oidc: [ { issuer: id.example, audience: x } ] }',
      'auth.oidc[0].issuer: must be a http:// or https:// URL',
    ],
    ['auth: { oidc: [ { issuer: https://id.example } ] }', 'auth.oidc[0].audience'],
    ['auth: { oidc: [ { issuer: https://a.example, audience: x, audiance: y } ] }', 'did you mean "audience"?'],
    [
      'auth: { oidc: [ { issuer: https://a.example, audience: x }, { issuer: https://a.example, audience: y } ] }',
      'auth.oidc[1].issuer: the same as that of item 0',
    ],
    [
      'auth: { oidc: [ { issuer: "http://169.254.169.254/x", audience: x } ] }',
      'auth.oidc[0].issuer: 169.254.169.254 is a link-local, metadata or multicast address',
    ],
    [
      'auth: { oidc: [ { issuer: https://a.example, audience: x, jwksUrl: "https://[fe80::1]/keys" } ] }',
      'auth.oidc[0].jwksUrl: fe80::1 is a link-local, metadata or multicast address',
    ],
    [
      'auth: { oidc: [ { issuer: "https://10.0.0.1", audience: x, allowPrivate: false } ] }',
      'auth.oidc[0].issuer: 10.0.0.1 is a private address, and allowPrivate is false',
    ],
    ['listen: { trustedProxies: [10.0.0.0/33] }', 'listen.trustedProxies[0]: must be an address or a network'],
    ['listen: { trustedProxies: [proxy.internal] }', 'listen.trustedProxies[0]: must be an address or a network'],
    ['listen: { trustedProxies: [10.0.0.0/8/8] }', 'listen.trustedProxies[0]: must be an address or a network'],
  ])('says what is wrong with %s', (yaml, expected) => expect(errorOf(yaml)).toContain(expected));

  it('takes addresses and networks of both kinds for trusted proxies', () => {
    const yaml = 'listen: { trustedProxies: [10.0.0.7, 10.0.0.0/8, "fd00::/8", "::1"] }';
    expect(parseConfig(yaml, 'x').file.listen?.trustedProxies).toHaveLength(4);
  });
});

describe('issuers whose keys come over plain HTTP', () => {
  it('are those that are not asked on this machine', () => {
    const yaml = `
auth:
  oidc:
    - { issuer: https://id.example, audience: x }
    - { issuer: http://127.0.0.1:8080, audience: x }
    - { issuer: http://keycloak.auth.svc/realms/a, audience: x }
    - { issuer: https://id2.example, audience: x, jwksUrl: http://id2.internal/keys }
`;
    expect(openToOthers(authOf(yaml).issuers)).toEqual([
      'http://keycloak.auth.svc/realms/a',
      'http://id2.internal/keys',
    ]);
  });
});

describe('the settings of ghostline keys', () => {
  it('are those of the server, and need nothing else to be right', () => {
    const yaml = `
listen: { host: 0.0.0.0 }
dataDir: data
redis: { url: { env: REDIS_URL } }
secrets: { cacheKey: { env: NOT_HERE } }
models: [ { name: m, template: starcoder2, endpoints: [ { name: a, kind: openai, url: http://x, apiKey: { env: NOT_HERE } } ] } ]
`;
    inFolder(yaml, (cwd) => {
      const place = { config: undefined, dataDir: undefined };
      expect(loadKeysSettings(place, { env: { REDIS_URL: 'redis://r' }, cwd })).toEqual({
        auth: authOf(''),
        configFile: path.join(cwd, 'ghostline.yaml'),
        dataDir: path.join(cwd, 'data'),
        redis: {
          kind: 'server',
          url: 'redis://r',
          username: undefined,
          password: undefined,
          tls: undefined,
          addresses: {},
        },
      });
      expect(() => loadKeysSettings(place, { env: {}, cwd })).toThrow('redis.url: the environment variable REDIS_URL');
    });
  });

  it('take the folder where the user stands for a data directory that is said', () => {
    inFolder('', (cwd) => {
      expect(loadKeysSettings({ config: 'ghostline.yaml', dataDir: 'd' }, { env: {}, cwd }).dataDir).toBe(
        path.join(cwd, 'd'),
      );
    });
  });
});
