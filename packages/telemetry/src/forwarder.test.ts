import { createManualClock } from '@ghostline/clock/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { type Forwarder, createForwarder } from './forwarder.ts';
import { createMemoryEventLog } from './testing/memory-event-log.ts';
import { createMemoryStore } from './testing/memory-store.ts';
import { eventRecord } from './testing/records.ts';
import type { AnalyticsStore } from './types.ts';

const T = Date.UTC(2026, 10, 21, 9);
const { signal } = new AbortController();
const DAY = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' };

let forwarder: Forwarder | undefined;
afterEach(() => forwarder?.close());

/** A forwarder between a log and a store in memory, the time in the test's hand, and the inserts it made. */
function setUp({ batchSize = 500, random = 0.5 } = {}) {
  const clock = createManualClock(T);
  const log = createMemoryEventLog();
  const store = createMemoryStore({ now: clock.now });
  const errors: number[] = [];
  const inserts: { count: number; completeThrough: number }[] = [];
  const spied: Pick<AnalyticsStore, 'insert'> = {
    insert: async (batch) => {
      await store.insert(batch);
      inserts.push({ count: batch.records.length, completeThrough: batch.completeThrough });
    },
  };
  const create = () =>
    createForwarder({
      log,
      store: spied,
      gateway: 'eu-1',
      batchSize,
      setTimer: clock.setTimer,
      now: clock.now,
      random: () => random,
      onError: (_, retryInMs) => errors.push(retryInMs),
    });
  forwarder = create();
  let n = 0;
  const append = async (count: number) => {
    await log.append(Array.from({ length: count }, () => eventRecord({ n: (n += 1), at: clock.now() })));
    forwarder?.notify();
  };
  const shown = async () => {
    const { rows } = await store.acceptance(DAY, { org: 'acme', minimumUsers: 1 }, signal);
    return rows[0]?.shown;
  };
  return { clock, log, store, spied, errors, inserts, create, append, shown, forwarder };
}

describe('delivery', () => {
  it('delivers at once what an earlier run left', async () => {
    const { log, clock, inserts } = setUp();
    await log.append([eventRecord({ n: 1, at: T - 5_000 })]);
    await clock.advance(0);
    expect(inserts).toEqual([{ count: 1, completeThrough: T }]);
    expect(log.state().pending).toBe(0);
  });

  it('delivers a burst as one insert, well within a second', async () => {
    const { clock, inserts, append, forwarder } = setUp();
    await clock.advance(1_000);
    inserts.length = 0;
    for (let event = 0; event < 20; event++) {
      await append(1);
      await clock.advance(10);
    }
    await clock.advance(100);
    expect(inserts.map(({ count }) => count)).toEqual([20]);
    expect(forwarder.stats()).toMatchObject({ delivered: 20, failures: 0, lagMs: 0 });
  });

  it('delivers what comes during an insert with the next one', async () => {
    const { clock, inserts, append, spied } = setUp();
    const insert = spied.insert;
    const slow = Promise.withResolvers<void>();
    let first = true;
    Object.assign(spied, {
      insert: async (batch: Parameters<typeof insert>[0]) => {
        if (first) await slow.promise;
        first = false;
        await insert(batch);
      },
    });
    await append(1);
    await clock.advance(1);
    await append(2);
    slow.resolve();
    await clock.advance(1_000);
    expect(inserts.map(({ count }) => count)).toEqual([1, 2]);
  });

  it('works through a backlog without waiting, and says how far it has come', async () => {
    const { log, clock, inserts } = setUp({ batchSize: 2 });
    await log.append([1, 2, 3, 4, 5].map((n) => eventRecord({ n, at: T - 10_000 + n })));
    await clock.advance(0);
    expect(inserts).toEqual([
      { count: 2, completeThrough: T - 10_000 + 2 },
      { count: 2, completeThrough: T - 10_000 + 4 },
      { count: 1, completeThrough: T },
    ]);
  });

  it('sends its watermark every ten seconds when nothing happens', async () => {
    const { clock, inserts } = setUp();
    await clock.advance(20_000);
    expect(inserts).toEqual([0, 10_000, 20_000].map((ms) => ({ count: 0, completeThrough: T + ms })));
  });

  it('changes no report when it crashes between insert and forgetting', async () => {
    const { log, clock, append, shown, forwarder, create } = setUp();
    const { delivered } = log;
    log.delivered = () => Promise.reject(new Error('killed'));
    await append(3);
    await clock.advance(0);
    expect(log.state().pending).toBe(3);
    await forwarder.close();
    log.delivered = delivered;
    const again = create();
    await again.flush();
    await again.close();
    expect(log.state().pending).toBe(0);
    expect(await shown()).toBe(3);
  });
});

describe('a store that is down', () => {
  it('is tried again with growing delays, and gets everything once when it is back', async () => {
    const { clock, store, append, errors, shown, forwarder } = setUp();
    store.fail(new Error('connection refused'));
    await append(3);
    await clock.advance(120_000);
    expect(errors.slice(0, 9)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(forwarder.stats()).toMatchObject({ delivered: 0, lastError: 'connection refused', lagMs: 120_000 });
    store.fail(undefined);
    await clock.advance(15_000);
    expect(await shown()).toBe(3);
    expect(forwarder.stats()).toMatchObject({ delivered: 3, lastError: undefined, lagMs: 0 });
  });

  it('is not tried more often because more arrives', async () => {
    const { clock, store, append, errors } = setUp();
    store.fail(new Error('connection refused'));
    for (let event = 0; event < 100; event++) {
      await append(1);
      await clock.advance(10);
    }
    expect(errors).toEqual([250, 500, 1_000]);
  });

  it('waits between 250 ms and 30 s, spread at random', () => {
    expect(backoffMs(1, 0)).toBe(250);
    expect(backoffMs(1, 0.99)).toBe(495);
    expect(backoffMs(50, 0)).toBe(250);
    expect(backoffMs(50, 0.999)).toBe(29_970);
    expect(backoffMs(5_000, 0.5)).toBe(15_000);
  });
});

describe('flush and close', () => {
  it('flush delivers everything at once, also during a back-off', async () => {
    const { clock, store, append, shown, forwarder } = setUp({ batchSize: 2 });
    store.fail(new Error('down'));
    await append(5);
    await clock.advance(0);
    store.fail(undefined);
    await forwarder.flush();
    expect(await shown()).toBe(5);
  });

  it('flush rejects when the store does not take it', async () => {
    const { store, append, forwarder } = setUp();
    store.fail(new Error('down'));
    await append(1);
    await expect(forwarder.flush()).rejects.toThrow('down');
  });

  it('flush rejects with the reason of its signal, and the insert goes on', async () => {
    const { append, spied, forwarder } = setUp();
    Object.assign(spied, { insert: () => new Promise(() => {}) });
    await append(1);
    await expect(forwarder.flush(AbortSignal.timeout(1))).rejects.toMatchObject({ name: 'TimeoutError' });
    Object.assign(forwarder, { close: async () => {} });
  });

  it('nobody waits longer than a signal, be it fired before or meanwhile', async () => {
    const { append, spied, clock, forwarder } = setUp();
    const slow = Promise.withResolvers<void>();
    Object.assign(spied, { insert: () => slow.promise });
    await append(1);
    await clock.advance(0);
    const abort = new AbortController();
    const flushed = forwarder.flush(abort.signal);
    const closed = forwarder.close(abort.signal);
    abort.abort(new Error('the deadline has passed'));
    await expect(flushed).rejects.toThrow('the deadline has passed');
    await closed;
    await expect(forwarder.flush(abort.signal)).rejects.toThrow('the deadline has passed');
    await forwarder.close(abort.signal);
    slow.resolve();
    await forwarder.close();
  });

  it('does nothing after close', async () => {
    const { clock, append, inserts, forwarder } = setUp();
    await clock.advance(0);
    await forwarder.close();
    await append(1);
    await clock.advance(60_000);
    expect(inserts).toHaveLength(1);
    expect(clock.waiting).toEqual([]);
  });
});
