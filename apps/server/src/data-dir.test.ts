import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generatedSecret, lockDataDir } from './data-dir.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ghostline-data-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a data directory', () => {
  it('belongs to one instance at a time, and the error says whose it is', () => {
    const lock = lockDataDir(folder);
    lock.announce('http://127.0.0.1:4700');
    expect(() => lockDataDir(folder)).toThrow(
      /Another Ghostline is using .* \(process \d+, http:\/\/127\.0\.0\.1:4700\).*--data-dir/,
    );
    lock.close();
    lockDataDir(folder).close();
  });

  it('that is damaged is not taken for one in use', () => {
    writeFileSync(
      path.join(folder, 'instance.lock'),
      'this is not a database, and long enough to be looked at'.repeat(20),
    );
    expect(() => lockDataDir(folder)).toThrow(/--data-dir: .*instance\.lock cannot be used \(file is not a database\)/);
  });

  it('keeps a generated secret, for this user only', () => {
    const first = generatedSecret(folder, 'cache-key');
    expect(first).toHaveLength(32);
    expect(generatedSecret(folder, 'cache-key')).toEqual(first);
    expect(generatedSecret(folder, 'id-key')).not.toEqual(first);
    expect(statSync(path.join(folder, 'secrets', 'cache-key')).mode & 0o077).toBe(0);
  });

  it('with a damaged secret is refused rather than given another one', () => {
    generatedSecret(folder, 'cache-key');
    writeFileSync(path.join(folder, 'secrets', 'cache-key'), 'xyz');
    expect(() => generatedSecret(folder, 'cache-key')).toThrow(/damaged/);
  });
});
