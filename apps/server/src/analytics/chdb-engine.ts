import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { RawInsertFormat } from 'chdb';
import { createLane } from './lane.ts';

/** ClickHouse inside this process. Everything runs on native threads; nothing here blocks the event loop. */
export interface Engine {
  /** The result's bytes in the format the query names, or else in `format`. */
  query(statement: QueryStatement, signal: AbortSignal): Promise<QueryResult>;
  insert(statement: InsertStatement, signal: AbortSignal): Promise<InsertResult>;
  /** Waits for what is running. */
  close(): Promise<void>;
}

export interface QueryStatement {
  readonly sql: string;
  readonly params: Readonly<Record<string, string>>;
  readonly format: string;
}

export interface QueryResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly elapsedMs: number;
}

export interface InsertStatement {
  readonly table: string;
  readonly columns: readonly string[] | undefined;
  readonly format: string;
  readonly body: Uint8Array;
}

export interface InsertResult {
  readonly rowsWritten: number;
  readonly bytesWritten: number;
  readonly elapsedMs: number;
}

/** Two lanes, so that no insert waits behind a report of seconds. Each is a session, as a session takes one query at a time. */
const WAITING_READS = 32;
const WAITING_WRITES = 64;

/**
 * Opens chDB on a directory, which it locks: throws an error that names the process which holds it. The native library
 * (300 MB resident) is loaded here and not before: only the analytics process pays for it.
 */
export async function openChdbEngine(dataDir: string): Promise<Engine> {
  const { Session, drainPending } = await import('chdb');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const writes = open();
  const reads = open();
  const writeLane = createLane(WAITING_WRITES);
  const readLane = createLane(WAITING_READS);

  function open() {
    try {
      return new Session(dataDir);
    } catch (cause) {
      // chDB says why on stderr only.
      const holder = holderOf(dataDir);
      const why = holder === undefined ? 'see the line of chDB above' : `process ${holder} has it open`;
      throw new Error(`The analytics directory ${dataDir} cannot be opened: ${why}.`, { cause });
    }
  }

  return {
    query({ sql, params, format }, signal) {
      const [session, lane] = isRead(sql) ? [reads, readLane] : [writes, writeLane];
      return lane.run(async () => {
        const bound = Object.keys(params).length > 0;
        const result = await (bound
          ? session.queryBindAsync(sql, params, { format })
          : session.queryAsync(sql, { format }));
        const { rowsRead, bytesRead, elapsed } = result;
        return { bytes: result.bytes(), rowsRead, bytesRead, elapsedMs: elapsed * 1_000 };
      }, signal);
    },
    insert({ table, columns, format, body }, signal) {
      return writeLane.run(async () => {
        const { rowsWritten, bytesWritten, elapsed } = await writes.insert({
          table,
          values: body,
          // chDB checks the name against its own list.
          format: format as RawInsertFormat,
          ...(columns && { columns }),
        });
        return { rowsWritten, bytesWritten, elapsedMs: elapsed * 1_000 };
      }, signal);
    },
    async close() {
      await Promise.all([readLane.idle(), writeLane.idle()]);
      reads.close();
      writes.close();
      await drainPending();
    },
  };
}

function isRead(sql: string): boolean {
  return /^\s*(?:SELECT|WITH|SHOW|DESCRIBE|EXPLAIN|EXISTS)\b/i.test(sql);
}

/** ClickHouse notes its process in a file of the directory, and leaves it there when it is killed. */
function holderOf(dataDir: string): number | undefined {
  try {
    const pid = Number(/PID: (\d+)/.exec(readFileSync(path.join(dataDir, 'status'), 'utf8'))?.[1]);
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
