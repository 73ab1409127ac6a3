import { Worker } from 'node:worker_threads';
import type { EventLogUsage } from './event-log-database.ts';
import type { TaskResults, WorkerData, WorkerReply, WorkerRequest, WorkerTask } from './event-log-messages.ts';
import type { EventLog, LogRecord, StoredRecord } from './types.ts';

export interface EventLogOptions {
  /** The SQLite file; its folder is created when missing. */
  readonly path: string;
  /** The built worker, in a bundled program. Default: the source file beside this one. */
  readonly workerUrl?: URL;
  /** Records that wait in memory for the disk. Default 16 MiB: half a minute of a very busy gateway. */
  readonly maxQueuedBytes?: number;
  /**
   * What the file may hold while the store is away. Default 4 GiB: some 8 million records. From nine tenths on, appends
   * that carry request rows are refused, so that the rest is left for what clients report; at the full budget all are.
   */
  readonly maxDiskBytes?: number;
  /** How long a predecessor that is shutting down may keep the file. Default 5 s. */
  readonly lockTimeoutMs?: number;
}

/**
 * Why an append was refused: `busy` (too much waits for the disk) and `full` (the disk budget is used up) pass by
 * themselves and are `retryable`; `failed` (a write failed: durability can no longer be promised) and `closed` do not.
 */
export class EventLogError extends Error {
  override readonly name = 'EventLogError';
  readonly reason: 'busy' | 'full' | 'failed' | 'closed';
  readonly retryable: boolean;

  constructor(reason: EventLogError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.retryable = reason === 'busy' || reason === 'full';
  }
}

/** The share of the disk budget that request rows may fill. */
const REQUEST_SHARE = 0.9;

interface QueuedAppend {
  readonly json: string;
  readonly resolve: (receipt: { accepted: number; duplicates: number }) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens or creates the log. SQLite runs in a worker thread, so no call here blocks; everything appended while a commit is
 * running goes into the next one. Rejects with the reason when another process has the file or it cannot be used.
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const { path, maxQueuedBytes = 16 * 1024 * 1024, maxDiskBytes = 4 * 1024 ** 3, lockTimeoutMs = 5_000 } = options;
  const workerUrl = options.workerUrl ?? new URL('./event-log-worker.ts', import.meta.url);
  const worker = await startWorker(workerUrl, { path, lockTimeoutMs });

  let usage = worker.usage;
  let failure: string | undefined;
  let closing: Promise<void> | undefined;
  let queue: QueuedAppend[] = [];
  let queuedBytes = 0;
  let commits = 0;

  function fail(reason: string) {
    failure ??= `${reason}. The event log ${path} takes nothing more until a restart: after a failed write nobody knows what reached the disk.`;
  }

  void worker.ended.then(() => closing ?? fail('The thread of the event log has ended'));

  async function run<Kind extends WorkerTask['kind']>(task: WorkerTask & { kind: Kind }) {
    const reply = await worker.ask(task);
    usage = reply.usage ?? usage;
    return reply.value as TaskResults[Kind];
  }

  /** One message, one transaction: everything that is waiting now. */
  function commitQueue() {
    if (queue.length === 0) return;
    const group = queue;
    queue = [];
    commits += 1;
    void run({ kind: 'append', groups: group.map(({ json }) => json) })
      .then(
        (receipts) => group.forEach(({ resolve }, index) => resolve(receipts[index]!)),
        (cause: Error) => {
          fail(cause.message);
          for (const { reject } of group) reject(new EventLogError('failed', failure!, { cause }));
        },
      )
      .finally(() => {
        commits -= 1;
        for (const { json } of group) queuedBytes -= json.length;
        if (commits === 0) commitQueue();
      });
  }

  function refusal(records: readonly LogRecord[], bytes: number): EventLogError | undefined {
    if (closing) return new EventLogError('closed', `The event log ${path} is closed.`);
    if (failure !== undefined) return new EventLogError('failed', failure);
    if (queuedBytes + bytes > maxQueuedBytes) {
      return new EventLogError(
        'busy',
        `${queuedBytes} bytes already wait for the disk, at most ${maxQueuedBytes} may.`,
      );
    }
    const budget = records.some(({ kind }) => kind === 'request') ? maxDiskBytes * REQUEST_SHARE : maxDiskBytes;
    if (usage.usedBytes + queuedBytes + bytes > budget) return new EventLogError('full', fullMessage());
    return undefined;
  }

  const fullMessage = () =>
    `The event log ${path} holds ${usage.pending} undelivered records and has used up its ${maxDiskBytes} bytes; it takes more as soon as the analytics store does.`;

  return {
    append(records) {
      if (records.length === 0) return Promise.resolve({ accepted: 0, duplicates: 0 });
      const json = JSON.stringify(records);
      const refused = refusal(records, json.length);
      if (refused) return Promise.reject(refused);
      const receipt = new Promise<{ accepted: number; duplicates: number }>((resolve, reject) => {
        queue.push({ json, resolve, reject });
      });
      queuedBytes += json.length;
      if (commits === 0) commitQueue();
      return receipt;
    },
    async read(limit) {
      // The worker answers in order, so what was appended before this call is in what it reads.
      commitQueue();
      const { positions, json } = await run({ kind: 'read', limit });
      const records = JSON.parse(json) as LogRecord[];
      return records.map((record, index): StoredRecord => ({ position: positions[index]!, record }));
    },
    async delivered(position) {
      await run({ kind: 'delivered', position }).catch((cause: Error) => {
        if (!closing) fail(cause.message);
        throw cause;
      });
    },
    state: () => ({
      pending: usage.pending,
      oldestPendingAt: usage.oldestPendingAt,
      failure: failure ?? (usage.usedBytes >= maxDiskBytes ? fullMessage() : undefined),
    }),
    close() {
      commitQueue();
      closing ??= run({ kind: 'close' }).then(() => worker.ended);
      return closing;
    },
  };
}

type Done = WorkerReply & { readonly kind: 'done' };

interface RunningWorker {
  readonly usage: EventLogUsage;
  /** Rejects with the worker's reason; for ever once the thread has ended. */
  readonly ask: (task: WorkerTask) => Promise<Done>;
  readonly ended: Promise<void>;
}

function startWorker(url: URL, workerData: WorkerData): Promise<RunningWorker> {
  const worker = new Worker(url, { workerData });
  const waiting = new Map<number, PromiseWithResolvers<Done>>();
  const started = Promise.withResolvers<RunningWorker>();
  const ended = Promise.withResolvers<void>();
  let nextId = 0;
  let dead: Error | undefined;

  function end(error: Error) {
    dead ??= error;
    started.reject(dead);
    for (const { reject } of waiting.values()) reject(dead);
    waiting.clear();
  }
  function ask(task: WorkerTask): Promise<Done> {
    if (dead) return Promise.reject(dead);
    const answer = Promise.withResolvers<Done>();
    nextId += 1;
    waiting.set(nextId, answer);
    worker.postMessage({ ...task, id: nextId } satisfies WorkerRequest, []);
    return answer.promise;
  }
  worker.on('message', (reply: WorkerReply) => {
    if (reply.kind === 'ready') return started.resolve({ usage: reply.usage, ask, ended: ended.promise });
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.kind === 'done') asker?.resolve(reply);
    else asker?.reject(new Error(reply.reason));
  });
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => {
    end(new Error('The thread of the event log has ended'));
    ended.resolve();
  });
  return started.promise;
}
