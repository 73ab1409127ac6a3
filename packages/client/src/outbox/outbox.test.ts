import type { TelemetryEvent, TelemetryReceipt } from '@ghostline/protocol';
import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryOutboxStore } from '../testing/memory-outbox-store.ts';
import { TransportError } from '../transport/error.ts';
import type { ClientFailure, OutboxStore } from '../types.ts';
import { backoffMs } from './backoff.ts';
import { type OutboxOptions, createOutbox } from './outbox.ts';

function event(): TelemetryEvent {
  return {
    type: 'completion-rejected',
    event_id: v7(),
    completion_id: 'cmp_12345678',
    choice: 0,
    view_id: v7(),
    time: '2026-01-01T00:00:00.000Z',
    how: 'inferred',
    chars: 1,
    lines: 1,
    after_s: 0,
  };
}

const all = (batch: readonly TelemetryEvent[]): TelemetryReceipt => ({
  accepted: batch.length,
  duplicates: 0,
  rejected: [],
});

type Answer = (batch: readonly TelemetryEvent[]) => TelemetryReceipt | Promise<TelemetryReceipt>;

/** An outbox before a server that answers batch after batch as told, and with all accepted afterwards. */
function open(answers: Answer[] = [], { earlier = [] as TelemetryEvent[], ...options }: OpenOptions = {}) {
  const clock = createManualClock();
  const store = createMemoryOutboxStore(earlier.map((one) => [one.event_id, JSON.stringify(one)] as const));
  const batches: string[][] = [];
  const outbox = createOutbox({
    store,
    async send(events, signal) {
      signal.throwIfAborted();
      batches.push(events.map(({ event_id }) => event_id));
      return (answers.shift() ?? all)(events);
    },
    setTimer: clock.setTimer,
    now: clock.now,
    random: () => 1,
    ...options,
  });
  return { clock, store, batches, outbox };
}
type OpenOptions = Partial<OutboxOptions> & { earlier?: TelemetryEvent[] };

function fails(reason: ClientFailure['reason'], status?: number, retryAfterMs?: number): Answer {
  return () => {
    const failure = { reason, detail: reason, retryable: true, ...(retryAfterMs ? { retryAfterMs } : {}) };
    throw new TransportError(failure, status ? { status } : {});
  };
}

const ids = (events: readonly TelemetryEvent[]) => events.map(({ event_id }) => event_id);

describe('an event', () => {
  it('is stored before it is sent, sent with its company in order, and deleted with the receipt', async () => {
    const { clock, store, batches, outbox } = open();
    const events = [event(), event(), event()];
    for (const one of events) outbox.record(one);
    await clock.settle();
    expect([...store.entries.keys()]).toEqual(ids(events));
    expect(batches).toEqual([]);
    await clock.advance(1000);
    expect(batches).toEqual([ids(events)]);
    expect(store.entries.size).toBe(0);
  });

  it('of an earlier run goes before the new ones', async () => {
    const earlier = [event(), event()];
    const { batches, outbox } = open([], { earlier });
    const fresh = event();
    outbox.record(fresh);
    await outbox.flush();
    expect(batches).toEqual([ids([...earlier, fresh])]);
  });

  it('of an earlier run is sent without a new one', async () => {
    const earlier = [event()];
    const { clock, batches } = open([], { earlier });
    await clock.advance(1000);
    expect(batches).toEqual([ids(earlier)]);
  });

  it('that an earlier run left unreadable is removed', async () => {
    const store = createMemoryOutboxStore([['x', '{"type":"completion-sh']]);
    const { clock, batches } = open([], { store });
    await clock.advance(1000);
    expect(store.entries.size).toBe(0);
    expect(batches).toEqual([]);
  });

  it('travels in batches of a hundred', async () => {
    const { batches, outbox } = open();
    for (let i = 0; i < 250; i++) outbox.record(event());
    await outbox.flush();
    expect(batches.map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  it('that the server knows already is done', async () => {
    const { store, outbox } = open([() => ({ accepted: 0, duplicates: 1, rejected: [] })]);
    outbox.record(event());
    await outbox.flush();
    expect(store.entries.size).toBe(0);
  });

  it('that the server refuses is dropped and reported, and its neighbours are not', async () => {
    const rejected: [string, string][] = [];
    const { store, outbox } = open(
      [() => ({ accepted: 1, duplicates: 0, rejected: [{ index: 1, detail: 'too old' }] })],
      {
        onRejected: (one, detail) => rejected.push([one.event_id, detail]),
      },
    );
    const events = [event(), event()];
    for (const one of events) outbox.record(one);
    await outbox.flush();
    expect(rejected).toEqual([[events[1]!.event_id, 'too old']]);
    expect(store.entries.size).toBe(0);
  });

  it('stays when a receipt does not account for it', async () => {
    const { store, batches, outbox, clock } = open([() => ({ accepted: 1, duplicates: 0, rejected: [] })]);
    outbox.record(event());
    outbox.record(event());
    await outbox.flush();
    expect(store.entries.size).toBe(2);
    await clock.advance(1000);
    expect(batches).toHaveLength(2);
    expect(store.entries.size).toBe(0);
  });

  it('recorded while a batch is under way follows it', async () => {
    const gate = Promise.withResolvers<void>();
    const first = event();
    const second = event();
    const { batches, outbox } = open([
      async (batch) => {
        await gate.promise;
        return all(batch);
      },
    ]);
    outbox.record(first);
    const flushed = outbox.flush();
    outbox.record(second);
    gate.resolve();
    await flushed;
    await outbox.flush();
    expect(batches.flat()).toEqual(ids([first, second]));
  });
});

describe('a server that fails', () => {
  it('is asked again after growing delays, with the same events in the same order', async () => {
    const { clock, batches, outbox } = open([fails('unreachable'), fails('server', 503), fails('server', 500)]);
    const events = [event(), event()];
    for (const one of events) outbox.record(one);
    await clock.advance(1000);
    for (const [attempts, delay] of [
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ] as const) {
      expect(batches).toHaveLength(attempts);
      await clock.advance(delay - 1);
      expect(batches).toHaveLength(attempts);
      await clock.advance(1);
    }
    expect(batches).toEqual([ids(events), ids(events), ids(events), ids(events)]);
  });

  it('is not asked by every new event meanwhile', async () => {
    const { clock, batches, outbox } = open([fails('unreachable'), fails('unreachable'), fails('unreachable')]);
    outbox.record(event());
    await clock.advance(1000 + 1000 + 2000);
    expect(batches).toHaveLength(3);
    outbox.record(event());
    await clock.advance(3999);
    expect(batches).toHaveLength(3);
  });

  it('is given the time it asks for', async () => {
    const { clock, batches, outbox } = open([fails('rate-limited', 429, 30_000)]);
    outbox.record(event());
    await clock.advance(1000 + 29_999);
    expect(batches).toHaveLength(1);
    await clock.advance(1);
    expect(batches).toHaveLength(2);
  });

  it('without a valid key is left alone for five minutes, or until told', async () => {
    const { clock, batches, store, outbox } = open([fails('unauthenticated', 401)]);
    outbox.record(event());
    await clock.advance(1000 + 299_999);
    expect(batches).toHaveLength(1);
    await outbox.flush();
    expect(batches).toHaveLength(2);
    expect(store.entries.size).toBe(0);
  });

  it.each([400, 413])('with %i gets halves, until the event that is at fault is found and dropped', async (status) => {
    const rejected: string[] = [];
    const events = Array.from({ length: 5 }, event);
    const bad = events[2]!.event_id;
    const refuse: Answer = (batch) => (ids(batch).includes(bad) ? fails('rejected', status)(batch) : all(batch));
    const { batches, store, outbox } = open(
      Array.from({ length: 20 }, () => refuse),
      {
        onRejected: (one) => rejected.push(one.event_id),
      },
    );
    for (const one of events) outbox.record(one);
    await outbox.flush();
    expect(rejected).toEqual([bad]);
    expect(store.entries.size).toBe(0);
    expect(new Set(batches.flat())).toEqual(new Set(ids(events)));
  });

  it('with 413 by a proxy on the way gets smaller batches, and loses nothing', async () => {
    const rejected: string[] = [];
    const limit: Answer = (batch) => (batch.length > 2 ? fails('protocol', 413)(batch) : all(batch));
    const events = Array.from({ length: 9 }, event);
    const { batches, store, outbox } = open(
      Array.from({ length: 30 }, () => limit),
      { onRejected: (one) => rejected.push(one.event_id) },
    );
    for (const one of events) outbox.record(one);
    await outbox.flush();
    expect(batches.filter(({ length }) => length <= 2).flat()).toEqual(ids(events));
    expect(rejected).toEqual([]);
    expect(store.entries.size).toBe(0);
  });

  it('with 413 by a proxy for one event alone keeps it, and waits', async () => {
    const { clock, batches, store, outbox } = open([fails('protocol', 413), fails('protocol', 413)]);
    outbox.record(event());
    await clock.advance(1000 + 999);
    expect(batches).toHaveLength(1);
    await clock.advance(1 + 2000);
    expect(batches).toHaveLength(3);
    expect(store.entries.size).toBe(0);
  });

  it('with 400 for everything is asked ever more rarely, and does not empty the outbox at once', async () => {
    const rejected: string[] = [];
    const { clock, store, outbox } = open(
      Array.from({ length: 1000 }, () => fails('rejected', 400)),
      { onRejected: (one) => rejected.push(one.event_id) },
    );
    for (let n = 0; n < 50; n++) outbox.record(event());
    await clock.advance(60_000);
    expect(rejected.length).toBeLessThan(10);
    expect(store.entries.size + rejected.length).toBe(50);
  });

  it('with 404 keeps its events: it may be the wrong address', async () => {
    const { store, outbox } = open([fails('rejected', 404)]);
    outbox.record(event());
    await outbox.flush();
    expect(store.entries.size).toBe(1);
  });
});

describe('bounds', () => {
  it('report what they drop at the first, and the others together once the outbox is empty', async () => {
    const reports: number[] = [];
    const refuse = Array.from({ length: 3 }, () => fails('unreachable'));
    const { outbox, clock } = open(refuse, { maxEntries: 2, onDropped: (count) => reports.push(count) });
    for (let n = 0; n < 10; n++) {
      outbox.record(event());
      await clock.advance(100);
    }
    expect(reports).toEqual([1]);
    await clock.advance(10_000);
    expect(reports).toEqual([1, 7]);
    for (let n = 0; n < 4; n++) outbox.record(event());
    expect(reports).toEqual([1, 7, 1]);
    await outbox.dispose();
    expect(reports).toEqual([1, 7, 1, 1]);
  });

  it('count bytes, too', async () => {
    const size = JSON.stringify(event()).length;
    let dropped = 0;
    const { store, outbox, clock } = open([], { maxBytes: 3 * size, onDropped: (count) => (dropped += count) });
    const events = Array.from({ length: 5 }, event);
    for (const one of events) outbox.record(one);
    await clock.settle();
    expect(dropped).toBe(1);
    await outbox.dispose();
    expect([...store.entries.keys()]).toEqual(ids(events.slice(2)));
    expect(dropped).toBe(2);
  });

  it('keep what is being sent', async () => {
    const gate = Promise.withResolvers<void>();
    let dropped = 0;
    const { batches, outbox, clock } = open(
      [
        async (batch) => {
          await gate.promise;
          return all(batch);
        },
      ],
      { maxEntries: 2, onDropped: (count) => (dropped += count) },
    );
    const events = Array.from({ length: 4 }, event);
    outbox.record(events[0]!);
    const flushed = outbox.flush();
    await clock.settle();
    for (const one of events.slice(1)) outbox.record(one);
    gate.resolve();
    await flushed;
    await outbox.flush();
    expect(batches).toEqual([[events[0]!.event_id], [events[3]!.event_id]]);
    expect(dropped).toBe(2);
  });

  it('drop the oldest events and say how many', async () => {
    let dropped = 0;
    const { store, batches, outbox, clock } = open([], { maxEntries: 2, onDropped: (count) => (dropped += count) });
    const events = [event(), event(), event()];
    for (const one of events) outbox.record(one);
    await clock.settle();
    expect(dropped).toBe(1);
    expect([...store.entries.keys()]).toEqual(ids(events.slice(1)));
    await outbox.flush();
    expect(batches).toEqual([ids(events.slice(1))]);
  });
});

describe('other runs', () => {
  it('that have come to an end leave their events to this one, which looks every five minutes while it sends', async () => {
    const { clock, store, batches, outbox } = open();
    await clock.advance(1000);
    const left = event();
    await store.put(left.event_id, JSON.stringify(left));
    const own = [event(), event()];
    outbox.record(own[0]!);
    await clock.advance(5 * 60_000);
    expect(batches).toEqual([[own[0]!.event_id]]);
    outbox.record(own[1]!);
    await clock.advance(1000);
    expect(batches[1]).toEqual([left.event_id, own[1]!.event_id]);
    expect(store.entries.size).toBe(0);
  });

  it('are looked for after a clock was set, too, and nothing waits for it', async () => {
    let setMs = 0;
    const clock = createManualClock();
    const store = createMemoryOutboxStore();
    const sent: string[] = [];
    const outbox = createOutbox({
      store,
      async send(events) {
        sent.push(...ids(events));
        return all(events);
      },
      setTimer: clock.setTimer,
      now: () => clock.now() + setMs,
    });
    await clock.settle();
    const left = [event(), event()];
    for (const [index, jumpMs] of [-86_400_000, 86_400_000].entries()) {
      await store.put(left[index]!.event_id, JSON.stringify(left[index]));
      setMs = jumpMs;
      outbox.record(event());
      await clock.advance(1000);
      expect(sent).toContain(left[index]!.event_id);
    }
    expect(sent).toHaveLength(4);
  });

  it('may take over what this one leaves when it is closed', async () => {
    let closed = 0;
    const store = Object.assign(createMemoryOutboxStore(), {
      close: async () => {
        closed += 1;
      },
    });
    const { outbox } = open([], { store });
    await outbox.dispose();
    expect(closed).toBe(1);
  });
});

describe('a store that fails', () => {
  it('is reported once until it works again, and gets what it could not take when there is room', async () => {
    const errors: string[] = [];
    const memory = createMemoryOutboxStore();
    let isFull = true;
    const store: OutboxStore = {
      ...memory,
      put: async (id, json) => {
        if (isFull) throw new Error('no space left on device');
        await memory.put(id, json);
      },
    };
    const refuse = Array.from({ length: 3 }, () => fails('unreachable'));
    const { outbox, clock } = open(refuse, { store, onStoreError: (error) => errors.push(String(error)) });
    const events = Array.from({ length: 5 }, event);
    for (const one of events) outbox.record(one);
    await clock.advance(1000);
    expect(errors).toHaveLength(1);
    isFull = false;
    await clock.advance(1000);
    expect([...memory.entries.keys()]).toEqual(ids(events));
    isFull = true;
    outbox.record(event());
    await clock.settle();
    expect(errors).toHaveLength(2);
  });

  it('whatever it is asked is reported once, and events are sent all the same', async () => {
    const errors: unknown[] = [];
    const store: OutboxStore = {
      put: () => {
        throw new Error('disk full');
      },
      list: () => Promise.reject(new Error('no such directory')),
      delete: () => Promise.reject(new Error('no such file')),
    };
    const { batches, outbox } = open([], { store, onStoreError: (error) => errors.push(error) });
    const one = event();
    outbox.record(one);
    await outbox.flush();
    expect(batches).toEqual([[one.event_id]]);
    expect(errors.map(String)).toEqual(['Error: disk full']);
    await outbox.flush();
    expect(batches).toHaveLength(1);
  });
});

describe('disposing', () => {
  it('waits for the store, ends the request under way, and leaves the rest to the next run', async () => {
    const { store, batches, outbox, clock } = open([() => new Promise(() => undefined)]);
    outbox.record(event());
    await outbox.dispose();
    expect(store.entries.size).toBe(1);
    outbox.record(event());
    await clock.advance(10_000);
    expect(store.entries.size).toBe(1);
    expect(batches).toEqual([]);
  });

  it('aborts what is being sent', async () => {
    const sending = Promise.withResolvers<void>();
    const { store, outbox } = open([], {
      send: (_, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          sending.resolve();
        }),
    });
    outbox.record(event());
    const flushed = outbox.flush();
    await sending.promise;
    await outbox.dispose();
    await flushed;
    expect(store.entries.size).toBe(1);
  });
});

describe('the delay between attempts', () => {
  it('doubles from one second to five minutes, anywhere below that', () => {
    expect([1, 2, 3, 9, 10, 1000].map((failures) => backoffMs(failures, () => 1))).toEqual([
      1000, 2000, 4000, 256_000, 300_000, 300_000,
    ]);
    expect(backoffMs(5, () => 0)).toBe(0);
    expect(backoffMs(5, () => 0, 700)).toBe(700);
  });
});
