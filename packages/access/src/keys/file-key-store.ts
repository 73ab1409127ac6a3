import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import * as z from 'zod';
import { type JournalEntry, parseLines } from './journal.ts';
import type { JournalNews, KeyStore } from './key-store.ts';

const NEWLINE = 0x0a;

/**
 * Keys in `keys.jsonl` of a folder, last uses in `keys-used.json` beside it. Any number of processes may create and revoke:
 * each entry is one write at the end of the file (O_APPEND). It begins with a line break, so that a line a dying process tore
 * ends there and spoils no other. Last uses are written by one process, the gateway that owns the folder.
 */
export function createFileKeyStore(folder: string): KeyStore {
  const journal = path.join(folder, 'keys.jsonl');
  const used = path.join(folder, 'keys-used.json');
  const readUses = () => readUsesOf(used);
  return {
    name: journal,
    read: (cursor, signal) => readJournal(journal, cursor, signal),
    async append(entry, signal) {
      signal.throwIfAborted();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(journal, 'a', 0o600);
      try {
        await giveToOwner(file, folder);
        await writeWhole(file, Buffer.from(`\n${JSON.stringify(entry)}\n`));
        await file.sync();
      } finally {
        await file.close();
      }
      await syncFolder(folder);
    },
    async touch(uses, signal) {
      signal.throwIfAborted();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const all = new Map(await readUses());
      for (const [id, at] of uses) all.set(id, Math.max(at, all.get(id) ?? 0));
      await replaceFile(used, JSON.stringify(Object.fromEntries(all)));
    },
    async lastUsed(signal) {
      signal.throwIfAborted();
      return readUses();
    },
  };
}

/** A copy of another store's journal, for a start while that store is away. */
export interface KeyMirror {
  load(): Promise<readonly JournalEntry[]>;
  save(news: Pick<JournalNews, 'entries' | 'whole'>): Promise<void>;
}

/** The mirror in a file; owned by one process. It holds what the journal holds: digests, no secrets. */
export function createFileMirror(file: string): KeyMirror {
  return {
    async load() {
      const { entries } = await readJournal(file, undefined, new AbortController().signal);
      return entries;
    },
    async save({ entries, whole }) {
      const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      if (whole) await replaceFile(file, text);
      else if (entries.length > 0) await writeFile(file, `\n${text}`, { flag: 'a', mode: 0o600 });
    },
  };
}

/** `inode:offset`: another inode, or fewer bytes than the offset, is another journal. */
async function readJournal(file: string, cursor: string | undefined, signal: AbortSignal): Promise<JournalNews> {
  signal.throwIfAborted();
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // None was ever written; but one that was there a moment ago is away.
    if (cursor === undefined || cursor === NOTHING) return { entries: [], cursor: NOTHING, whole: true, foreign: 0 };
    throw new Error(`${file} is gone`, { cause: error });
  }
  try {
    const { ino, size } = await handle.stat();
    const [inode, offset] = (cursor ?? NOTHING).split(':').map(Number) as [number, number];
    const whole = inode !== ino || size < offset;
    const from = whole ? 0 : offset;
    const { text, length } = await readLines(handle, from, size);
    const lines = text.split('\n').filter((line) => line !== '');
    return { ...parseLines(lines), cursor: `${ino}:${from + length}`, whole };
  } finally {
    await handle.close();
  }
}

const NOTHING = '0:0';

/** The whole lines between two offsets, and their bytes; what follows the last line break may still be being written. */
async function readLines(handle: FileHandle, from: number, to: number): Promise<{ text: string; length: number }> {
  if (to <= from) return { text: '', length: 0 };
  const buffer = Buffer.alloc(to - from);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const end = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
  return { text: buffer.toString('utf8', 0, end), length: end };
}

/** One write, so that the entry stands in one piece; what a full disk leaves of it is a torn line, and an error here. */
async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  const { bytesWritten } = await file.write(bytes);
  if (bytesWritten !== bytes.length) throw new Error('the disk is full: the entry could not be written whole');
}

/** What root writes here must be readable by the user whose folder it is: the one the gateway runs as. */
async function giveToOwner(file: FileHandle, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await file.chown(uid, gid);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing: folders cannot be opened there.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

const Uses = z.record(z.string(), z.number());

/** Last uses are for people to look at: damaged ones are as good as none. */
async function readUsesOf(file: string): Promise<ReadonlyMap<string, number>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  try {
    return new Map(Object.entries(Uses.parse(JSON.parse(text))));
  } catch {
    return new Map();
  }
}
