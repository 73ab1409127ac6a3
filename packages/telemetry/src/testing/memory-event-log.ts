import type { EventLog, LogRecord, StoredRecord } from '../types.ts';

export interface MemoryEventLog extends EventLog {
  /** From now on appends are refused with this reason, as after a failed write; undefined ends that. */
  fail(reason: string | undefined): void;
  /** What has been appended and not delivered. */
  readonly records: readonly LogRecord[];
}

/** An event log that keeps its promises as long as the process lives. */
export function createMemoryEventLog(): MemoryEventLog {
  let stored: StoredRecord[] = [];
  let position = 0;
  let failure: string | undefined;
  const seen = new Set<string>();

  return {
    async append(records) {
      if (failure !== undefined) throw new Error(failure);
      let duplicates = 0;
      for (const record of records) {
        const id = record.kind === 'event' ? `${record.org} ${record.event.event_id}` : undefined;
        if (id !== undefined && seen.has(id)) {
          duplicates += 1;
          continue;
        }
        if (id !== undefined) seen.add(id);
        position += 1;
        stored.push({ position, record });
      }
      return { accepted: records.length - duplicates, duplicates };
    },
    read: async (limit) => stored.slice(0, limit),
    async delivered(upTo) {
      stored = stored.filter(({ position }) => position > upTo);
    },
    state: () => ({ pending: stored.length, oldestPendingAt: stored[0]?.record.receivedAt, failure }),
    async close() {
      failure = 'The event log is closed.';
    },
    fail(reason) {
      failure = reason;
    },
    get records() {
      return stored.map(({ record }) => record);
    },
  };
}
