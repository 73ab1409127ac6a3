import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Stop, type StopScope, type StopStore, parseStop, scopeKey } from './stops.ts';

/** The part of a Redis client that is needed. */
export interface RedisHash {
  hgetall(key: string): Promise<Record<string, string>>;
  hset(key: string, fields: Record<string, string>): Promise<unknown>;
  hdel(key: string, field: string): Promise<unknown>;
}

/** Says that the hash is there although nothing is stopped: an empty one does not exist. */
const MARK = 'kept';

/** For gateways that share a Redis. */
export function createRedisStopStore(redis: RedisHash, namespace = 'ghostline:limits:'): StopStore {
  const key = `${namespace}{stops}`;
  return {
    async read() {
      const { [MARK]: mark, ...fields } = await redis.hgetall(key);
      if (mark === undefined) return undefined;
      return Object.values(fields).flatMap((text) => parseStop(text) ?? []);
    },
    put: async (stops) => void (await redis.hset(key, { [MARK]: '1', ...fieldsOf(stops) })),
    remove: async (scope) => void (await redis.hdel(key, scopeKey(scope))),
  };
}

/** A copy of the stops in a store elsewhere. */
export interface StopMirror {
  /** Undefined when there is none. */
  load(): Promise<readonly Stop[] | undefined>;
  save(stops: readonly Stop[]): Promise<void>;
}

/**
 * A shared store with a copy on this machine, for a start while that store is away or after it has lost its data: what was
 * stopped when this gateway last heard of it is stopped until the store says otherwise.
 */
export function createMirroredStopStore(shared: StopStore, mirror: StopMirror): StopStore {
  /** The copy is looked at once: after that this process knows better. */
  let isNew = true;
  let known = new Map<string, Stop>();
  let saved: string | undefined;

  /** A copy that cannot be read is as good as none; one that cannot be written is written with the next change. */
  const loaded = () => mirror.load().catch(() => undefined);

  async function keep(stops: Iterable<Stop>): Promise<void> {
    known = new Map(Array.from(stops, (stop) => [scopeKey(stop.scope), stop]));
    const text = JSON.stringify([...known.values()]);
    if (text === saved) return;
    await mirror.save([...known.values()]).then(
      () => (saved = text),
      () => {},
    );
  }

  return {
    async read() {
      const wasNew = isNew;
      isNew = false;
      try {
        let stops = await shared.read();
        if (stops === undefined && wasNew) {
          stops = await loaded();
          if (stops) await shared.put(stops);
        }
        if (stops) await keep(stops);
        return stops;
      } catch (error) {
        const kept = wasNew ? await loaded() : undefined;
        if (!kept) throw error;
        await keep(kept);
        return kept;
      }
    },
    async put(stops) {
      await keep([...known.values(), ...stops]);
      await shared.put(stops);
    },
    async remove(scope) {
      known.delete(scopeKey(scope));
      await keep(known.values());
      await shared.remove(scope);
    },
  };
}

/** The copy as a file. */
export function createFileStopMirror(file: string): StopMirror {
  return {
    async load() {
      const stops = await readStops(file);
      return stops && [...stops.values()];
    },
    save: (stops) => writeStops(file, new Map(stops.map((stop) => [scopeKey(stop.scope), stop]))),
  };
}

/** For one gateway on its own: a small file, replaced as a whole, so that a crash leaves the old one or the new one. */
export function createFileStopStore(file: string): StopStore {
  let writing: Promise<void> = Promise.resolve();

  /** One after the other, or one would undo the other. */
  function change(edit: (stops: Map<string, Stop>) => void): Promise<void> {
    const changed = afterwards(writing, edit);
    writing = changed.catch(() => {});
    return changed;
  }

  async function afterwards(before: Promise<void>, edit: (stops: Map<string, Stop>) => void): Promise<void> {
    await before;
    const stops = (await readStops(file)) ?? new Map<string, Stop>();
    edit(stops);
    await writeStops(file, stops);
  }

  return {
    async read() {
      const stops = await readStops(file);
      return stops && [...stops.values()];
    },
    put: (stops) =>
      change((known) => {
        for (const stop of stops) known.set(scopeKey(stop.scope), stop);
      }),
    remove: (scope: StopScope) => change((known) => known.delete(scopeKey(scope))),
  };
}

async function readStops(file: string): Promise<Map<string, Stop> | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const fields = JSON.parse(text) as Record<string, Stop>;
  return new Map(
    Object.entries(fields).flatMap(([key, value]) => {
      const stop = parseStop(JSON.stringify(value));
      return stop ? [[key, stop] as const] : [];
    }),
  );
}

async function writeStops(file: string, stops: ReadonlyMap<string, Stop>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(stops), undefined, 2), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

function fieldsOf(stops: readonly Stop[]): Record<string, string> {
  return Object.fromEntries(stops.map((stop) => [scopeKey(stop.scope), JSON.stringify(stop)]));
}
