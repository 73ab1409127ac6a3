import type { TelemetryEvent, TelemetryEventType } from '@ghostline/protocol';
import type { EventRecord, RequestRecord } from '../types.ts';

/** A UUIDv7 that is the same for the same arguments; rising with `ms`, then `n`. */
function uuidAt(ms: number, n: number): string {
  const time = ms.toString(16).padStart(12, '0');
  const tail = n.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

export interface EventSeed {
  readonly type?: TelemetryEventType;
  /** Number of the event; its id follows from it and `at`. */
  readonly n: number;
  /** Number of the view; default `n`. */
  readonly view?: number;
  /** Server's time in ms, and the client's unless `clientAt` says otherwise. */
  readonly at: number;
  readonly clientAt?: number;
  readonly org?: string;
  readonly team?: string;
  readonly user?: string;
  /** Fields of the event, whatever its type has. */
  readonly with?: Readonly<Record<string, unknown>>;
}

const OWN_FIELDS: Record<TelemetryEventType, Readonly<Record<string, unknown>>> = {
  'completion-shown': { chars: 20, lines: 1, latency_ms: 120, trigger: 'automatic', source: 'network' },
  'completion-typed-through': { accepted_chars: 20, after_s: 2 },
  'completion-partially-accepted': { accepted_chars: 5, after_s: 2 },
  'completion-accepted': { chars: 20, lines: 1, accepted_chars: 20, after_s: 2 },
  'completion-rejected': { chars: 20, lines: 1, after_s: 2 },
  'completion-ignored': { chars: 20, lines: 1, after_s: 2 },
  'completion-retained': { after_s: 30, edit_ratio: 0.1 },
};

/** An event record with every field of its type; what matters to a test is in the seed. */
export function eventRecord(seed: EventSeed): EventRecord {
  const {
    type = 'completion-shown',
    n,
    view = n,
    at,
    clientAt = at,
    org = 'acme',
    team = 'web',
    user = 'alice',
  } = seed;
  const event = {
    event_id: uuidAt(clientAt, n),
    completion_id: `cmp_${String(view).padStart(12, '0')}`,
    choice: 0,
    view_id: uuidAt(0, view),
    time: new Date(clientAt).toISOString(),
    how: 'measured',
    language: 'typescript',
    type,
    ...OWN_FIELDS[type],
    ...seed.with,
  } as unknown as TelemetryEvent;
  return { kind: 'event', receivedAt: at, org, team, user, event };
}

/** The server's own row about the completion that `eventRecord({ view })` belongs to. */
export function requestRecord(view: number, at: number, fields: Partial<RequestRecord> = {}): RequestRecord {
  return {
    kind: 'request',
    receivedAt: at,
    org: 'acme',
    team: 'web',
    user: 'alice',
    completionId: `cmp_${String(view).padStart(12, '0')}`,
    language: 'typescript',
    trigger: 'automatic',
    model: 'fast',
    region: 'eu-west',
    endpoint: 'eu-a',
    cache: 'miss',
    outcome: 'stop',
    promptTokens: 900,
    completionTokens: 12,
    firstTokenMs: 80,
    totalMs: 110,
    ...fields,
  };
}
