import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createManualClock } from '@ghostline/clock/testing';
import { createClickHouseStore, createForwarder, openEventLog } from '@ghostline/telemetry';
import { eventRecord, requestRecord } from '@ghostline/telemetry/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startAnalytics } from './analytics.ts';
import { type AnalyticsSupervisor, type SuperviseOptions, superviseAnalytics } from './supervisor.ts';

const { signal } = new AbortController();
const TOKEN = 'secret-token';
const SERVE = fileURLToPath(new URL('./testing/serve-for-test.ts', import.meta.url));
const SUPERVISE = fileURLToPath(new URL('./testing/supervise-for-test.ts', import.meta.url));
const T = Date.UTC(2026, 10, 21, 9, 30);
const DAY = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' };
const patience = { timeout: 15_000, interval: 20 };

let folder: string;
let children: ChildProcess[];
let cleanUps: (() => unknown)[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'supervisor-'));
  children = [];
  cleanUps = [];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  for (const child of children) child.kill('SIGKILL');
  await vi.waitFor(() => expect(children.every((child) => !isAlive(child.pid))).toBe(true), patience);
  rmSync(folder, { recursive: true, force: true });
});

const silent = { info: () => {}, warn: () => {} };

function started(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  children.push(child);
  return child;
}

function supervise(options: Partial<SuperviseOptions> = {}): AnalyticsSupervisor {
  const supervisor = superviseAnalytics({
    token: TOKEN,
    log: silent,
    spawn: ({ port }) => started(SERVE, path.join(folder, 'store'), TOKEN, String(port)),
    // The shortest delays: the tests wait for real processes.
    random: () => 0,
    ...options,
  });
  cleanUps.push(() => supervisor.close());
  return supervisor;
}

const untilRunning = (supervisor: AnalyticsSupervisor) =>
  vi.waitFor(() => expect(supervisor.state()).toEqual({ state: 'ok' }), patience);

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a supervised analytics process', () => {
  it('starts, answers with its token only, and ends with close', async () => {
    const supervisor = supervise();
    expect(supervisor.state()).toEqual({ state: 'degraded', detail: 'starting' });
    expect(() => supervisor.client()).toThrow('The analytics process is not there: starting.');
    await untilRunning(supervisor);
    expect(await supervisor.client().ping({ select: true })).toEqual({ success: true });
    const result = await supervisor
      .client()
      .query({ query: 'SELECT {a:String} AS a', query_params: { a: "it's\t\\" }, format: 'JSONEachRow' });
    expect(await result.json()).toEqual([{ a: "it's\t\\" }]);
    await expect(supervisor.client().command({ query: 'SELECT nothing FROM nowhere' })).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
    await supervisor.close();
    expect(children.map((child) => [child.exitCode, child.signalCode])).toEqual([[0, null]]);
    expect(supervisor.state()).toEqual({ state: 'down', detail: 'closed' });
  });

  it('is started again on its port when it is killed', async () => {
    const supervisor = supervise();
    await untilRunning(supervisor);
    const client = supervisor.client();
    children[0]?.kill('SIGKILL');
    await vi.waitFor(
      () => expect(supervisor.state()).toEqual({ state: 'down', detail: 'restarting: it ended with SIGKILL' }),
      patience,
    );
    await untilRunning(supervisor);
    expect(supervisor.client()).toBe(client);
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  it(
    'loses nothing and doubles nothing when it is killed during inserts, again and again',
    { timeout: 40_000 },
    async () => {
      const supervisor = supervise();
      const store = createClickHouseStore({ client: supervisor.client, now: () => T });
      const log = await openEventLog({ path: path.join(folder, 'events.sqlite') });
      const forwarder = createForwarder({ log, store, gateway: 'eu-1', batchSize: 100 });
      cleanUps.push(
        () => log.close(),
        () => forwarder.close(),
      );

      let views = 0;
      for (let kill = 0; kill < 3; kill++) {
        await untilRunning(supervisor);
        const until = forwarder.stats().delivered + 300 + Math.floor(Math.random() * 500);
        while (forwarder.stats().delivered < until) {
          const numbers = Array.from({ length: 50 }, () => (views += 1));
          await log.append(numbers.map((n) => eventRecord({ n: n * 2, view: n, at: T })));
          await log.append(
            numbers.map((n) => eventRecord({ type: 'completion-accepted', n: n * 2 + 1, view: n, at: T })),
          );
          await log.append(numbers.map((n) => requestRecord(n, T)));
          forwarder.notify();
          await vi.waitFor(() => expect(log.state().pending).toBeLessThan(1_000), patience);
        }
        children.at(-1)?.kill('SIGKILL');
        await once(children.at(-1)!, 'exit');
      }
      await untilRunning(supervisor);
      await forwarder.flush();
      const { rows } = await store.acceptance(
        { ...DAY, group_by: ['model'] },
        { org: 'acme', minimumUsers: 1 },
        signal,
      );
      expect(rows).toEqual([expect.objectContaining({ model: 'fast', shown: views, accepted: views })]);
      expect(log.state()).toMatchObject({ pending: 0, failure: undefined });
      expect(children).toHaveLength(4);
    },
  );

  it(
    'ends when its parent is killed, and the next parent succeeds at once with what it had',
    { timeout: 30_000 },
    async () => {
      const store = path.join(folder, 'store');
      const firstLine = async () => {
        const parent = started(SUPERVISE, store, TOKEN);
        for await (const line of createInterface(parent.stdout!)) {
          const said = JSON.parse(line) as { pid?: number; url?: string; reason?: string };
          if (said.pid !== undefined) return { parent, pid: said.pid };
        }
        throw new Error('the parent ended');
      };
      const first = await firstLine();
      first.parent.kill('SIGKILL');
      const second = await firstLine();
      await vi.waitFor(() => expect(isAlive(first.pid)).toBe(false), patience);
      second.parent.kill('SIGKILL');
      await vi.waitFor(() => expect(isAlive(second.pid)).toBe(false), patience);
    },
  );

  it('says which process has its directory', async () => {
    const dataDir = path.join(folder, 'store');
    const analytics = await startAnalytics({ dataDir, token: TOKEN, port: 0 });
    const warnings: object[] = [];
    const supervisor = supervise({ log: { info: () => {}, warn: (fields: object) => warnings.push(fields) } });
    const reason = `The analytics directory ${dataDir} cannot be opened: process ${process.pid} has it open.`;
    await vi.waitFor(() => expect(warnings).toContainEqual(expect.objectContaining({ reason })), patience);
    await analytics.close();
    await untilRunning(supervisor);
  });

  it('is killed and started again when it says nothing for a minute', async () => {
    const clock = createManualClock();
    const supervisor = supervise({
      setTimer: clock.setTimer,
      now: clock.now,
      spawn: () => started('-e', 'setInterval(() => {}, 1000)'),
    });
    await clock.advance(59_000);
    expect(supervisor.state()).toEqual({ state: 'degraded', detail: 'starting' });
    await clock.advance(1_000);
    await vi.waitFor(
      () => expect(supervisor.state()).toMatchObject({ detail: 'restarting: it did not start within 60 s' }),
      patience,
    );
    await clock.advance(250);
    expect(supervisor.state()).toEqual({ state: 'degraded', detail: 'starting' });
    expect(children).toHaveLength(2);
    children[1]?.kill('SIGKILL');
    await vi.waitFor(
      () => expect(supervisor.state()).toMatchObject({ detail: 'restarting: it ended with SIGKILL' }),
      patience,
    );
  });
});
