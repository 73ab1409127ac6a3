import type { OutboxStore } from '../types.ts';

export interface MemoryOutboxStore extends OutboxStore {
  readonly entries: ReadonlyMap<string, string>;
}

/** What a directory of files is to the extension: it outlives the outbox it is given to. */
export function createMemoryOutboxStore(earlier: Iterable<readonly [string, string]> = []): MemoryOutboxStore {
  const entries = new Map(earlier);
  return {
    entries,
    async put(id, json) {
      entries.set(id, json);
    },
    async list() {
      return [...entries].map(([id, json]) => ({ id, json })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    },
    async delete(ids) {
      for (const id of ids) entries.delete(id);
    },
  };
}
