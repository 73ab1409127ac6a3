import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from './config/index.ts';

/**
 * Takes the data directory for this process until it ends, however it ends: the lock is SQLite's own file lock, which the
 * operating system drops with the process, so a `kill -9` leaves nothing to clean up. Throws ConfigError when another
 * instance has it.
 */
export function lockDataDir(dataDir: string): { announce(url: string): void; close(): void } {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(
      `--data-dir: ${dataDir} cannot be created (${(error as NodeJS.ErrnoException).code}); choose a folder this user can write to`,
    );
  }
  const holderFile = path.join(dataDir, 'instance.json');
  const database = takeLock(dataDir, holderFile);
  return {
    announce(url) {
      writeFileSync(holderFile, JSON.stringify({ pid: process.pid, url }));
    },
    close() {
      rmSync(holderFile, { force: true });
      database.close();
    },
  };
}

function takeLock(dataDir: string, holderFile: string): DatabaseSync {
  const file = path.join(dataDir, 'instance.lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database?.close();
    const busy = (cause as { errcode?: number }).errcode === SQLITE_BUSY;
    throw new ConfigError(
      busy
        ? `Another Ghostline is using the data directory ${dataDir}${describeHolder(holderFile)}. Stop it, or start this one with --data-dir DIR and --port N.`
        : `--data-dir: ${file} cannot be used (${(cause as Error).message}). The folder must be writable for this user; a damaged instance.lock may be deleted while no Ghostline is running.`,
      { cause },
    );
  }
}

/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

function describeHolder(file: string): string {
  try {
    const { pid, url } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; url: string };
    return ` (process ${pid}, ${url})`;
  } catch {
    return '';
  }
}

export type DataDirHolder =
  | { readonly kind: 'free' }
  /** `by` is as it stands in a sentence; empty when it does not say. */
  | { readonly kind: 'held'; readonly by: string }
  | { readonly kind: 'damaged'; readonly reason: string };

/** Whether somebody has the data directory; takes nothing and leaves nothing behind. */
export function holderOfDataDir(dataDir: string): DataDirHolder {
  const file = path.join(dataDir, 'instance.lock');
  if (!existsSync(file)) return { kind: 'free' };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return { kind: 'free' };
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY)
      return { kind: 'held', by: describeHolder(path.join(dataDir, 'instance.json')) };
    return { kind: 'damaged', reason: `${file} cannot be used (${(error as Error).message})` };
  } finally {
    database?.close();
  }
}

/**
 * A key kept in the data directory, made on first use: 32 random bytes, readable by this user only. Not for several
 * gateways, which must be given the same one.
 */
export function generatedSecret(dataDir: string, name: string): Uint8Array {
  const folder = path.join(dataDir, 'secrets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, name);
  try {
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new ConfigError(`${file} is damaged: expected 64 hexadecimal digits. Delete it to have a new key made.`);
  }
  return Buffer.from(text, 'hex');
}

/** The bytes of a secret of the configuration, else the one of that name in the data directory. */
export function givenOrGenerated(given: string | undefined, dataDir: string, name: string): Uint8Array {
  return given === undefined ? generatedSecret(dataDir, name) : Buffer.from(given, 'utf8');
}
