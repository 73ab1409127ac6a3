import type { TelemetryEvent, TelemetryReceipt } from '@ghostline/protocol';
import { type SetTimer, realTimer } from '../timer.ts';
import { TransportError } from '../transport/error.ts';
import type { Outbox, OutboxStore } from '../types.ts';
import { UNAUTHENTICATED_MS, backoffMs } from './backoff.ts';
import { excessOf } from './bounds.ts';

/** A hundred events are some 40 KiB: a fifth of the protocol's limits, quickly sent and quickly repeated. */
const BATCH = 100;
/** Waits for company: a suggestion is shown and accepted within a second or two, and both then travel together. */
const GATHER_MS = 1000;
/** About a fortnight of offline work of one developer at 700 events a day, in 4 MB. */
const MAX_ENTRIES = 10_000;
/** Twice that, in UTF-16 code units: what an event holds is ASCII, so these are bytes. */
const MAX_BYTES = 8 * 1024 * 1024;
/** How often to look for what other runs have left: the store is asked with the next attempt after that. */
const LOOK_EVERY_MS = 5 * 60 * 1000;
/** A server that refuses one event after the other is not understood: it must not empty the outbox in a second. */
const REFUSALS_IN_A_ROW = 3;

export interface OutboxOptions {
  readonly store: OutboxStore;
  readonly send: (events: readonly TelemetryEvent[], signal: AbortSignal) => Promise<TelemetryReceipt>;
  readonly setTimer?: SetTimer;
  readonly random?: () => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  /** The server refused this event for good; it is gone. */
  readonly onRejected?: (event: TelemetryEvent, detail: string) => void;
  /**
   * The oldest events went because the outbox was full; called with how many: at the first, and for the others together
   * once it has been emptied, or at the end.
   */
  readonly onDropped?: (count: number) => void;
  /**
   * The store failed, for the first time since it last worked. Events are still sent, and stored again later; until then
   * they would not survive a restart.
   */
  readonly onStoreError?: (error: unknown) => void;
}

interface Entry {
  readonly id: string;
  readonly event: TelemetryEvent;
  readonly json: string;
  /** Settles when the store has the event, or cannot take it. */
  stored: Promise<void>;
  isStored: boolean;
}

/**
 * Events are stored before they are sent, and deleted when a receipt accounts for them; what an earlier run left behind
 * goes first. Exactly once is the server's part, by `event_id`: here an event is rather sent twice than lost.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, send, setTimer = realTimer, random = Math.random, now = Date.now } = options;
  const { maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = options;
  const disposed = new AbortController();
  /** Oldest first. */
  let entries: Entry[] = [];
  /** The first so many of them are being sent. */
  let underWay = 0;
  let batchSize = BATCH;
  let failures = 0;
  let refusals = 0;
  let storeFails = false;
  let dropped: { unreported: number } | undefined;
  let cancelTimer: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  let lookedAt = now();
  const loaded = takeOver();

  /** What earlier runs have left becomes this one's. */
  async function takeOver(): Promise<void> {
    lookedAt = now();
    const earlier: Entry[] = [];
    const unreadable: string[] = [];
    try {
      const left = await store.list();
      const readEvent = left.length > 0 ? await eventReader() : () => undefined;
      const known = new Set(entries.map(({ id }) => id)); // recorded in this run meanwhile
      for (const { id, json } of left) {
        if (known.has(id)) continue;
        const event = readEvent(json);
        if (event) earlier.push({ id, event, json, stored: Promise.resolve(), isStored: true });
        else unreadable.push(id);
      }
      if (unreadable.length > 0) await store.delete(unreadable);
      storeFails = false;
    } catch (error) {
      storeFailed(error);
    }
    entries.splice(underWay, 0, ...earlier);
    makeRoom();
    if (entries.length > 0 && !sending && !cancelTimer) schedule(GATHER_MS);
  }

  function storeFailed(error: unknown): void {
    if (storeFails) return;
    storeFails = true;
    options.onStoreError?.(error);
  }

  async function put(entry: Entry): Promise<void> {
    try {
      await store.put(entry.id, entry.json);
      entry.isStored = true;
      storeFails = false;
    } catch (error) {
      storeFailed(error);
    }
  }
  /** The disk may have room again. */
  function storeRest(): void {
    for (const entry of entries) if (!entry.isStored) entry.stored = entry.stored.then(() => put(entry));
  }

  function schedule(ms: number): void {
    if (disposed.signal.aborted) return;
    cancelTimer?.();
    cancelTimer = setTimer(() => {
      cancelTimer = undefined;
      void pump();
    }, ms);
  }

  /** One sender at a time; whoever comes meanwhile waits for the same one. */
  function pump(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = undefined;
      // Recorded after the last look.
      if (entries.length > 0 && !cancelTimer) schedule(GATHER_MS);
    });
    return sending;
  }

  async function sendAll(): Promise<void> {
    cancelTimer?.();
    cancelTimer = undefined;
    await loaded;
    // However far a clock was set.
    if (Math.abs(now() - lookedAt) >= LOOK_EVERY_MS) await takeOver();
    while (entries.length > 0 && !disposed.signal.aborted) {
      const batch = entries.slice(0, batchSize);
      underWay = batch.length;
      await Promise.all(batch.map((entry) => entry.stored));
      const waitMs = await sendBatch(batch);
      underWay = 0;
      if (waitMs === undefined) continue;
      storeRest();
      schedule(waitMs);
      return;
    }
    reportDropped();
    dropped = undefined;
  }

  /** Undefined when the next batch can go, else how long to wait. */
  async function sendBatch(batch: readonly Entry[]): Promise<number | undefined> {
    try {
      const receipt = await send(
        batch.map((entry) => entry.event),
        disposed.signal,
      );
      const accounted = receipt.accepted + receipt.duplicates + receipt.rejected.length;
      // Which ones are missing is not said: all of them again, the server knows its own.
      if (accounted < batch.length) return backoffMs(++failures, random);
      for (const { index, detail } of receipt.rejected) {
        const entry = batch[index];
        if (entry) options.onRejected?.(entry.event, detail);
      }
      await remove(batch);
    } catch (error) {
      return afterFailure(error, batch);
    }
    failures = 0;
    refusals = 0;
    batchSize = Math.min(BATCH, batchSize * 2);
    return undefined;
  }

  async function afterFailure(error: unknown, batch: readonly Entry[]): Promise<number | undefined> {
    const { failure, status } = error instanceof TransportError ? error : { failure: undefined, status: undefined };
    const isOurs = failure?.reason === 'rejected';
    // The batch as a whole is at fault: halve it until it passes or a single event remains. Too large it may also be for a
    // proxy on the way.
    if (status === 413 || (status === 400 && isOurs)) {
      batchSize = Math.max(1, Math.floor(batch.length / 2));
      if (batch.length > 1) return undefined;
      // That one the server will never take; what a proxy will take, nobody knows.
      if (isOurs) {
        options.onRejected?.(batch[0]!.event, failure.detail);
        await remove(batch);
        if (++refusals < REFUSALS_IN_A_ROW) return undefined;
      }
    }
    failures += 1;
    if (failure?.reason === 'unauthenticated') return UNAUTHENTICATED_MS;
    return backoffMs(failures, random, failure?.retryAfterMs);
  }

  async function remove(gone: readonly Entry[]): Promise<void> {
    const ids = new Set(gone.map((entry) => entry.id));
    entries = entries.filter((entry) => !ids.has(entry.id));
    underWay = 0;
    // Left behind in the store, they are sent again by the next run, as duplicates.
    await store.delete([...ids]).catch(storeFailed);
  }

  function makeRoom(): void {
    const sizes = entries.map(({ json }) => json.length);
    const excess = excessOf(sizes, { maxEntries, maxBytes, keep: underWay });
    if (excess === 0) return;
    const gone = entries.splice(underWay, excess);
    const isFirst = !dropped;
    dropped ??= { unreported: 0 };
    dropped.unreported += excess;
    if (isFirst) reportDropped();
    void Promise.all(gone.map((entry) => entry.stored))
      .then(() => store.delete(gone.map((entry) => entry.id)))
      .catch(storeFailed);
  }

  function reportDropped(): void {
    if (!dropped || dropped.unreported === 0) return;
    options.onDropped?.(dropped.unreported);
    dropped.unreported = 0;
  }

  return {
    record(event) {
      if (disposed.signal.aborted) return;
      const json = JSON.stringify(event);
      const entry: Entry = { id: event.event_id, event, json, stored: Promise.resolve(), isStored: false };
      entries.push(entry);
      entry.stored = put(entry);
      makeRoom();
      // While a server is failing, its wait goes on.
      if (!cancelTimer && !sending) schedule(GATHER_MS);
    },
    async flush() {
      // A sender may be at work on an older state: after it, everything recorded before this call has had its turn.
      await sending;
      await pump();
    },
    async dispose() {
      cancelTimer?.();
      disposed.abort(new DOMException('the outbox is closed', 'AbortError'));
      reportDropped();
      await Promise.all([loaded, sending]);
      storeRest();
      await Promise.all(entries.map((entry) => entry.stored));
      await store.close?.().catch(storeFailed);
    },
  };
}

/** Whole validation is the server's; a file cut short by a crash must not be sent for ever. */
async function eventReader(): Promise<(json: string) => TelemetryEvent | undefined> {
  const schemas = await import('../schemas.ts');
  return (json) => {
    try {
      return schemas.TelemetryEvent.safeParse(JSON.parse(json)).data;
    } catch {
      return undefined;
    }
  };
}
