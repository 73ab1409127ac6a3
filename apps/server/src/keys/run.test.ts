import { type FixedKey, listKeys } from '@ghostline/access';
import { createMemoryKeyStore } from '@ghostline/access/testing';
import { describe, expect, it } from 'vitest';
import { parseKeysCommand } from './arguments.ts';
import { runKeysCommand } from './run.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const WHO = '--org acme --team web --user alice';
const signal = new AbortController().signal;
const fixed: FixedKey = {
  id: 'old-laptop',
  sha256: 'a'.repeat(64),
  org: 'acme',
  team: 'web',
  user: 'bob',
  roles: ['admin'],
  expires: NOW - 1,
};

function harness({ fixedKeys = [] as FixedKey[], required = false, known = true } = {}) {
  const first = createMemoryKeyStore();
  const second = createMemoryKeyStore();
  const run = async (line: string) => {
    const command = parseKeysCommand(line.split(' '), NOW);
    if (command.kind === 'help' || command.kind === 'misuse') throw new Error(JSON.stringify(command));
    let stdout = '';
    let stderr = '';
    const code = await runKeysCommand(command, {
      stores: [first, second],
      fixedKeys,
      required,
      configFile: undefined,
      known,
      dataDir: '/srv/ghostline',
      stdout: (text) => (stdout += text),
      stderr: (text) => (stderr += text),
      now: () => NOW,
      signal,
    });
    return { code, stdout, stderr };
  };
  return { first, second, run };
}

describe('creating a key', () => {
  it('prints the secret, alone, where programs read it, and the rest where people do', async () => {
    const { run, first } = harness({ required: true });
    const { code, stdout, stderr } = await run(`create ${WHO} --id alice --expires 1h`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^gl_alice_[0-9A-Za-z]{49}\n$/);
    expect(stderr).toContain('"alice" is for alice (team web, acme; developer), until 2026-11-21T10:30:00.000Z.');
    expect(stderr).not.toContain(stdout.trim());
    expect(stderr).not.toContain('first key');
    expect(await listKeys(first, signal)).toMatchObject([{ id: 'alice', expires: NOW + 3_600_000 }]);
  });

  it('says what the first one changes where nothing asked for keys before, and only then', async () => {
    const { run } = harness();
    const { stderr } = await run(`create ${WHO} --id a`);
    expect(stderr).toMatch(/first key[^]*everyone on this machine[^]*401[^]*auth: \{\}[^]*To go back: stop the server/);
    expect((await run(`create ${WHO} --id b`)).stderr).not.toContain('first key');
  });

  it('says nothing of it when another store has keys already', async () => {
    const { run, first, second } = harness();
    await run(`create ${WHO} --id a`);
    second.journal.push(...first.journal.splice(0));
    expect((await run(`create ${WHO} --id b`)).stderr).not.toContain('first key');
  });

  it('wonders about a data directory that no server has used', async () => {
    const { stderr } = await harness({ known: false }).run(`create ${WHO}`);
    expect(stderr).toContain('No server has used /srv/ghostline before.');
  });

  it('gives no id twice, wherever the first one is', async () => {
    const { run, first, second } = harness({ fixedKeys: [fixed] });
    expect(await run(`create ${WHO} --id old-laptop`)).toMatchObject({ code: 1, stdout: '' });
    await run(`create ${WHO} --id a`);
    expect((await run(`create ${WHO} --id a`)).stderr).toContain('there is a key "a" already');
    second.journal.push(...first.journal.splice(0));
    expect(await run(`create ${WHO} --id a`)).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('listing keys', () => {
  it('shows who, until when and whether they are used', async () => {
    const { run, first } = harness({ fixedKeys: [fixed] });
    await run(`create ${WHO} --id alice --expires 2027-01-31`);
    await run(`create ${WHO} --id ci --role admin --role developer`);
    await run('revoke ci');
    await first.touch(new Map([['alice', NOW + 60_000]]), signal);
    expect(`\n${(await run('list')).stdout}`).toBe(`
ID          USER   TEAM  ORG   ROLES            STATE    CREATED           EXPIRES           LAST USED
old-laptop  bob    web   acme  admin            expired  in the file       2026-11-21 09:29  never
alice       alice  web   acme  developer        active   2026-11-21 09:30  2027-01-31 00:00  2026-11-21 09:31
ci          alice  web   acme  admin,developer  revoked  2026-11-21 09:30  never             never
`);
  });

  it('is JSON for programs, without anything of a secret', async () => {
    const { run, first } = harness({ fixedKeys: [fixed] });
    await run(`create ${WHO} --id alice`);
    await first.touch(new Map([['old-laptop', NOW]]), signal);
    const { stdout } = await run('list --json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        id: 'old-laptop',
        state: 'expired',
        created: null,
        last_used: '2026-11-21T09:30:00.000Z',
        source: 'configuration',
      },
      {
        id: 'alice',
        state: 'active',
        created: '2026-11-21T09:30:00.000Z',
        expires: null,
        revoked: null,
        source: 'memory',
      },
    ]);
    expect(stdout).not.toMatch(/[0-9a-f]{64}/);
  });

  it('says how to make one where there are none', async () => {
    expect(await harness().run('list')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'There are no keys in memory or memory. Make one: ghostline keys create\n',
    });
    expect((await harness().run('list --json')).stdout).toBe('[]\n');
  });
});

describe('revoking a key', () => {
  it('ends it, wherever it is kept, and says so again when it was ended before', async () => {
    const { run, first, second } = harness();
    await run(`create ${WHO} --id a`);
    second.journal.push(...first.journal.splice(0));
    expect(await run('revoke a')).toMatchObject({ code: 0, stderr: expect.stringContaining('"a" is revoked') });
    expect(await listKeys(second, signal)).toMatchObject([{ revoked: NOW }]);
    expect(first.journal).toEqual([]);
    expect(await run('revoke a')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2026-11-21T09:30:00.000Z already'),
    });
  });

  it('says which ids there are when asked for another', async () => {
    const { run } = harness({ fixedKeys: [fixed] });
    expect((await run('revoke alice')).stderr).toBe('ghostline: there is no key "alice". There are none.\n');
    await run(`create ${WHO} --id alice`);
    expect(await run('revoke alcie')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'ghostline: there is no key "alcie". Did you mean "alice"? There are: alice.\n',
    });
    expect(await run('revoke old-laptop')).toMatchObject({ code: 1, stderr: expect.stringContaining('auth.keys') });
  });

  it('fails aloud when the store is away', async () => {
    const { run, first } = harness();
    first.failure = 'connection refused';
    await expect(run('revoke a')).rejects.toThrow('connection refused');
  });
});
