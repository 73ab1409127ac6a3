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

/** For one gateway on its own: a small file, replaced as a whole, so that a crash leaves the old one or the new one. */
export function createFileStopStore(file: string): StopStore {
  let writing: Promise<void> = Promise.resolve();

  async function read(): Promise<Map<string, Stop> | undefined> {
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

  /** One after the other, or one would undo the other. */
  function change(edit: (stops: Map<string, Stop>) => void): Promise<void> {
    const changed = afterwards(writing, edit);
    writing = changed.catch(() => {});
    return changed;
  }

  async function afterwards(before: Promise<void>, edit: (stops: Map<string, Stop>) => void): Promise<void> {
    await before;
    const stops = (await read()) ?? new Map<string, Stop>();
    edit(stops);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, JSON.stringify(Object.fromEntries(stops), undefined, 2), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  return {
    async read() {
      const stops = await read();
      return stops && [...stops.values()];
    },
    put: (stops) =>
      change((known) => {
        for (const stop of stops) known.set(scopeKey(stop.scope), stop);
      }),
    remove: (scope: StopScope) => change((known) => known.delete(scopeKey(scope))),
  };
}

function fieldsOf(stops: readonly Stop[]): Record<string, string> {
  return Object.fromEntries(stops.map((stop) => [scopeKey(stop.scope), JSON.stringify(stop)]));
}
