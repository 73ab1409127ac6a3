/** An outbox between a disk and a server that both fail at random, and an editor that is killed now and then. */
import { type TelemetryEvent, type TelemetryReceipt, problem } from '@ghostline/protocol';
import { randomFrom } from '@ghostline/seeded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox } from '../outbox/outbox.ts';
import { TransportError } from '../transport/error.ts';
import { broken, problemError, unreachable } from '../transport/failures.ts';
import type { Outbox, OutboxStore } from '../types.ts';
import { createUnsteadyClock } from './testing/unsteady-clock.ts';

const RUNS = 60;
const MAX_ENTRIES = 25;
const ADDRESS = { url: 'http://unruly', setting: 'test' };

let unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

function eventOf(number: number): TelemetryEvent {
  return {
    type: 'completion-rejected',
    event_id: `019a0000-0000-7000-8000-${String(number).padStart(12, '0')}`,
    completion_id: 'cmp_12345678',
    choice: 0,
    view_id: '019a0000-0000-7000-8000-000000000001',
    time: new Date(Date.UTC(2026, 0, 1)).toISOString(),
    how: 'inferred',
    chars: 1,
    lines: 1,
    after_s: 0,
  };
}

async function play(seed: number) {
  const random = randomFrom(seed);
  const isBadDisk = seed % 3 !== 0;
  const clock = createUnsteadyClock();
  const disk = new Map<string, string>();
  /** In order of arrival, copies left out. */
  const taken: string[] = [];
  const refused = new Set<string>();
  let copies = 0;
  let kills = 0;
  let dropped = 0;
  let isWell = false;
  let recorded = 0;
  /** Neither on the disk nor delivered at the end of a run: nobody has promised these. */
  const lost = new Set<string>();
  /** Deleted without having been delivered. */
  const deleted = new Set<string>();

  function take(events: readonly TelemetryEvent[]): TelemetryReceipt {
    const rejected: TelemetryReceipt['rejected'] = [];
    let accepted = 0;
    let duplicates = 0;
    for (const [index, { event_id: id }] of events.entries()) {
      // One in forty is one that this server will never take.
      if (Number(id.slice(-6)) % 40 === 7) {
        refused.add(id);
        rejected.push({ index, detail: 'never' });
      } else if (taken.includes(id)) {
        duplicates += 1;
        copies += 1;
      } else {
        taken.push(id);
        accepted += 1;
      }
    }
    return { accepted, duplicates, rejected };
  }

  function open() {
    const run = { isAlive: true };
    const diskFails = () => isBadDisk && !isWell && random(8) === 0;
    /** A process that is gone does nothing any more, not even the rest of what it was about to do. */
    const gone = () => (run.isAlive ? undefined : new Promise<never>(() => {}));
    const store: OutboxStore = {
      async put(id, json) {
        await gone();
        if (diskFails()) throw new Error('ENOSPC');
        disk.set(id, json);
      },
      async list() {
        await gone();
        if (diskFails()) throw new Error('EIO');
        return [...disk].map(([id, json]) => ({ id, json })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      },
      async delete(ids) {
        await gone();
        for (const id of ids) if (!taken.includes(id) && !refused.has(id)) deleted.add(id);
        if (diskFails()) throw new Error('EACCES');
        for (const id of ids) disk.delete(id);
      },
    };
    const outbox = createOutbox({
      store,
      async send(events, signal) {
        await gone();
        signal.throwIfAborted();
        if (isWell) return take(events);
        switch (random(9)) {
          case 0:
            throw unreachable(ADDRESS, new Error('ECONNREFUSED'));
          case 1:
            // It has them, and its word is lost.
            take(events);
            throw broken(ADDRESS, 'broke off');
          case 2:
            return { ...take(events), accepted: 0, duplicates: 0, rejected: [] };
          case 3:
            throw problemError(problem('event-log-unavailable', 'The disk is full.', { retry_after_ms: random(5000) }));
          case 4:
            throw new TransportError({ reason: 'protocol', detail: 'too large', retryable: false }, { status: 413 });
          case 5:
            throw new RangeError('a bug');
          case 6:
            throw problemError(problem('unauthenticated', 'A key is needed.'));
          default:
            return take(events);
        }
      },
      setTimer: (ring, ms) => clock.setTimer(() => run.isAlive && ring(), ms),
      random: () => random(1000) / 1000,
      now: clock.now,
      maxEntries: MAX_ENTRIES,
      onDropped: (count) => (dropped += count),
    });
    return { run, outbox };
  }

  async function kill({ run }: { run: { isAlive: boolean } }): Promise<void> {
    run.isAlive = false;
    await clock.settle();
    noteUnstored();
  }
  function noteUnstored(): void {
    for (let number = 1; number <= recorded; number++) {
      const { event_id: id } = eventOf(number);
      if (!disk.has(id) && !taken.includes(id)) lost.add(id);
    }
  }

  let current: { run: { isAlive: boolean }; outbox: Outbox } = open();
  for (let step = 0; step < 120; step++) {
    const what = random(20);
    if (what < 14) for (let count = random(4); count > 0; count--) current.outbox.record(eventOf(++recorded));
    else if (what < 15) void current.outbox.flush();
    else if (what < 16) clock.leap((random(3) - 1) * 3_600_000);
    else if (what < 17 && random(3) === 0) {
      kills += 1;
      await kill(current);
      current = open();
    } else if (what < 18 && random(3) === 0) {
      await current.outbox.dispose();
      noteUnstored();
      current = open();
    } else await clock.advance(random(10) === 0 ? 400_000 : random(3000));
  }
  isWell = true;
  await clock.advance(3_600_000);
  await current.outbox.dispose();
  // What a disk has failed to delete is sent once more by the next run, and counts once.
  const last = open();
  await last.outbox.flush();
  await last.outbox.dispose();
  await clock.settle();
  const waiting = clock.waiting;
  clock.dispose();
  return {
    recorded,
    taken,
    refused,
    lost,
    deleted,
    dropped,
    copies,
    isBadDisk,
    kills,
    left: [...disk.keys()],
    waiting,
  };
}

describe(`${RUNS} outboxes`, () => {
  it('deliver in order and once what was promised, and count what had no room', { timeout: 30_000 }, async () => {
    let delivered = 0;
    let drops = 0;
    let copies = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const why = `seed ${seed}`;
      const result = await play(seed);
      expect(result.left, why).toEqual([]);
      expect(new Set(result.taken).size, why).toBe(result.taken.length);
      const missing = Array.from({ length: result.recorded }, (_, n) => eventOf(n + 1).event_id).filter(
        (id) => !result.taken.includes(id) && !result.refused.has(id),
      );
      expect(
        missing.filter((id) => !result.lost.has(id) && !result.deleted.has(id)),
        why,
      ).toEqual([]);
      // What a run has not told of when it is killed, nobody tells.
      if (result.kills === 0) {
        expect(result.dropped, why).toBeGreaterThanOrEqual(result.deleted.size);
        expect(result.dropped, why).toBeLessThanOrEqual(result.deleted.size + result.taken.length);
        expect(missing.length, why).toBeLessThanOrEqual(result.dropped);
      }
      // What such a disk gives back late comes late.
      if (!result.isBadDisk) expect(result.taken, why).toEqual(result.taken.toSorted());
      expect(result.waiting, why).toBe(0);
      delivered += result.taken.length;
      drops += result.dropped;
      copies += result.copies;
    }
    expect(delivered).toBeGreaterThan(2000);
    expect(drops).toBeGreaterThan(50);
    expect(copies).toBeGreaterThan(50);
  });
});
