import { TelemetryEvent, type TelemetryReceipt } from '@ghostline/protocol';
import { type SetTimer, realTimer } from '../timer.ts';
import { TransportError } from '../transport/error.ts';
import type { Outbox, OutboxStore } from '../types.ts';
import { UNAUTHENTICATED_MS, backoffMs } from './backoff.ts';

/** A hundred events are some 40 KiB: a fifth of the protocol's limits, quickly sent and quickly repeated. */
const BATCH = 100;
/** Waits for company: a suggestion is shown and accepted within a second or two, and both then travel together. */
const GATHER_MS = 1000;
/** About a fortnight of offline work of one developer at 700 events a day, in 4 MB. */
const MAX_ENTRIES = 10_000;

export interface OutboxOptions {
  readonly store: OutboxStore;
  readonly send: (events: readonly TelemetryEvent[], signal: AbortSignal) => Promise<TelemetryReceipt>;
  readonly setTimer?: SetTimer;
  readonly random?: () => number;
  readonly maxEntries?: number;
  /** The server refused this event for good; it is gone. */
  readonly onRejected?: (event: TelemetryEvent, detail: string) => void;
  /** The oldest events went because `maxEntries` was reached; called with how many. */
  readonly onDropped?: (count: number) => void;
  /** The store failed. Events are still sent, but would not survive a restart. */
  readonly onStoreError?: (error: unknown) => void;
}

interface Entry {
  readonly id: string;
  readonly event: TelemetryEvent;
  /** Settles when the store has the event, or cannot take it. */
  readonly stored: Promise<void>;
}

/**
 * Events are stored before they are sent, and deleted when a receipt accounts for them; what an earlier run left behind
 * goes first. Exactly once is the server's part, by `event_id`: here an event is rather sent twice than lost.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store, send, setTimer = realTimer, random = Math.random, maxEntries = MAX_ENTRIES } = options;
  const disposed = new AbortController();
  /** Oldest first. */
  let entries: Entry[] = [];
  let batchSize = BATCH;
  let failures = 0;
  let cancelTimer: (() => void) | undefined;
  let sending: Promise<void> | undefined;
  const loaded = loadEarlier();

  async function loadEarlier(): Promise<void> {
    const earlier: Entry[] = [];
    const unreadable: string[] = [];
    try {
      for (const { id, json } of await store.list()) {
        if (entries.some((entry) => entry.id === id)) continue; // recorded in this run meanwhile
        const event = readEvent(json);
        if (event) earlier.push({ id, event, stored: Promise.resolve() });
        else unreadable.push(id);
      }
      if (unreadable.length > 0) await store.delete(unreadable);
    } catch (error) {
      options.onStoreError?.(error);
    }
    entries = [...earlier, ...entries];
    dropOldest();
    if (entries.length > 0) schedule(GATHER_MS);
  }

  async function put(event: TelemetryEvent): Promise<void> {
    try {
      await store.put(event.event_id, JSON.stringify(event));
    } catch (error) {
      options.onStoreError?.(error);
    }
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
    while (entries.length > 0 && !disposed.signal.aborted) {
      const batch = entries.slice(0, batchSize);
      await Promise.all(batch.map((entry) => entry.stored));
      const waitMs = await sendBatch(batch);
      if (waitMs === undefined) continue;
      schedule(waitMs);
      return;
    }
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
    batchSize = Math.min(BATCH, batchSize * 2);
    return undefined;
  }

  async function afterFailure(error: unknown, batch: readonly Entry[]): Promise<number | undefined> {
    const { failure, status } = error instanceof TransportError ? error : { failure: undefined, status: undefined };
    if (failure?.reason === 'rejected' && (status === 400 || status === 413)) {
      // The batch as a whole is at fault: halve it until it passes or a single event remains, which never will.
      batchSize = Math.max(1, Math.floor(batch.length / 2));
      if (batch.length === 1) {
        options.onRejected?.(batch[0]!.event, failure.detail);
        await remove(batch);
      }
      return undefined;
    }
    failures += 1;
    if (failure?.reason === 'unauthenticated') return UNAUTHENTICATED_MS;
    return backoffMs(failures, random, failure?.retryAfterMs);
  }

  async function remove(gone: readonly Entry[]): Promise<void> {
    const ids = new Set(gone.map((entry) => entry.id));
    entries = entries.filter((entry) => !ids.has(entry.id));
    // Left behind in the store, they are sent again by the next run, as duplicates.
    await store.delete([...ids]).catch((error: unknown) => options.onStoreError?.(error));
  }

  function dropOldest(): void {
    const excess = entries.length - maxEntries;
    if (excess <= 0) return;
    const dropped = entries.slice(0, excess);
    options.onDropped?.(excess);
    entries = entries.slice(excess);
    void Promise.all(dropped.map((entry) => entry.stored))
      .then(() => store.delete(dropped.map((entry) => entry.id)))
      .catch((error: unknown) => options.onStoreError?.(error));
  }

  return {
    record(event) {
      if (disposed.signal.aborted) return;
      entries.push({ id: event.event_id, event, stored: put(event) });
      dropOldest();
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
      await Promise.all([loaded, sending, ...entries.map((entry) => entry.stored)]);
    },
  };
}

/** Whole validation is the server's; a file cut short by a crash must not be sent for ever. */
function readEvent(json: string): TelemetryEvent | undefined {
  try {
    const result = TelemetryEvent.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
