import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TransportError, createOutbox } from '@ghostline/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiskOutboxStore } from './disk-outbox-store.ts';
import { nodeFolder } from './testing/node-folder.ts';
import { anEvent } from './testing/outbox-events.ts';

const GONE_MS = 16 * 60_000;

let directory: string;
let server: Server;
let url: string;
/** How often each event came. */
let received: Map<string, number>;
/** So many requests fail before the server is there. */
let failing: number;
const processes = new Set<ChildProcess>();

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'outbox-'));
  received = new Map();
  failing = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (failing-- > 0) return void response.writeHead(503).end();
    const { events } = JSON.parse(body) as { events: { event_id: string }[] };
    for (const { event_id: id } of events) received.set(id, (received.get(id) ?? 0) + 1);
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ accepted: events.length, duplicates: 0, rejected: [] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const child of processes) child.kill('SIGKILL');
  processes.clear();
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

/** A window in a process of its own; `said` are the events it has on the disk, or has recorded. */
function openWindow(...argv: string[]) {
  const script = path.join(import.meta.dirname, 'testing', 'outbox-process.ts');
  const child = spawn(process.execPath, [script, directory, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'close');
  return {
    said: () => output.split('\n').slice(0, -1),
    ended,
    async killed() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('the outbox of several windows', () => {
  it('keeps every event of a window that was killed in the middle of writing', { timeout: 30_000 }, async () => {
    for (let run = 0; run < 3; run++) {
      const window = openWindow('put');
      while (window.said().length < 50 + run) await new Promise((resolve) => setTimeout(resolve, 3));
      await window.killed();
      const later = createDiskOutboxStore(nodeFolder(directory), { now: () => Date.now() + GONE_MS });
      const left = await later.list();
      const ids = new Set(left.map(({ id }) => id));
      expect(window.said().filter((id) => !ids.has(id))).toEqual([]);
      for (const { json } of left) expect(() => JSON.parse(json)).not.toThrow();
      expect(left.map(({ id }) => id)).toEqual([...ids].toSorted());
      await later.delete([...ids]);
      expect((await readdir(directory)).filter((name) => name.endsWith('.json'))).toEqual([]);
    }
  });

  it('sends each event once, also those that an earlier one has left to both', { timeout: 30_000 }, async () => {
    const closed = createDiskOutboxStore(nodeFolder(directory));
    const left = Array.from({ length: 150 }, () => anEvent());
    for (const event of left) await closed.put(event.event_id, JSON.stringify(event));
    await closed.close();
    // As an earlier version named its files, and as a crash leaves one.
    const old = anEvent();
    await writeFile(path.join(directory, `${old.event_id}.json`), JSON.stringify(old));
    await writeFile(path.join(directory, `${anEvent(0).event_id}.json`), '{"type":"completion-rej');
    failing = 4;

    const windows = [openWindow('send', url, '100'), openWindow('send', url, '100')];
    await Promise.all(windows.map(({ ended }) => ended));
    const expected = [...left.map((event) => event.event_id), old.event_id, ...windows.flatMap(({ said }) => said())];
    expect([...received.keys()].toSorted()).toEqual(expected.toSorted());
    expect([...received].filter(([, times]) => times > 1)).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('leaves a window alone that is there, and takes over from one that was killed', { timeout: 30_000 }, async () => {
    const killed = openWindow('put');
    while (killed.said().length < 100) await new Promise((resolve) => setTimeout(resolve, 3));

    const beside = openWindow('send', url, '10');
    await beside.ended;
    expect([...received.keys()].toSorted()).toEqual(beside.said().toSorted());

    await killed.killed();
    const after = openWindow('send', url, '1', String(GONE_MS));
    await after.ended;
    const promised = [...killed.said(), ...beside.said(), ...after.said()];
    expect(promised.filter((id) => !received.has(id))).toEqual([]);
    expect([...received].filter(([, times]) => times > 1)).toEqual([]);
  });

  it('on a disk that is full sends all the same, and leaves no torn file for ever', async () => {
    const real = nodeFolder(directory);
    let isFull = true;
    const store = createDiskOutboxStore({
      ...real,
      async write(name, content) {
        if (!isFull || name.endsWith('.alive')) return real.write(name, content);
        await real.write(name, content.slice(0, content.length / 2));
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    });
    const errors: unknown[] = [];
    const sent: string[] = [];
    let isAway = true;
    const outbox = createOutbox({
      store,
      async send(events) {
        if (isAway) throw new TransportError({ reason: 'unreachable', detail: 'away', retryable: true });
        sent.push(...events.map((event) => event.event_id));
        return { accepted: events.length, duplicates: 0, rejected: [] };
      },
      onStoreError: (error) => errors.push(error),
    });
    const events = Array.from({ length: 20 }, () => anEvent());
    for (const event of events.slice(0, 10)) outbox.record(event);
    await outbox.flush();
    await outbox.flush();
    expect(errors).toHaveLength(1);
    isFull = false;
    await outbox.dispose();

    // What it could not write at first it has written since; a new run sends it.
    isAway = false;
    const next = createOutbox({
      store: createDiskOutboxStore(real),
      async send(batch) {
        sent.push(...batch.map((event) => event.event_id));
        return { accepted: batch.length, duplicates: 0, rejected: [] };
      },
    });
    for (const event of events.slice(10)) next.record(event);
    await next.flush();
    await next.dispose();
    expect(sent).toEqual(events.map((event) => event.event_id));
    expect(await readdir(directory)).toEqual([]);
  });

  it(
    'takes three thousand events that an earlier run has left, and sends them in order',
    { timeout: 30_000 },
    async () => {
      const events = Array.from({ length: 3000 }, (_, n) => anEvent(Date.now() - 20_000 + n));
      for (let first = 0; first < events.length; first += 100) {
        const some = events.slice(first, first + 100);
        const write = ({ event_id }: { event_id: string }, n: number) =>
          writeFile(path.join(directory, `${event_id}.json`), JSON.stringify(some[n]));
        await Promise.all(some.map(write));
      }
      const sent: string[] = [];
      const outbox = createOutbox({
        store: createDiskOutboxStore(nodeFolder(directory)),
        async send(batch) {
          sent.push(...batch.map((event) => event.event_id));
          return { accepted: batch.length, duplicates: 0, rejected: [] };
        },
      });
      await outbox.flush();
      await outbox.dispose();
      expect(sent).toEqual(events.map((event) => event.event_id));
      expect(await readdir(directory)).toEqual([]);
    },
  );
});
