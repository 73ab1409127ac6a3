import { type SetTimer, backgroundTimer } from '@ghostline/clock';
import { backoffMs } from './backoff.ts';
import type { AnalyticsStore, EventLog } from './types.ts';

export interface ForwarderOptions {
  readonly log: Pick<EventLog, 'read' | 'delivered' | 'state'>;
  readonly store: Pick<AnalyticsStore, 'insert'>;
  /** Name of this gateway, the same after every restart: the store keeps a watermark for each. */
  readonly gateway: string;
  /** Records per insert, at most. Default 500: a millisecond or two of JSON on this thread, 10 ms in the store. */
  readonly batchSize?: number;
  readonly onError?: (error: unknown, retryInMs: number) => void;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly setTimer?: SetTimer;
}

/** Moves records from log to store, in order, from creation until `close`. */
export interface Forwarder {
  /** Something was appended: deliver it soon, together with what comes right after. */
  notify(): void;
  /** Resolves when all that was appended before is in the store; rejects with the store's error, or the signal's reason. */
  flush(signal?: AbortSignal): Promise<void>;
  stats(): ForwarderStats;
  /**
   * Stops, and resolves after the insert that is running or as soon as `signal` has fired: nobody waits for it then. What
   * is left stays in the log for the next start.
   */
  close(signal?: AbortSignal): Promise<void>;
}

export interface ForwarderStats {
  readonly delivered: number;
  readonly failures: number;
  /** Age of the oldest undelivered record; 0 when there is none. */
  readonly lagMs: number;
  /** Why the last attempt failed; undefined when it did not. */
  readonly lastError: string | undefined;
}

/** From the first append to its insert: bursts become one insert, and the dashboard is still under a second behind. */
const LINGER_MS = 250;
/** The store counts a gateway's watermark for five minutes, so thirty beats may be lost. */
const HEARTBEAT_MS = 10_000;

type Phase = 'idle' | 'soon' | 'delivering' | 'backing-off' | 'closed';
type Outcome =
  | { readonly kind: 'delivered'; readonly more: boolean }
  | { readonly kind: 'failed'; readonly error: unknown };

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { log, store, gateway, batchSize = 500, onError, now = Date.now, random = Math.random } = options;
  const { setTimer = backgroundTimer } = options;
  let phase: Phase = 'idle';
  let notified = false;
  let cancelTimer: (() => void) | undefined;
  let running: Promise<Outcome> | undefined;
  let failuresInARow = 0;
  let delivered = 0;
  let failures = 0;
  let lastError: string | undefined;

  /** read → insert → forget. A crash before the last step repeats the batch, which changes no report. */
  async function deliverBatch(): Promise<boolean> {
    const readAt = now();
    const batch = await log.read(batchSize);
    const last = batch.at(-1);
    const more = last !== undefined && batch.length >= batchSize;
    await store.insert({
      gateway,
      completeThrough: more ? Math.min(last.record.receivedAt, readAt) : readAt,
      records: batch.map(({ record }) => record),
    });
    if (last) await log.delivered(last.position);
    delivered += batch.length;
    return more;
  }

  async function attempt(): Promise<Outcome> {
    cancelTimer?.();
    if (phase !== 'closed') phase = 'delivering';
    notified = false;
    try {
      const more = await deliverBatch();
      failuresInARow = 0;
      lastError = undefined;
      if (more) schedule('soon', 0);
      else if (notified) schedule('soon', LINGER_MS);
      else schedule('idle', HEARTBEAT_MS);
      return { kind: 'delivered', more };
    } catch (error) {
      failures += 1;
      failuresInARow += 1;
      lastError = error instanceof Error ? error.message : String(error);
      const retryInMs = backoffMs(failuresInARow, random());
      schedule('backing-off', retryInMs);
      onError?.(error, retryInMs);
      return { kind: 'failed', error };
    }
  }

  function start(): Promise<Outcome> {
    running = attempt().finally(() => (running = undefined));
    return running;
  }

  function schedule(next: Exclude<Phase, 'delivering' | 'closed'>, ms: number) {
    if (phase === 'closed') return;
    phase = next;
    cancelTimer = setTimer(() => void start(), ms);
  }

  schedule('soon', 0);

  return {
    notify() {
      notified = true;
      if (phase !== 'idle') return;
      cancelTimer?.();
      schedule('soon', LINGER_MS);
    },
    async flush(signal) {
      for (;;) {
        signal?.throwIfAborted();
        if (running) await abortable(running, signal);
        if (phase === 'closed') throw new Error('The forwarder is closed.');
        const outcome = await abortable(running ?? start(), signal);
        if (outcome.kind === 'failed') throw outcome.error;
        if (!outcome.more) return;
      }
    },
    stats() {
      const { oldestPendingAt } = log.state();
      const lagMs = oldestPendingAt === undefined ? 0 : Math.max(0, now() - oldestPendingAt);
      return { delivered, failures, lagMs, lastError };
    },
    async close(signal) {
      phase = 'closed';
      cancelTimer?.();
      if (!running) return;
      await abortable(running, signal).catch((error: unknown) => {
        if (!signal?.aborted) throw error;
      });
    },
  };
}

/** Stops waiting, not the work: an insert that has begun is left to end. */
function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
