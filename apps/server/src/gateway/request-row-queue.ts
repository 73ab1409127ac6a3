import type { EventLog, RequestRecord } from '@ghostline/telemetry';

/** How long a row may wait in memory: a crash loses no more than this of what nobody was promised. */
const LINGER_MS = 200;
/** At this many the log is told at once. */
const BATCH = 256;

export interface RequestRowQueueOptions {
  readonly eventLog: Pick<EventLog, 'append'>;
  /** Called when there is something to deliver. */
  readonly notify: () => void;
  readonly onLost: (rows: number) => void;
}

export interface RequestRowQueue {
  add(row: RequestRecord): void;
  /** Resolves when everything added before is in the log, or lost. */
  flush(): Promise<void>;
}

/**
 * Rows about answered requests on their way into the event log, a batch at a time: unlike acknowledged events they need no
 * sync to disk of their own, which would cost each request more than its completion.
 */
export function createRequestRowQueue({ eventLog, notify, onLost }: RequestRowQueueOptions): RequestRowQueue {
  let rows: RequestRecord[] = [];
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = rows;
    rows = [];
    if (batch.length === 0) return;
    try {
      await eventLog.append(batch);
      notify();
    } catch {
      onLost(batch.length);
    }
  }

  return {
    add(row) {
      rows.push(row);
      if (rows.length >= BATCH) void flush();
      else timer ??= setTimeout(() => void flush(), LINGER_MS);
    },
    flush,
  };
}
