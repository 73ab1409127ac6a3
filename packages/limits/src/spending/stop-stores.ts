import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
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

/** A stop as a gateway remembers it: known to the shared store, or not told to it yet; `resumed` is the end of one, untold. */
export interface RememberedStop {
  readonly stop: Stop;
  readonly state: 'told' | 'untold' | 'resumed';
}

/** A copy of the stops in a store elsewhere. */
export interface StopMirror {
  /** Undefined when there is none. */
  load(): Promise<readonly RememberedStop[] | undefined>;
  save(stops: readonly RememberedStop[]): Promise<void>;
}

/**
 * A shared store with a copy on this machine, for a start while that store is away or after it has lost its data: what was
 * stopped when this gateway last heard of it is stopped until the store says otherwise. What the store could not be told is
 * told to it by the next process, too.
 */
export function createMirroredStopStore(shared: StopStore, mirror: StopMirror): StopStore {
  let known = new Map<string, RememberedStop>();
  /** How often something was decided here. */
  let decisions = 0;
  let saved: string | undefined;
  let saving: Promise<void> = Promise.resolve();
  /** Whether there is a copy; it is looked at once, as after that this process knows better. */
  let copy: Promise<boolean> | undefined;
  let answered = false;
  let copyGiven = false;

  /** False when there is none. One that cannot be read is as good as none. */
  const loadOnce = () =>
    (copy ??= mirror.load().then(
      (remembered) => {
        for (const one of remembered ?? []) {
          const key = scopeKey(one.stop.scope);
          // What was decided meanwhile is newer.
          if (!known.has(key)) known.set(key, one);
        }
        return remembered !== undefined;
      },
      () => false,
    ));

  /** What is known when its turn has come, so that one never undoes the other. */
  function save(): Promise<void> {
    saving = saveAfter(saving);
    return saving;
  }

  /** A copy that cannot be written is written with the next change. */
  async function saveAfter(before: Promise<void>): Promise<void> {
    await before;
    const text = JSON.stringify([...known.values()]);
    if (text === saved) return;
    await mirror.save([...known.values()]).then(
      () => (saved = text),
      () => {},
    );
  }

  /** Has `next` for what is known of that scope, unless it is something else than `before` by now. */
  async function become(
    key: string,
    before: RememberedStop | undefined,
    next: RememberedStop | undefined,
  ): Promise<void> {
    if (known.get(key) !== before) return;
    decisions += 1;
    if (next) known.set(key, next);
    else known.delete(key);
    await save();
  }

  /** What the store said, with what it was not told: of an earlier process, as this one tells its own before it reads. */
  async function withUntold(stored: readonly Stop[]): Promise<Stop[]> {
    const stops = new Map(stored.map((stop) => [scopeKey(stop.scope), stop]));
    const untold: Stop[] = [];
    for (const [key, { stop, state }] of known) {
      if (state === 'untold') {
        untold.push(stop);
        stops.set(key, stop);
      } else if (state === 'resumed' && stops.get(key)?.at === stop.at) {
        // Another stop than the one that was ended stays.
        await shared.remove(stop.scope);
        stops.delete(key);
      }
    }
    if (untold.length > 0) await shared.put(untold);
    return [...stops.values()];
  }

  const inForce = () => [...known.values()].flatMap(({ stop, state }) => (state === 'resumed' ? [] : [stop]));

  return {
    async recall() {
      return (await loadOnce()) ? inForce() : undefined;
    },
    async read() {
      const hasCopy = await loadOnce();
      const before = decisions;
      const isFirst = !answered;
      try {
        let stored = await shared.read();
        if (stored === undefined && isFirst && hasCopy) await shared.put((stored = inForce()));
        const stops = stored && (await withUntold(stored));
        answered = true;
        if (stops && before === decisions) {
          known = new Map(stops.map((stop) => [scopeKey(stop.scope), { stop, state: 'told' }]));
          await save();
        }
        return stops;
      } catch (error) {
        if (!isFirst || !hasCopy || copyGiven) throw error;
        copyGiven = true;
        return inForce();
      }
    },
    async put(stops) {
      await loadOnce();
      const untold = stops.map((stop): RememberedStop => ({ stop, state: 'untold' }));
      for (const one of untold) {
        const key = scopeKey(one.stop.scope);
        await become(key, known.get(key), one);
      }
      await shared.put(stops);
      for (const one of untold) await become(scopeKey(one.stop.scope), one, { stop: one.stop, state: 'told' });
    },
    async remove(scope) {
      const key = scopeKey(scope);
      await loadOnce();
      const before = known.get(key);
      const ended: RememberedStop | undefined = before && { stop: before.stop, state: 'resumed' };
      await become(key, before, ended);
      await shared.remove(scope);
      await become(key, ended, undefined);
    },
  };
}

/** The copy as a file. */
export function createFileStopMirror(file: string): StopMirror {
  return {
    async load() {
      const remembered = await readStops(file);
      return remembered && [...remembered.values()];
    },
    save: (remembered) => writeStops(file, new Map(remembered.map((one) => [scopeKey(one.stop.scope), one]))),
  };
}

/** For one gateway on its own: a small file, replaced as a whole, so that a crash leaves the old one or the new one. */
export function createFileStopStore(file: string): StopStore {
  let writing: Promise<void> = Promise.resolve();

  /** One after the other, or one would undo the other. */
  function change(edit: (stops: Map<string, RememberedStop>) => void): Promise<void> {
    const changed = afterwards(writing, edit);
    writing = changed.catch(() => {});
    return changed;
  }

  async function afterwards(before: Promise<void>, edit: (stops: Map<string, RememberedStop>) => void): Promise<void> {
    await before;
    const stops = (await readStops(file)) ?? new Map<string, RememberedStop>();
    edit(stops);
    await writeStops(file, stops);
  }

  return {
    async read() {
      const remembered = await readStops(file);
      return remembered && [...remembered.values()].flatMap(({ stop, state }) => (state === 'resumed' ? [] : [stop]));
    },
    put: (stops) =>
      change((known) => {
        for (const stop of stops) known.set(scopeKey(stop.scope), { stop, state: 'told' });
      }),
    remove: (scope: StopScope) => change((known) => known.delete(scopeKey(scope))),
  };
}

async function readStops(file: string): Promise<Map<string, RememberedStop> | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const fields = JSON.parse(text) as Record<string, (Stop & { state?: unknown }) | null>;
  return new Map(
    Object.entries(fields).flatMap(([key, value]) => {
      const { state, ...rest } = value ?? {};
      const stop = parseStop(JSON.stringify(rest));
      const known = state === 'untold' || state === 'resumed' ? state : 'told';
      return stop ? [[key, { stop, state: known }] as const] : [];
    }),
  );
}

/** Whole or not at all, and on the disk when it resolves: a stop that was confirmed outlives a power cut. */
async function writeStops(file: string, stops: ReadonlyMap<string, RememberedStop>): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fields = [...stops].map(([key, { stop, state }]) => [key, state === 'told' ? stop : { ...stop, state }]);
  await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(fields), undefined, 2), {
    mode: 0o600,
    flush: true,
  });
  await rename(`${file}.new`, file);
  // Windows has no such thing: folders cannot be opened there.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function fieldsOf(stops: readonly Stop[]): Record<string, string> {
  return Object.fromEntries(stops.map((stop) => [scopeKey(stop.scope), JSON.stringify(stop)]));
}
