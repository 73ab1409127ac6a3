import type {
  AcceptanceRow,
  CacheOutcome,
  EmptyReason,
  FinishReason,
  LatencyRow,
  ReportQuery,
  RetentionRow,
  TelemetryEvent,
  Trigger,
} from '@ghostline/protocol';

/** Who sent it. Part of every row, so that reports can group and tenants stay apart. */
export interface Actor {
  readonly org: string;
  readonly team: string;
  readonly user: string;
}

/** A client's event as this gateway accepted it. `receivedAt` is the server's clock in ms. */
export interface EventRecord extends Actor {
  readonly kind: 'event';
  readonly receivedAt: number;
  readonly event: TelemetryEvent;
}

/** The server's own row about one answered request: numbers, enums and ids, never text. */
export interface RequestRecord extends Actor {
  readonly kind: 'request';
  readonly receivedAt: number;
  readonly completionId: string;
  readonly language: string;
  readonly trigger: Trigger;
  readonly model: string;
  readonly region: string;
  readonly endpoint: string;
  readonly cache: CacheOutcome;
  readonly outcome: FinishReason | EmptyReason | 'cancelled' | 'error';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export type LogRecord = EventRecord | RequestRecord;

/** A record with its place in the log; positions rise, with gaps. */
export interface StoredRecord {
  readonly position: number;
  readonly record: LogRecord;
}

/** The durable log between intake and store, one per gateway. */
export interface EventLog {
  /**
   * Resolves once every record survives `kill -9` and a power cut; `duplicates` counts events this log had already seen
   * for the same organisation. Rejects, and goes on rejecting until a restart, when durability cannot be promised.
   */
  append(records: readonly LogRecord[]): Promise<{ accepted: number; duplicates: number }>;
  /** The oldest records that are not yet delivered, in order. */
  read(limit: number): Promise<readonly StoredRecord[]>;
  /** Records up to `position` are in the store: forget them, but not their event ids. */
  delivered(position: number): Promise<void>;
  state(): EventLogState;
  close(): Promise<void>;
}

export interface EventLogState {
  readonly pending: number;
  /** Server time of the oldest undelivered record, in ms. */
  readonly oldestPendingAt: number | undefined;
  /** Set when appends are refused: why. */
  readonly failure: string | undefined;
}

/**
 * The analytics store behind every report. Rejects with an Error when it does not answer. `signal` ends a report that nobody waits
 * for any more, in the store too as far as that can be stopped; it then rejects.
 */
export interface AnalyticsStore {
  /** Creates or upgrades the schema. Idempotent. */
  migrate(): Promise<void>;
  /** Inserts a batch; inserting the same batch twice must change no report. */
  insert(batch: { gateway: string; completeThrough: number; records: readonly LogRecord[] }): Promise<void>;
  acceptance(query: ReportQuery, scope: ReportScope, signal: AbortSignal): Promise<ReportOf<AcceptanceRow>>;
  latency(query: ReportQuery, scope: ReportScope, signal: AbortSignal): Promise<ReportOf<LatencyRow>>;
  retention(query: ReportQuery, scope: ReportScope, signal: AbortSignal): Promise<ReportOf<RetentionRow>>;
  ping(): Promise<void>;
}

export interface ReportOf<Row> {
  readonly rows: Row[];
  readonly freshness_ms: number | null;
}

/** Whose data a report may see. With `minimumUsers` above 1, groups with fewer distinct users are left out. */
export interface ReportScope {
  readonly org: string;
  readonly minimumUsers: number;
}
