import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeKeyStore } from '../testing/contracts.ts';
import { createMemoryKeyStore } from '../testing/memory-key-store.ts';
import { createKey, listKeys } from './administration.ts';
import { createFileKeyStore, createFileMirror } from './file-key-store.ts';
import { keysOf } from './journal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ghostline-keys-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const key = (id: string) =>
  ({ id, org: 'acme', team: 'web', user: 'alice', roles: ['developer'], expires: undefined }) as const;
const idsOf = async (store = createFileKeyStore(folder)) => (await listKeys(store, signal)).map(({ id }) => id);

describeKeyStore('a folder', () => {
  const place = path.join(folder, 'data');
  return { first: createFileKeyStore(place), second: createFileKeyStore(place) };
});

describeKeyStore('the memory of a process', () => {
  const store = createMemoryKeyStore();
  return { first: store, second: store };
});

describe('the journal in a file', () => {
  const journal = () => path.join(folder, 'keys.jsonl');

  it('is for its owner only, as is what lies beside it', async () => {
    const store = createFileKeyStore(folder);
    await createKey(store, key('a'), signal);
    await store.touch(new Map([['a', 1]]), signal);
    for (const file of await readdir(folder)) expect((await stat(path.join(folder, file))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('loses nothing but the line that a dying process tore', async () => {
    const store = createFileKeyStore(folder);
    await createKey(store, key('a'), signal);
    const whole = await readFile(journal(), 'utf8');
    await createKey(store, key('b'), signal);
    const line = (await readFile(journal(), 'utf8')).slice(whole.length);
    for (let end = 1; end < line.length; end += 7) {
      await writeFile(journal(), whole + line.slice(0, end));
      expect(await idsOf()).toEqual(['a']);
      await createKey(store, key('c'), signal);
      expect(await idsOf()).toEqual(['a', 'c']);
    }
  });

  it('reads a line that is still being written when it is finished', async () => {
    const store = createFileKeyStore(folder);
    await createKey(store, key('a'), signal);
    const { cursor } = await store.read(undefined, signal);
    const line = `\n${JSON.stringify({ v: 1, type: 'revoked', at: '2026-11-21T09:00:00Z', id: 'a' })}`;
    await appendFile(journal(), line);
    const early = await store.read(cursor, signal);
    expect(early.entries).toEqual([]);
    await appendFile(journal(), '\n');
    expect((await store.read(early.cursor, signal)).entries).toMatchObject([{ type: 'revoked', id: 'a' }]);
  });

  it('is read whole again when it was replaced or cut', async () => {
    const store = createFileKeyStore(folder);
    await createKey(store, key('a'), signal);
    const first = await store.read(undefined, signal);
    await writeFile(`${journal()}.edited`, await readFile(journal()));
    await rename(`${journal()}.edited`, journal());
    const replaced = await store.read(first.cursor, signal);
    expect(replaced).toMatchObject({ whole: true, entries: [{ id: 'a' }] });
    await truncate(journal(), 0);
    expect(await store.read(replaced.cursor, signal)).toMatchObject({ whole: true, entries: [] });
  });

  it('is away, not empty, when it is gone', async () => {
    const store = createFileKeyStore(folder);
    await createKey(store, key('a'), signal);
    const { cursor } = await store.read(undefined, signal);
    await rm(journal());
    await expect(store.read(cursor, signal)).rejects.toThrow(`${journal()} is gone`);
  });

  it('takes entries from several processes at once, each in one piece', async () => {
    const processes = Array.from({ length: 4 }, (_, n) => {
      const script = `
        import { createFileKeyStore } from ${JSON.stringify(path.join(import.meta.dirname, 'file-key-store.ts'))};
        const store = createFileKeyStore(${JSON.stringify(folder)});
        const entry = (i) => ({ v: 1, type: 'created', at: '2026-11-21T09:00:00Z', id: '${n}-' + i, sha256: 'a'.repeat(64),
          org: 'acme', team: 'web', user: 'u'.repeat(200), roles: ['developer'] });
        for (let i = 0; i < 50; i++) await store.append(entry(i), new AbortController().signal);`;
      return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    });
    const codes = await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    const { entries, foreign } = await createFileKeyStore(folder).read(undefined, signal);
    expect(keysOf(entries).byId.size).toBe(200);
    expect(foreign).toBe(0);
  });

  it.runIf(process.getuid?.() === 0)('belongs to whom the folder belongs to, also when root adds to it', async () => {
    await chown(folder, 4711, 4712);
    await createKey(createFileKeyStore(folder), key('a'), signal);
    expect(await stat(journal())).toMatchObject({ uid: 4711, gid: 4712 });
  });

  it('says why it cannot be written', async () => {
    const blocked = path.join(folder, 'file');
    await writeFile(blocked, '');
    await expect(createKey(createFileKeyStore(blocked), key('a'), signal)).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});

describe('last uses in a file', () => {
  it('that is damaged are as good as none, and are written anew', async () => {
    const store = createFileKeyStore(folder);
    await writeFile(path.join(folder, 'keys-used.json'), '{"a": 1');
    expect([...(await store.lastUsed(signal))]).toEqual([]);
    await store.touch(new Map([['a', 5]]), signal);
    expect([...(await store.lastUsed(signal))]).toEqual([['a', 5]]);
  });
});

describe('a mirror in a file', () => {
  it('gives back what was saved, whole and by and by', async () => {
    const store = createMemoryKeyStore();
    await createKey(store, key('a'), signal);
    await createKey(store, key('b'), signal);
    const [a, b] = store.journal;
    const mirror = createFileMirror(path.join(folder, 'mirror.jsonl'));
    expect(await mirror.load()).toEqual([]);
    await mirror.save({ whole: true, entries: [a!] });
    await mirror.save({ whole: false, entries: [b!] });
    await mirror.save({ whole: false, entries: [] });
    expect(await mirror.load()).toEqual([a, b]);
    await mirror.save({ whole: true, entries: [b!] });
    expect(await mirror.load()).toEqual([b]);
  });
});
