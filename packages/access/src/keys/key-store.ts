import type { JournalEntry } from './journal.ts';

/**
 * Where keys are kept: a journal that is only ever added to, and beside it when each key was last used. Methods reject when the
 * store is away; the message is meant for operators.
 */
export interface KeyStore {
  /** How operators call it, such as a path. */
  readonly name: string;
  /** What was added after `cursor`; without one, or when the journal is another one than that cursor's, all of it. */
  read(cursor: string | undefined, signal: AbortSignal): Promise<JournalNews>;
  /** Resolves when the entry is as durable as this store can make it. Safe from several processes at once. */
  append(entry: JournalEntry, signal: AbortSignal): Promise<void>;
  /** Notes when keys were last used, by id, in milliseconds; never moves a time back. */
  touch(uses: ReadonlyMap<string, number>, signal: AbortSignal): Promise<void>;
  lastUsed(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
}

export interface JournalNews {
  readonly entries: readonly JournalEntry[];
  readonly cursor: string;
  /** True when `entries` are the whole journal, and what was known before is void. */
  readonly whole: boolean;
  /** Entries among them of a newer version of this program, which may mean anything. */
  readonly foreign: number;
}
