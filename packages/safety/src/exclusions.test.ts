import { describe, expect, it } from 'vitest';
import { createExclusions } from './exclusions.ts';

describe('what is excluded without being asked', () => {
  const isExcluded = createExclusions();

  it.each([
    '.env',
    'apps/web/.env',
    'apps/web/.env.production',
    'C:\\work\\app\\.ENV',
    '/home/me/.ssh/config',
    '.ssh\\known_hosts',
    'certs/server.pem',
    'certs/Server.KEY',
    'id_rsa',
    'home/.aws/credentials',
    '.npmrc',
    'deploy/secrets.yml',
    'deploy/secrets.yaml',
    'signing.pfx',
    'me/.docker/config.json',
    'infra/terraform.tfstate',
  ])('%s', (path) => {
    expect(isExcluded(path)).toBe(true);
  });

  it.each([
    '.env.example',
    'apps/web/.env.sample',
    'src/environment.ts',
    'src/secrets.ts',
    'src/credentials/index.ts.md',
    'id_rsa.pub',
    'config.json',
    'keyboard.ts',
    'docs/key',
    '',
  ])('but not %s', (path) => {
    expect(isExcluded(path)).toBe(false);
  });
});

describe('configured patterns', () => {
  it.each([
    ['*.gen.ts', 'src/a/b.gen.ts', true],
    ['*.gen.ts', 'src/a/b.gen.tsx', false],
    ['generated', 'a/generated/b/c.ts', true],
    ['generated/', 'a/generated/c.ts', true],
    ['generated/', 'a/generated', false],
    ['/vendor', 'vendor/x.c', true],
    ['/vendor', 'third/vendor/x.c', false],
    ['src/*/secret.ts', 'src/a/secret.ts', true],
    ['src/*/secret.ts', 'src/a/b/secret.ts', false],
    ['src/**/secret.ts', 'src/secret.ts', true],
    ['src/**/secret.ts', 'src/a/b/secret.ts', true],
    ['**/x/**/y', 'a/x/b/c/y', true],
    ['**/x/**/y', 'a/x/b/c/z', false],
    ['legal/**', 'legal/a/b.md', true],
    ['legal/**', 'legal', false],
    ['data?.csv', 'data1.csv', true],
    ['data?.csv', 'data12.csv', false],
    ['src\\private', 'SRC/Private/x.ts', true],
    ['a*b*c', 'axxbxxbxc', true],
    ['[ab].ts', '[ab].ts', true],
    ['(x+)+$', 'xxxx', false],
  ])('%s on %s: %s', (pattern, path, excluded) => {
    expect(createExclusions([pattern])(path)).toBe(excluded);
  });

  it('let the last match decide, also over the built-in ones', () => {
    const isExcluded = createExclusions(['*.ts', '!keep.ts', 'src/keep.ts', '!.env.test']);
    expect(isExcluded('a/keep.ts')).toBe(false);
    expect(isExcluded('src/keep.ts')).toBe(true);
    expect(isExcluded('.env.test')).toBe(false);
  });

  it('ignore what says nothing', () => {
    const isExcluded = createExclusions(['', '  ', '/', './', '!']);
    expect(isExcluded('src/a.ts')).toBe(false);
  });

  it('answer the same when they remember', () => {
    const isExcluded = createExclusions(['*.x']);
    for (let round = 0; round < 3; round++)
      for (let i = 0; i < 5000; i++) expect(isExcluded(`a/${i}.${i % 2 ? 'x' : 'y'}`)).toBe(i % 2 === 1);
  });

  it('take no exponential time', () => {
    const path = 'a'.repeat(1000);
    const folders = Array.from({ length: 500 }, () => 'a').join('/');
    const started = Date.now();
    expect(createExclusions([`${'*a'.repeat(200)}b`])(path)).toBe(false);
    expect(createExclusions([`${'**/a/'.repeat(100)}b`])(folders)).toBe(false);
    expect(Date.now() - started).toBeLessThan(500);
  });
});
