import type { OutboxStore } from '@ghostline/client';

/** A folder of files, as far as the outbox needs one. Missing files and a missing folder are not errors. */
export interface Folder {
  names(): Promise<readonly string[]>;
  /** Undefined when there is no such file (any more). */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Creates the folder when it is missing. */
  write(name: string, content: Uint8Array): Promise<void>;
  /** At once: of two who rename one file, one does. False when there is no such file (any more). */
  rename(from: string, to: string): Promise<boolean>;
  remove(name: string): Promise<void>;
}

export interface DiskOutboxStore extends OutboxStore {
  /** Removes everything, including what is being written at this moment. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface DiskOutboxStoreOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Names this window among those that share the folder: letters and digits. */
  readonly owner?: string;
}

const EVENT = '.json';
const ALIVE = '.alive';

/** A write takes milliseconds; a file that is still torn after a minute was left by a crash. */
const TORN_AFTER_MS = 60_000;
/** How often a window that has events says that it is there: while the server is away, it asks every five minutes. */
const ALIVE_EVERY_MS = 4 * 60_000;
/** Three attempts missed: its window is gone. Were it only slow, its events would be sent twice, and count once. */
const GONE_AFTER_MS = 15 * 60_000;
/** Files to read at the same time: ten thousand at once would exhaust the file handles of a process. */
const AT_ONCE = 32;

/**
 * One file for each event, named by its id and by the window that sends it. All windows share the folder without a lock:
 * nobody touches a file of a window that is there. Those of a window that is gone, closed or killed, belong to whoever
 * renames them first. A file is gone only when its event is delivered; one delivered twice counts once (the server knows
 * the id).
 */
export function createDiskOutboxStore(folder: Folder, options: DiskOutboxStoreOptions = {}): DiskOutboxStore {
  const { now = Date.now, owner = newOwner() } = options;
  const writing = new Set<Promise<void>>();
  let alive: { readonly at: number; readonly said: Promise<void> } | undefined;

  /** Before the first file of this window, so that nobody takes it for one of a window that is gone. */
  function sayAlive(): Promise<void> {
    if (!alive || Math.abs(now() - alive.at) >= ALIVE_EVERY_MS) {
      const at = now();
      alive = { at, said: folder.write(owner + ALIVE, new TextEncoder().encode(String(at))) };
      // Said again with the next event.
      alive.said.catch(() => (alive = undefined));
    }
    return alive.said;
  }

  async function put(id: string, json: string): Promise<void> {
    const write = sayAlive().then(() => folder.write(fileOf(id), new TextEncoder().encode(json)));
    writing.add(write);
    try {
      await write;
    } finally {
      writing.delete(write);
    }
  }

  async function list() {
    const names = await folder.names();
    const files = names.flatMap((name) => eventFile(name) ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    if (files.some((file) => file.owner === owner)) await sayAlive();
    const present = await windowsPresent(names);
    const left = files.filter((file) => file.owner !== owner && !(file.owner && present.has(file.owner)));
    const entries = [];
    for (let first = 0; first < left.length; first += AT_ONCE) {
      entries.push(...(await Promise.all(left.slice(first, first + AT_ONCE).map(takeOver))));
    }
    return entries.filter((entry) => entry !== undefined);
  }

  /** The other windows that have said lately that they are there; what those that are gone have said is removed. */
  async function windowsPresent(names: readonly string[]): Promise<ReadonlySet<string>> {
    const present = new Set<string>();
    for (const name of names) {
      const other = name.endsWith(ALIVE) ? name.slice(0, -ALIVE.length) : owner;
      if (other === owner) continue;
      const content = await folder.read(name);
      const at = Number(new TextDecoder().decode(content)) || 0;
      // A clock that was set back, too.
      if (Math.abs(now() - at) < GONE_AFTER_MS) present.add(other);
      else await folder.remove(name);
    }
    return present;
  }

  async function takeOver({ id, name }: EventFile) {
    const content = await folder.read(name);
    if (!content) return undefined;
    const json = new TextDecoder().decode(content);
    if (!isJson(json)) {
      if (Math.abs(now() - createdAt(id)) > TORN_AFTER_MS) await folder.remove(name);
      return undefined;
    }
    await sayAlive();
    return (await folder.rename(name, fileOf(id))) ? { id, json } : undefined;
  }

  function fileOf(id: string): string {
    return `${id}.${owner}${EVENT}`;
  }

  async function remove(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => folder.remove(fileOf(id))));
  }

  async function close(): Promise<void> {
    await Promise.allSettled(writing);
    if (!alive) return;
    alive = undefined;
    await folder.remove(owner + ALIVE);
  }

  async function clear(): Promise<void> {
    await Promise.allSettled(writing);
    alive = undefined;
    const names = await folder.names();
    await Promise.all(names.map((name) => folder.remove(name)));
  }

  return { put, list, delete: remove, clear, close };
}

function newOwner(): string {
  // `randomUUID` is not there in a web page that came without TLS.
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface EventFile {
  readonly id: string;
  /** Undefined in files of versions that did not name it. */
  readonly owner: string | undefined;
  readonly name: string;
}

function eventFile(name: string): EventFile | undefined {
  const match = /^([^.]+)(?:\.([^.]+))?\.json$/.exec(name);
  return match ? { id: match[1]!, owner: match[2], name } : undefined;
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
