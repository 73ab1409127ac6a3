import type { EventLogUsage } from './event-log-database.ts';

/** What openEventLog() and its worker thread say to each other. */
export interface WorkerData {
  readonly path: string;
  readonly lockTimeoutMs: number;
}

export type WorkerTask =
  | { readonly kind: 'append'; readonly groups: readonly string[] }
  | { readonly kind: 'read'; readonly limit: number }
  | { readonly kind: 'delivered'; readonly position: number }
  | { readonly kind: 'close' };

export interface TaskResults {
  readonly append: readonly { readonly accepted: number; readonly duplicates: number }[];
  readonly read: { readonly positions: readonly number[]; readonly json: string };
  readonly delivered: void;
  readonly close: void;
}

export type WorkerRequest = WorkerTask & { readonly id: number };

export type WorkerReply =
  | { readonly kind: 'ready'; readonly usage: EventLogUsage }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly value: TaskResults[keyof TaskResults];
      /** Absent after `close`. */
      readonly usage: EventLogUsage | undefined;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
