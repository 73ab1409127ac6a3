import type { JournalEntry } from '../keys/journal.ts';
import type { KeyStore } from '../keys/key-store.ts';

export interface MemoryKeyStore extends KeyStore {
  readonly journal: JournalEntry[];
  readonly uses: ReadonlyMap<string, number>;
  /** Set: the store is away, for this reason. */
  failure: string | undefined;
}

/** A store in this process, whose failures and losses a test decides. */
export function createMemoryKeyStore(): MemoryKeyStore {
  const uses = new Map<string, number>();
  const here = (signal: AbortSignal) => {
    signal.throwIfAborted();
    if (store.failure !== undefined) throw new Error(store.failure);
  };
  const store: MemoryKeyStore = {
    name: 'memory',
    journal: [],
    uses,
    failure: undefined,
    async read(cursor, signal) {
      here(signal);
      const known = Number(cursor ?? 0);
      const whole = cursor === undefined || known > store.journal.length;
      const entries = store.journal.slice(whole ? 0 : known);
      return { entries, cursor: String(store.journal.length), whole, foreign: 0 };
    },
    async append(entry, signal) {
      here(signal);
      store.journal.push(entry);
    },
    async touch(times, signal) {
      here(signal);
      for (const [id, at] of times) uses.set(id, Math.max(at, uses.get(id) ?? 0));
    },
    async lastUsed(signal) {
      here(signal);
      return new Map(uses);
    },
  };
  return store;
}
