import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventLogError, type EventLogOptions, openEventLog } from './event-log.ts';
import { describeEventLog } from './testing/contracts.ts';
import { eventRecord, requestRecord } from './testing/records.ts';
import type { EventLog, EventRecord } from './types.ts';

const T = Date.UTC(2026, 10, 21, 9);
const HOUR = 3_600_000;
const CHILD = fileURLToPath(new URL('./testing/append-until-killed.ts', import.meta.url));

let folder: string;
let opened: EventLog[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'event-log-'));
  opened = [];
});

afterEach(async () => {
  await Promise.allSettled(opened.map((log) => log.close()));
  rmSync(folder, { recursive: true, force: true });
});

const file = () => path.join(folder, 'deep/er/events.sqlite');

async function open(options: Partial<EventLogOptions> = {}): Promise<EventLog> {
  const log = await openEventLog({ path: file(), ...options });
  opened.push(log);
  return log;
}

const events = (from: number, count: number, at = T) =>
  Array.from({ length: count }, (_, index) => eventRecord({ n: from + index, at }));

async function storedIds(log: EventLog): Promise<string[]> {
  const stored = await log.read(1_000_000);
  return stored.map(({ record }) => (record as EventRecord).event.event_id);
}

describeEventLog('SQLite on disk', open);

describe('append and read', () => {
  it('gives back what was appended, in order, after a restart', async () => {
    const log = await open();
    const records = [...events(1, 3), requestRecord(1, T)];
    expect(await log.append(records)).toEqual({ accepted: 4, duplicates: 0 });
    await log.close();

    const again = await open();
    const stored = await again.read(10);
    expect(stored.map(({ record }) => record)).toEqual(records);
    expect(stored.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
    expect(again.state()).toEqual({ pending: 4, oldestPendingAt: T, failure: undefined });
  });

  it('puts everything that arrives during a commit into the next one', async () => {
    const log = await open();
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.append(events(n, 1))));
    expect(await storedIds(log)).toHaveLength(500);
    // The write-ahead log shows the commits: 500 of them would each write at least a page of 4 KiB for two tables.
    expect(statSync(`${file()}-wal`).size).toBeLessThan(500 * 4096);
  });
});

describe('ids of events', () => {
  it('are forgotten when they are too old to be accepted again', async () => {
    const log = await open();
    await log.append(events(0, 5_000));
    await log.append(events(10_000, 1, T + 9 * 24 * HOUR));
    for (let sweep = 0; sweep < 4; sweep++) await log.delivered((await log.read(10_000)).at(-1)?.position ?? 1e9);
    await log.close();
    const database = new DatabaseSync(file());
    expect(database.prepare('SELECT count(*) AS n FROM seen').get()).toEqual({ n: 1 });
    database.close();
  });
});

describe('delivery', () => {
  it('keeps the file small however much passes through, and gives back what an outage left', async () => {
    const log = await open();
    for (let n = 0; n < 60; n++) await log.append(events(n * 500, 500));
    const atWorst = statSync(file()).size;
    for (let n = 0; n < 80; n++) {
      await log.append(Array.from({ length: 500 }, (_, i) => requestRecord(i, T)));
      await log.delivered((await log.read(1_000)).at(-1)!.position);
    }
    await log.close();
    expect(atWorst).toBeGreaterThan(12e6);
    expect(statSync(file()).size).toBeLessThan(atWorst * 0.75);
  });
});

describe('refusals', () => {
  it('refuses with `busy` when too much waits for the disk, and goes on after', async () => {
    const log = await open({ maxQueuedBytes: 2_000 });
    const first = log.append(events(1, 2));
    await expect(log.append(events(10, 10))).rejects.toMatchObject({ reason: 'busy', retryable: true });
    await first;
    expect(await log.append(events(20, 2))).toEqual({ accepted: 2, duplicates: 0 });
  });

  it('refuses request rows before events when the disk budget runs out, and recovers by delivering', async () => {
    const log = await open({ maxDiskBytes: 1_000_000 });
    let requests = 0;
    const append = async () => {
      await log.append(Array.from({ length: 100 }, (_, i) => requestRecord(i, T)));
      requests += 100;
    };
    const error = await untilRefused(append);
    expect(error).toMatchObject({ reason: 'full', retryable: true });
    expect(log.state().failure).toBeUndefined();
    expect(await log.append(events(1, 10))).toMatchObject({ accepted: 10 });

    let n = 100;
    expect(await untilRefused(() => log.append(events((n += 20), 20)))).toMatchObject({ reason: 'full' });
    expect(log.state().pending).toBeGreaterThan(requests);

    await log.delivered((await log.read(1_000_000)).at(-1)!.position);
    expect(log.state().failure).toBeUndefined();
    await append();
  });

  it('says so when another process has the file', async () => {
    await open();
    await expect(openEventLog({ path: file(), lockTimeoutMs: 10 })).rejects.toThrow(
      `The event log ${file()} cannot be opened: another process has it open.`,
    );
  });

  it('does not touch a file of a newer format', async () => {
    await (await open()).close();
    const database = new DatabaseSync(file());
    database.exec('PRAGMA user_version = 7');
    database.close();
    await expect(openEventLog({ path: file() })).rejects.toThrow('newer version (format 7');
  });

  it('refuses when its thread dies, instead of waiting for ever', async () => {
    const workerUrl = new URL('./testing/dying-event-log-worker.ts', import.meta.url);
    const log = await open({ workerUrl });
    await expect(log.append(events(1, 1))).rejects.toThrow(EventLogError);
    expect(log.state().failure).toContain('takes nothing more until a restart');
    await expect(log.append(events(2, 1))).rejects.toMatchObject({ reason: 'failed', retryable: false });
  });
});

async function untilRefused(append: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      await append();
    } catch (error) {
      return error;
    }
  }
}

describe('crashes', () => {
  it('has every acknowledged event exactly once after kill -9 at random moments', { timeout: 60_000 }, async () => {
    const acknowledged: number[] = [];
    let last = -1;
    for (let round = 0; round < 5; round++) {
      // Room for numbers that were written but not acknowledged.
      const child = spawn(process.execPath, [CHILD, file(), String(last + 10_000)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const killAfter = 1 + Math.floor(Math.random() * 200);
      let lines = 0;
      for await (const line of createInterface(child.stdout)) {
        if (line === 'open') continue;
        acknowledged.push(...line.split(' ').map(Number));
        lines += 1;
        if (lines === killAfter) child.kill('SIGKILL');
      }
      last = Math.max(last, ...acknowledged);
    }
    const log = await open();
    const stored = await storedIds(log);
    expect(new Set(stored).size).toBe(stored.length);
    const ids = new Set(stored);
    const missing = acknowledged.filter((n) => !ids.has(eventRecord({ n, at: 1_700_000_000_000 + n }).event.event_id));
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
    const resent = acknowledged.map((n) => eventRecord({ n, at: 1_700_000_000_000 + n }));
    expect(await log.append(resent)).toEqual({ accepted: 0, duplicates: acknowledged.length });
  });

  it(
    'refuses everything after a write that really failed, and still lets what it has be read',
    { timeout: 30_000 },
    async () => {
      // The shell's limit on file sizes, in blocks of 1 KiB: the write beyond it fails as on a full disk.
      const script = 'ulimit -f 600; exec "$0" "$@"';
      const child = spawn('bash', ['-c', script, process.execPath, CHILD, file(), '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const acknowledged: number[] = [];
      let verdict: { error: string; failure: string; again: string; readable: number } | undefined;
      for await (const line of createInterface(child.stdout)) {
        if (line.startsWith('{')) verdict = JSON.parse(line);
        else if (line !== 'open') acknowledged.push(...line.split(' ').map(Number));
      }
      if (child.exitCode === null) await once(child, 'exit');
      expect(verdict).toMatchObject({ again: 'refused', readable: 10 });
      expect(verdict?.error).toContain('EventLogError');
      expect(verdict?.failure).toMatch(/disk|full|I\/O/i);

      const ids = new Set(await storedIds(await open()));
      expect(acknowledged.length).toBeGreaterThan(100);
      expect(
        acknowledged.filter((n) => !ids.has(eventRecord({ n, at: 1_700_000_000_000 + n }).event.event_id)),
      ).toEqual([]);
    },
  );
});
