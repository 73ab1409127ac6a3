import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOpenAiEndpoint } from '@ghostline/inference';
import { startScriptedServer } from '@ghostline/inference/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, type ModelSettings, type RedisSettings } from '../config/index.ts';
import { lockDataDir } from '../data-dir.ts';
import { judgeCertificate } from './check-certificate.ts';
import { judgeCluster } from './check-cluster.ts';
import { checkDataDir, judgeSpace } from './check-data-dir.ts';
import { checkEndpoint, judgeCompletion, judgeModels } from './check-endpoint.ts';
import { judgeAnswer } from './check-listening.ts';
import { checkClock, checkNode, checkOpenFiles, openFilesLimit } from './check-machine.ts';
import { type RedisFacts, checkRedis, judgeRedis, readRedisFacts } from './check-redis.ts';
import { judgeSentinels } from './check-sentinels.ts';
import { type Finding, exitCodeOf, failure, ok, renderFindings, warning } from './finding.ts';

const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ghostline-doctor-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the report', () => {
  it('has a line for each finding, and what to do under those that need it', () => {
    const findings = [
      ok('Node', 'v24.0.0'),
      warning('disk', '500 MB free', 'Make room.'),
      failure('Redis', 'a\nb', 'Start it.'),
    ];
    expect(renderFindings(findings)).toBe(`✓ Node   v24.0.0
! disk   500 MB free
         → Make room.
✗ Redis  a
         b
         → Start it.

1 of 3 checks failed.
`);
  });

  it('ends with 1 for what does not work, not for what could be better', () => {
    expect(exitCodeOf([ok('a', ''), warning('b', '', '')])).toBe(0);
    expect(exitCodeOf([ok('a', ''), failure('b', '', '')])).toBe(1);
  });
});

describe('the machine', () => {
  it('needs a Node that runs this', () => {
    expect(levels([checkNode('v24.1.0'), checkNode('v25.0.0'), checkNode('v22.12.0')])).toEqual([
      'ok',
      'ok',
      'failure',
    ]);
  });

  it('needs open files for its streams, as far as it tells', () => {
    expect(levels([checkOpenFiles(65_536), checkOpenFiles(1024), checkOpenFiles(undefined)])).toEqual([
      'ok',
      'warning',
      'ok',
    ]);
    expect(openFilesLimit({ userLimits: { open_files: { soft: 1024, hard: 4096 } } })).toBe(1024);
    expect(openFilesLimit({ userLimits: { open_files: { soft: 'unlimited' } } })).toBeUndefined();
    expect(openFilesLimit({})).toBeUndefined();
  });

  it('has the time that others have', () => {
    expect(checkClock([{ whose: 'Redis', aheadMs: 900 }])).toMatchObject({ level: 'ok', detail: 'agrees with Redis' });
    const off = checkClock([
      { whose: 'Redis', aheadMs: -90_000 },
      { whose: 'gpu', aheadMs: 600_000 },
    ]);
    expect(off).toMatchObject({ level: 'warning', detail: 'Redis is 90 s behind; gpu is 10 min ahead' });
  });
});

describe('the data directory', () => {
  it('is free, in use, not there yet, or damaged', () => {
    const dataDir = path.join(folder, 'data');
    expect(checkDataDir(dataDir)[0]).toMatchObject({ level: 'ok', detail: `${dataDir} will be created` });
    const lock = lockDataDir(dataDir);
    lock.announce('http://127.0.0.1:4700');
    expect(checkDataDir(dataDir)[0]?.detail).toContain(`in use (process ${process.pid}, http://127.0.0.1:4700)`);
    lock.close();
    expect(checkDataDir(dataDir)[0]?.detail).toContain('writable and free');
    writeFileSync(
      path.join(dataDir, 'instance.lock'),
      'this is no database, and longer than a header of one would be'.repeat(20),
    );
    expect(checkDataDir(dataDir)[0]?.level).toBe('failure');
  });

  it('that is a file is no directory', () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    expect(checkDataDir(file)[0]?.level).toBe('failure');
    mkdirSync(path.join(folder, 'd'));
    expect(checkDataDir(path.join(folder, 'd'))[0]?.level).toBe('ok');
  });

  it('needs room', () => {
    expect(levels([judgeSpace(50_000), judgeSpace(500), judgeSpace(50)])).toEqual(['ok', 'warning', 'failure']);
  });
});

describe('Redis', () => {
  const good: RedisFacts = {
    version: '7.2.0',
    role: 'master',
    maxMemory: 0,
    policy: 'noeviction',
    pingMs: 0.2,
    aheadMs: 0,
  };

  it('is read from what it says of itself', async () => {
    const facts = await readRedisFacts({
      info: async () =>
        '# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaxmemory:1048576\r\nmaxmemory_policy:allkeys-lru\r\n',
      ping: async () => 'PONG',
      time: async () => [String(Math.floor(Date.now() / 1000) + 60), '0'],
    });
    expect(facts).toMatchObject({ version: '7.0.15', role: 'master', maxMemory: 1_048_576, policy: 'allkeys-lru' });
    expect(Math.round(facts.aheadMs / 10_000)).toBe(6);
  });

  it.each<[string, Partial<RedisFacts>, string[]]>([
    ['that is as it should be', {}, ['ok']],
    ['that forgets what has a time to live', { maxMemory: 1e9, policy: 'volatile-lru' }, ['ok']],
    ['that fills up', { maxMemory: 1e9 }, ['warning']],
    ['that may throw keys away', { maxMemory: 1e9, policy: 'allkeys-lru' }, ['warning']],
    ['that is old and far away', { version: '6.2.1', pingMs: 12 }, ['warning', 'warning']],
    ['that is a replica', { role: 'slave' }, ['failure']],
  ])('%s', (_, facts, expected) => {
    expect(levels(judgeRedis({ ...good, ...facts }))).toEqual(expected);
  });
});

describe('a Redis that lets nobody in', () => {
  it.each<[string, 'server' | 'cluster' | 'sentinel', string]>([
    ['NOAUTH Authentication required.', 'cluster', 'Give redis.username and redis.password as Redis has them.'],
    ['WRONGPASS invalid username-password pair', 'server', 'or the password in redis.url.'],
    ['All sentinels are unreachable. NOAUTH', 'sentinel', 'or redis.sentinel.password.'],
    ["NOPERM this user has no permissions to run the 'info' command", 'server', 'with ACL SETUSER in Redis.'],
    ['connect ECONNREFUSED', 'cluster', 'Check redis.cluster.nodes'],
  ])('is mended where it is wrong: %s', async (reason, kind, fix) => {
    const settings = { kind } as RedisSettings;
    const { findings } = await checkRedis(settings, () => Promise.reject(new ConfigError(reason)));
    expect(findings).toEqual([expect.objectContaining({ level: 'failure', fix: expect.stringContaining(fix) })]);
  });
});

describe('a Redis Cluster', () => {
  const info = 'cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\n';
  const node = (port: number) => ['10.0.0.1', port, 'id'];

  it('serves all slots, each from a primary with a replica', () => {
    const slots = [
      [0, 8_191, node(1), node(3)],
      [8_192, 16_383, node(2), node(4)],
    ];
    expect(judgeCluster(info, slots)).toMatchObject([{ level: 'ok', detail: expect.stringContaining('2 primaries') }]);
    expect(judgeCluster(info, [slots[0]!, [8_192, 16_383, node(2)]])).toMatchObject([
      { level: 'warning', detail: 'nothing takes over from 10.0.0.1:2: no replica' },
    ]);
  });

  it('that does not serve all of them does not work', () => {
    const half = info.replace('ok', 'fail').replace('slots_ok:16384', 'slots_ok:8192');
    expect(judgeCluster(half, [[0, 8_191, node(1), node(3)]])).toMatchObject([
      { level: 'failure', detail: 'its state is fail: 8192 of 16384 slots are served' },
    ]);
  });
});

describe('sentinels', () => {
  const fields = (replicas: number) => ['name', 'main', 'ip', '10.0.0.1', 'port', '6379', 'num-slaves', `${replicas}`];
  const answer = (replicas = 1, quorum = 'OK 3 usable Sentinels.') =>
    ({ name: 's:1', kind: 'answered', fields: fields(replicas), quorum }) as const;
  const gone = { name: 's:2', kind: 'failed', reason: 'ECONNREFUSED' } as const;

  it('know the primary, a replica of it, and enough of each other', () => {
    expect(judgeSentinels([answer(), answer()])).toMatchObject([
      { level: 'ok', detail: '2 answer; primary 10.0.0.1:6379, replicas: 1' },
    ]);
    expect(judgeSentinels([answer(0)])).toMatchObject([{ level: 'warning', detail: 'the primary has no replica' }]);
    expect(judgeSentinels([answer(), answer(1, 'NOQUORUM 1 usable Sentinels.')])).toMatchObject([
      { level: 'warning', detail: 'NOQUORUM 1 usable Sentinels.' },
    ]);
  });

  it('that are away are named, as others are asked in their place', () => {
    expect(judgeSentinels([answer(), gone])).toMatchObject([
      { check: 'sentinel s:2', level: 'warning', detail: 'ECONNREFUSED' },
    ]);
  });
});

describe('an endpoint', () => {
  it('answers in time, late, or not', () => {
    const judge = (firstTokenMs: number) => judgeCompletion('e', 'm', { kind: 'answered', firstTokenMs });
    expect(levels([judge(40), judge(900)])).toEqual(['ok', 'warning']);
    expect(judgeCompletion('e', 'm', { kind: 'failed', reason: 'refused' })).toMatchObject({
      level: 'failure',
      detail: 'refused',
    });
  });

  it('knows the model by its name, or answers all the same', () => {
    expect(judgeModels('e', 'coder', ['coder'], true)).toEqual([]);
    expect(judgeModels('e', 'coder', undefined, true)).toEqual([]);
    expect(levels(judgeModels('e', 'coder', ['other'], true))).toEqual(['warning']);
    expect(judgeModels('e', 'coder', ['other'], false)[0]?.detail).toContain('it lists other');
  });

  it('has a certificate for a while', () => {
    const now = Date.UTC(2026, 10, 21);
    const judge = (days: number) => judgeCertificate('e', new Date(now + days * 86_400_000), now).level;
    expect([judge(90), judge(10), judge(-1)]).toEqual(['ok', 'warning', 'failure']);
    expect(judgeCertificate('e', new Error('self-signed certificate'), now)).toMatchObject({ level: 'failure' });
  });

  it.each(['http', 'https'])('is not asked, by %s, where its address is one that must not be asked', async (scheme) => {
    const server = await startScriptedServer();
    const url = server.url.replace('http', scheme).replace('127.0.0.1', 'localhost');
    const model = { name: 'coder', template: 'plain', contextTokens: 4096, endpoints: [] };
    const asked = (allowPrivate: boolean) => {
      const endpoint = { kind: 'openai', name: 'gpu', region: 'eu', url, secret: 'k', allowPrivate } as const;
      return checkEndpoint(model as unknown as ModelSettings, endpoint, () =>
        createOpenAiEndpoint({ ...endpoint, template: 'plain', model: 'coder' }),
      );
    };
    expect(levels((await asked(false)).findings)).toEqual(['failure']);
    expect(server.connections).toBe(0);
    await asked(true);
    expect(server.connections).toBeGreaterThan(0);
    await server.close();
  });
});

describe('the port', () => {
  it('is taken by this program, another version of it, or somebody else', () => {
    expect(judgeAnswer('a:1', '1.0.0', '1.0.0').level).toBe('ok');
    expect(judgeAnswer('a:1', '0.9.0', '1.0.0').detail).toContain('this program is 1.0.0');
    expect(judgeAnswer('a:1', undefined, '1.0.0').level).toBe('failure');
  });
});
