import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LogRecord } from './types.ts';

/** The SQLite file of one event log. Synchronous, so it lives in a worker thread; every write is durable on return. */
export interface EventLogDatabase {
  /** All groups in one transaction: each a JSON array of records, answered in order. Throws when nothing was committed. */
  append(groups: readonly string[]): { accepted: number; duplicates: number }[];
  /** Positions, and the records at them as one JSON array. */
  read(limit: number): { positions: number[]; json: string };
  delivered(position: number): void;
  usage(): EventLogUsage;
  close(): void;
}

export interface EventLogUsage {
  readonly pending: number;
  readonly oldestPendingAt: number | undefined;
  /** Bytes of the file that hold something; the write-ahead log comes on top, up to 16 MiB. */
  readonly usedBytes: number;
}

const SCHEMA_VERSION = 1;
/** Seven days of accepted age, and one more for clients whose clock runs ahead: their events stay acceptable longer. */
const SEEN_HOURS = 8 * 24;
/** Small enough that no append waits more than a few milliseconds behind a deletion. */
const DELETE_CHUNK = 1_000;
/** 3.5 million ids (100 busy developers, 7 days) are swept in half an hour of one delivery a second. */
const SWEEP_ROWS = 2_000;
/** 4 MiB of free pages stay for the next records; what a store outage left beyond that goes back to the file system. */
const KEPT_FREE_PAGES = 1_024;

/** Opens or creates the log at `file`. Throws with the reason when another process has it, or when it cannot be used. */
export function openEventLogDatabase(file: string, lockTimeoutMs: number): EventLogDatabase {
  const folder = path.dirname(file);
  createFolder(folder);
  const db = openExclusively(file, lockTimeoutMs);
  // The database and its write-ahead log exist now: without this their names may be gone after a power cut.
  syncFolder(folder);

  const insertRecord = db.prepare('INSERT INTO record (received_at, body) VALUES (?, ?)');
  const insertSeen = db.prepare('INSERT OR IGNORE INTO seen (event_id, org, expires_hour) VALUES (?, ?, ?)');
  const insertOrg = db.prepare('INSERT INTO org (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id');
  const selectRecords = db.prepare('SELECT position, body FROM record ORDER BY position LIMIT ?');
  const selectOldest = db.prepare('SELECT received_at FROM record ORDER BY position LIMIT 1');
  const deleteRecords = db.prepare(
    'DELETE FROM record WHERE position IN (SELECT position FROM record WHERE position <= ? ORDER BY position LIMIT ?)',
  );
  const selectSweepEnd = db.prepare(
    'SELECT event_id, org FROM seen WHERE (event_id, org) > (?, ?) ORDER BY event_id, org LIMIT 1 OFFSET ?',
  );
  const deleteSeen = db.prepare(
    'DELETE FROM seen WHERE (event_id, org) > (?, ?) AND (event_id, org) <= (?, ?) AND expires_hour < ?',
  );

  const orgs = new Map<string, number>();
  let pending = number(db.prepare('SELECT count(*) AS n FROM record').get(), 'n');
  let newestAt = 0;
  let sweptTo: [Uint8Array, number] = [new Uint8Array(0), 0];

  function transaction<T>(body: () => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = body();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  function orgId(name: string): number {
    let id = orgs.get(name);
    if (id === undefined) {
      id = number(insertOrg.get(name), 'id');
      orgs.set(name, id);
    }
    return id;
  }

  function isDuplicate(record: LogRecord): boolean {
    if (record.kind === 'request') return false;
    const id = Buffer.from(record.event.event_id.replaceAll('-', ''), 'hex');
    const expires = Math.ceil(record.receivedAt / 3_600_000) + SEEN_HOURS;
    return insertSeen.run(id, orgId(record.org), expires).changes === 0;
  }

  /** Forgets expired ids of the next stretch of the table, round and round: no second index, no long pause. */
  function sweepSeen() {
    const end = selectSweepEnd.get(...sweptTo, SWEEP_ROWS - 1);
    const to: [Uint8Array, number] = end ? [blob(end, 'event_id'), number(end, 'org')] : [LAST_ID, 0];
    deleteSeen.run(...sweptTo, ...to, Math.floor(newestAt / 3_600_000));
    sweptTo = end ? to : [new Uint8Array(0), 0];
  }

  return {
    append: (groups) => {
      let inserted = 0;
      const results = transaction(() =>
        groups.map((json) => {
          const result = { accepted: 0, duplicates: 0 };
          for (const record of JSON.parse(json) as LogRecord[]) {
            newestAt = Math.max(newestAt, record.receivedAt);
            if (isDuplicate(record)) {
              result.duplicates += 1;
            } else {
              insertRecord.run(record.receivedAt, JSON.stringify(record));
              result.accepted += 1;
            }
          }
          inserted += result.accepted;
          return result;
        }),
      );
      pending += inserted;
      return results;
    },
    read(limit) {
      const rows = selectRecords.all(limit);
      return {
        positions: rows.map((row) => number(row, 'position')),
        json: `[${rows.map((row) => String(row['body'])).join(',')}]`,
      };
    },
    delivered(position) {
      for (;;) {
        const deleted = transaction(() => {
          const { changes } = deleteRecords.run(position, DELETE_CHUNK);
          sweepSeen();
          return Number(changes);
        });
        pending -= deleted;
        if (deleted < DELETE_CHUNK) break;
      }
      const excess = number(db.prepare('PRAGMA freelist_count').get(), 'freelist_count') - KEPT_FREE_PAGES;
      if (excess > 0) db.exec(`PRAGMA incremental_vacuum(${Math.min(excess, KEPT_FREE_PAGES)})`);
    },
    usage() {
      const pages = number(db.prepare('PRAGMA page_count').get(), 'page_count');
      const free = number(db.prepare('PRAGMA freelist_count').get(), 'freelist_count');
      const pageSize = number(db.prepare('PRAGMA page_size').get(), 'page_size');
      const oldest = selectOldest.get();
      return {
        pending,
        oldestPendingAt: oldest && number(oldest, 'received_at'),
        usedBytes: (pages - free) * pageSize,
      };
    },
    close: () => db.close(),
  };
}

/** Above every 16-byte id. */
const LAST_ID = new Uint8Array(17).fill(0xff);

function openExclusively(file: string, lockTimeoutMs: number): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: lockTimeoutMs });
  try {
    // auto_vacuum only takes before the first table; fullfsync is what durable means on macOS and nothing elsewhere.
    db.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA journal_size_limit = ${16 * 1024 * 1024};
    `);
    const version = number(db.prepare('PRAGMA user_version').get(), 'user_version');
    if (version > SCHEMA_VERSION) {
      throw new Error(`it was written by a newer version (format ${version}, this program knows ${SCHEMA_VERSION})`);
    }
    // Also the write that makes the write-ahead log's file and takes the lock.
    db.exec(`
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS record (
        position INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, body TEXT NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS org (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE IF NOT EXISTS seen (
        event_id BLOB NOT NULL, org INTEGER NOT NULL, expires_hour INTEGER NOT NULL, PRIMARY KEY (event_id, org)
      ) STRICT, WITHOUT ROWID;
      PRAGMA user_version = ${SCHEMA_VERSION};
      COMMIT;
    `);
    return db;
  } catch (cause) {
    db.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const why = reason.includes('locked') ? 'another process has it open' : reason;
    throw new Error(`The event log ${file} cannot be opened: ${why}.`, { cause });
  }
}

function createFolder(folder: string) {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) syncFolder(path.dirname(made));
}

function syncFolder(folder: string) {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

type Row = Record<string, unknown> | undefined;

function number(row: Row, column: string): number {
  return Number(row?.[column]);
}

function blob(row: Row, column: string): Uint8Array {
  const value = row?.[column];
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`${column} is not a blob`);
}
