import type { OutboxStore } from '@ghostline/client';

/** A folder of files, as far as the outbox needs one. Missing files and a missing folder are not errors. */
export interface Folder {
  names(): Promise<readonly string[]>;
  /** Undefined when there is no such file (any more). */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Creates the folder when it is missing. */
  write(name: string, content: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface DiskOutboxStore extends OutboxStore {
  /** Removes everything, including what is being written at this moment. */
  clear(): Promise<void>;
}

const EXTENSION = '.json';

/** A write takes milliseconds; a file that is still torn after a minute was left by a crash. */
const TORN_AFTER_MS = 60_000;

/**
 * One file for each event, named by its id. All windows share the folder without a lock: nobody writes a file of another
 * window, one that is gone has been delivered, and one delivered twice counts once (the server knows the id).
 */
export function createDiskOutboxStore(folder: Folder, now: () => number = Date.now): DiskOutboxStore {
  const writing = new Set<Promise<void>>();

  async function put(id: string, json: string): Promise<void> {
    const write = folder.write(id + EXTENSION, new TextEncoder().encode(json));
    writing.add(write);
    try {
      await write;
    } finally {
      writing.delete(write);
    }
  }

  async function list() {
    const ids = (await folder.names())
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length))
      .toSorted();
    const entries = await Promise.all(ids.map(readEntry));
    return entries.filter((entry) => entry !== undefined);
  }

  async function readEntry(id: string) {
    const content = await folder.read(id + EXTENSION);
    if (!content) return undefined;
    const json = new TextDecoder().decode(content);
    if (isJson(json)) return { id, json };
    if (now() - createdAt(id) > TORN_AFTER_MS) await folder.remove(id + EXTENSION);
    return undefined;
  }

  async function remove(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => folder.remove(id + EXTENSION)));
  }

  async function clear(): Promise<void> {
    await Promise.allSettled(writing);
    const names = await folder.names();
    await Promise.all(names.map((name) => folder.remove(name)));
  }

  return { put, list, delete: remove, clear };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The first 48 bits of a UUIDv7 are the Unix time in ms (RFC 9562, section 5.7). 0 for any other name. */
function createdAt(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) || 0;
}
