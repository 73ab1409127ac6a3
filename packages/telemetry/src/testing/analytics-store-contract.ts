import {
  AcceptanceReport,
  LatencyReport,
  type ReportDimension,
  type ReportInterval,
  RetentionReport,
} from '@ghostline/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalyticsStore, LogRecord } from '../types.ts';
import { eventRecord, requestRecord } from './records.ts';

/** What a report says of some records. */
interface ReportCase {
  readonly name: string;
  readonly batches: readonly { readonly gateway: string; readonly records: readonly LogRecord[] }[];
  readonly report: 'acceptance' | 'latency' | 'retention';
  readonly from: string;
  readonly to: string;
  readonly interval?: ReportInterval;
  readonly group_by?: ReportDimension[];
  readonly minimumUsers?: number;
  /** Each row has at least these columns; there are no other rows. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

const T = Date.UTC(2026, 10, 21, 9, 30);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const day = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z' };
const next = { from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' };
const batch = (...records: LogRecord[]) => ({ gateway: 'eu-1', records });
const shown = (view: number, at = T, fields: object = {}) =>
  eventRecord({ n: view * 10, view, at, with: { ...fields } });
const outcome = (
  type: 'accepted' | 'partially-accepted' | 'rejected' | 'typed-through' | 'ignored' | 'retained',
  view: number,
  n: number,
  at = T + MINUTE,
) => eventRecord({ type: `completion-${type}`, n: view * 10 + n, view, at });
const zero = {
  shown: 0,
  accepted: 0,
  partially_accepted: 0,
  rejected: 0,
  acceptance_rate: null,
  shown_chars: 0,
  accepted_chars: 0,
};

const retained = (view: number, n: number, fields: object, at = T + MINUTE) =>
  eventRecord({ type: 'completion-retained', n: view * 10 + n, view, at, with: { ...fields } });
const looked = (identifiers: number, imports: number) => ({
  unresolved_identifiers: identifiers,
  unresolved_imports: imports,
});

/** Every case has an organisation of its own, so that one store takes them all. */
const REPORT_CASES: readonly ReportCase[] = [
  {
    name: 'gives one row of zeros when nothing was shown',
    batches: [],
    report: 'acceptance',
    ...day,
    rows: [zero],
  },
  {
    name: 'gives one row without latencies when nothing was shown',
    batches: [],
    report: 'latency',
    ...day,
    rows: [{ shown: 0, shown_p50_ms: null, shown_p90_ms: null, shown_p99_ms: null, under_300_ms: null }],
  },
  {
    name: 'gives no rows when there is nothing to group',
    batches: [],
    report: 'acceptance',
    ...day,
    interval: 'day',
    rows: [],
  },
  {
    name: 'counts shown and accepted views, their characters and the rate',
    batches: [
      batch(
        shown(1),
        shown(2),
        shown(3),
        shown(4),
        outcome('accepted', 1, 1),
        outcome('rejected', 2, 1),
        outcome('ignored', 3, 1),
      ),
    ],
    report: 'acceptance',
    ...day,
    rows: [
      {
        shown: 4,
        accepted: 1,
        partially_accepted: 0,
        rejected: 1,
        acceptance_rate: 0.25,
        shown_chars: 80,
        accepted_chars: 20,
      },
    ],
  },
  {
    name: 'counts a batch once that was inserted twice',
    batches: [
      batch(shown(1), outcome('accepted', 1, 1), requestRecord(1, T)),
      batch(shown(1), outcome('accepted', 1, 1), requestRecord(1, T)),
    ],
    report: 'acceptance',
    ...day,
    group_by: ['model'],
    rows: [{ model: 'fast', shown: 1, accepted: 1, acceptance_rate: 1, shown_chars: 20, accepted_chars: 20 }],
  },
  {
    name: 'counts an event once that reached two gateways at different times, at the earlier one',
    batches: [
      { gateway: 'eu-1', records: [eventRecord({ n: 1, at: T + DAY, clientAt: T - MINUTE })] },
      { gateway: 'us-1', records: [eventRecord({ n: 1, at: T, clientAt: T - MINUTE })] },
    ],
    report: 'acceptance',
    ...day,
    to: next.to,
    interval: 'day',
    rows: [{ time: '2026-11-21T00:00:00Z', shown: 1 }],
  },
  {
    name: 'leaves a copy out that comes in the range when the first came before it',
    batches: [
      { gateway: 'eu-1', records: [eventRecord({ n: 1, at: T, clientAt: T - MINUTE })] },
      { gateway: 'us-1', records: [eventRecord({ n: 1, at: T + DAY, clientAt: T - MINUTE })] },
    ],
    report: 'acceptance',
    ...next,
    rows: [zero],
  },
  {
    name: 'counts a view once that two events say was shown',
    batches: [batch(eventRecord({ n: 1, view: 1, at: T }), eventRecord({ n: 2, view: 1, at: T + HOUR }))],
    report: 'acceptance',
    ...day,
    interval: 'hour',
    rows: [{ time: '2026-11-21T09:00:00Z', shown: 1 }],
  },
  {
    name: 'books an acceptance at the time of its shown event, however late it comes',
    batches: [batch(shown(1)), batch(outcome('accepted', 1, 1, T + 13 * DAY))],
    report: 'acceptance',
    ...day,
    interval: 'hour',
    rows: [{ time: '2026-11-21T09:00:00Z', shown: 1, accepted: 1 }],
  },
  {
    name: 'books an acceptance at its shown event when it comes first',
    batches: [batch(outcome('accepted', 1, 1, T - 2 * DAY)), batch(shown(1))],
    report: 'acceptance',
    ...day,
    rows: [{ shown: 1, accepted: 1 }],
  },
  {
    name: 'does not count an acceptance in the range whose view was shown before it',
    batches: [batch(shown(1), outcome('accepted', 1, 1, T + DAY))],
    report: 'acceptance',
    ...next,
    rows: [zero],
  },
  {
    name: 'does not count an acceptance without a shown event',
    batches: [batch(outcome('accepted', 1, 1))],
    report: 'acceptance',
    ...day,
    rows: [zero],
  },
  {
    name: "goes by the server's clock when the client's is wrong",
    batches: [
      batch(
        eventRecord({ n: 1, at: T, clientAt: T + 400 * DAY }),
        eventRecord({ n: 2, at: T, clientAt: Date.UTC(9999, 0) }),
      ),
    ],
    report: 'acceptance',
    ...day,
    interval: 'day',
    rows: [{ time: '2026-11-21T00:00:00Z', shown: 2 }],
  },
  {
    name: 'takes the strongest of several outcomes: accepted, then partly accepted, then typed through, then rejected',
    batches: [
      batch(
        shown(1),
        outcome('partially-accepted', 1, 1),
        outcome('accepted', 1, 2),
        outcome('retained', 1, 3),
        outcome('rejected', 1, 4),
      ),
      batch(
        shown(2),
        outcome('partially-accepted', 2, 1),
        outcome('partially-accepted', 2, 2),
        outcome('rejected', 2, 3),
      ),
      batch(shown(3), outcome('typed-through', 3, 1), outcome('rejected', 3, 2)),
      batch(shown(4), outcome('rejected', 4, 1)),
      batch(shown(5), outcome('retained', 5, 1)),
    ],
    report: 'acceptance',
    ...day,
    rows: [{ shown: 5, accepted: 1, partially_accepted: 1, rejected: 1, acceptance_rate: 0.2 }],
  },
  {
    name: 'adds up what each acceptance of a view brought, each once',
    batches: [
      batch(shown(1), outcome('partially-accepted', 1, 1), outcome('partially-accepted', 1, 2)),
      batch(
        outcome('partially-accepted', 1, 2),
        eventRecord({ type: 'completion-accepted', n: 13, view: 1, at: T, with: { accepted_chars: 10 } }),
        outcome('typed-through', 1, 4),
      ),
    ],
    report: 'acceptance',
    ...day,
    rows: [{ shown: 1, accepted: 1, shown_chars: 20, accepted_chars: 20 }],
  },
  {
    name: 'takes the longest extent of a suggestion that grew while it was on screen',
    batches: [
      batch(
        shown(1),
        eventRecord({ type: 'completion-accepted', n: 11, view: 1, at: T, with: { chars: 70, accepted_chars: 70 } }),
      ),
    ],
    report: 'acceptance',
    ...day,
    rows: [{ shown_chars: 70, accepted_chars: 70 }],
  },
  {
    name: 'has an inclusive start and an exclusive end',
    batches: [batch(shown(1, T), shown(2, T + HOUR), shown(3, T - 1))],
    report: 'acceptance',
    from: '2026-11-21T09:30:00Z',
    to: '2026-11-21T10:30:00Z',
    rows: [{ shown: 1 }],
  },
  {
    name: 'takes a range from the beginning to the end of time',
    batches: [batch(shown(1))],
    report: 'acceptance',
    from: '0001-01-01T00:00:00Z',
    to: '9999-12-31T00:00:00Z',
    rows: [{ shown: 1 }],
  },
  {
    name: 'leaves gaps between intervals out',
    batches: [batch(shown(1), shown(2, T + 5 * HOUR), shown(3, T + 5 * HOUR))],
    report: 'acceptance',
    ...day,
    interval: 'hour',
    rows: [
      { time: '2026-11-21T09:00:00Z', shown: 1 },
      { time: '2026-11-21T14:00:00Z', shown: 2 },
    ],
  },
  {
    name: 'groups by model and region of the request, `local` for the local model, `unknown` without a request row',
    batches: [
      batch(
        requestRecord(1, T),
        requestRecord(2, T, { model: 'deep', region: 'us-east' }),
        shown(1),
        shown(2),
        shown(3),
      ),
      batch(shown(4, T, { origin: 'local', completion_id: 'loc_00000001' }), outcome('accepted', 2, 1)),
    ],
    report: 'acceptance',
    ...day,
    group_by: ['model', 'region'],
    rows: [
      { model: 'deep', region: 'us-east', shown: 1, accepted: 1 },
      { model: 'fast', region: 'eu-west', shown: 1, accepted: 0 },
      { model: 'local', region: 'local', shown: 1, accepted: 0 },
      { model: 'unknown', region: 'unknown', shown: 1, accepted: 0 },
    ],
  },
  {
    name: 'finds the request of a suggestion that was shown from a cache days later',
    batches: [batch(requestRecord(1, T - 6 * DAY), shown(1, T))],
    report: 'acceptance',
    ...day,
    group_by: ['model'],
    rows: [{ model: 'fast', shown: 1 }],
  },
  {
    name: "takes the event's language, the request's without one, and `unknown` without both",
    batches: [
      batch(requestRecord(1, T, { language: 'rust' }), requestRecord(2, T, { language: 'rust' })),
      batch(
        shown(1, T, { language: 'go' }),
        shown(2, T, { language: undefined }),
        shown(3, T, { language: undefined }),
      ),
    ],
    report: 'acceptance',
    ...day,
    group_by: ['language'],
    rows: [
      { language: 'go', shown: 1 },
      { language: 'rust', shown: 1 },
      { language: 'unknown', shown: 1 },
    ],
  },
  {
    name: 'groups by interval, team, user and how it came to the screen',
    batches: [
      batch(
        eventRecord({ n: 1, at: T, team: 'web', user: 'alice' }),
        eventRecord({ n: 2, at: T, team: 'core', user: 'bob', with: { trigger: 'manual', source: 'cache' } }),
        eventRecord({ n: 3, at: T + DAY, team: 'web', user: 'alice' }),
      ),
    ],
    report: 'acceptance',
    ...day,
    to: next.to,
    interval: 'day',
    group_by: ['team', 'trigger', 'source'],
    rows: [
      { time: '2026-11-21T00:00:00Z', team: 'core', trigger: 'manual', source: 'cache', shown: 1 },
      { time: '2026-11-21T00:00:00Z', team: 'web', trigger: 'automatic', source: 'network', shown: 1 },
      { time: '2026-11-22T00:00:00Z', team: 'web', trigger: 'automatic', source: 'network', shown: 1 },
    ],
  },
  {
    name: 'leaves groups with too few users out, and the total when all are too few',
    batches: [
      batch(
        ...[1, 2, 3].map((n) => eventRecord({ n, at: T, team: 'web', user: `user-${n}` })),
        ...[4, 5].map((n) => eventRecord({ n, at: T, team: 'core', user: 'bob' })),
      ),
    ],
    report: 'acceptance',
    ...day,
    group_by: ['team'],
    minimumUsers: 3,
    rows: [{ team: 'web', shown: 3 }],
  },
  {
    name: 'gives no total below the minimum of users',
    batches: [batch(shown(1))],
    report: 'acceptance',
    ...day,
    minimumUsers: 2,
    rows: [],
  },
  {
    name: 'reads names with quotes, tabs and backslashes as names',
    batches: [batch(eventRecord({ n: 1, at: T, user: `o'brien\t\\n" -- \u{1F600}` }))],
    report: 'acceptance',
    ...day,
    group_by: ['user'],
    rows: [{ user: `o'brien\t\\n" -- \u{1F600}`, shown: 1 }],
  },
  {
    name: 'takes latencies of shown events, once each, with the share within 300 ms',
    batches: [
      batch(...[100, 200, 300, 400, 1000].map((latency_ms, n) => shown(n + 1, T, { latency_ms }))),
      batch(shown(5, T, { latency_ms: 1000 }), outcome('accepted', 1, 1)),
    ],
    report: 'latency',
    ...day,
    group_by: ['language'],
    rows: [
      {
        language: 'typescript',
        shown: 5,
        shown_p50_ms: 300,
        shown_p90_ms: 1000,
        shown_p99_ms: 1000,
        under_300_ms: 0.6,
      },
    ],
  },
  {
    name: 'says what is left of accepted suggestions at each time, over those that were measured then',
    batches: [
      batch(shown(1), outcome('accepted', 1, 1), shown(2), outcome('partially-accepted', 2, 1), shown(3)),
      batch(
        outcome('accepted', 3, 1),
        retained(1, 2, { after_s: 15, edit_ratio: 0 }),
        retained(1, 3, { after_s: 30, edit_ratio: 0.5 }),
        retained(2, 2, { after_s: 15, edit_ratio: 0.75 }),
        retained(2, 3, { after_s: 600, edit_ratio: 1 }),
      ),
    ],
    report: 'retention',
    ...day,
    rows: [
      {
        taken: 3,
        measured_15s: 2,
        kept_15s: 0.5,
        edit_ratio_15s: 0.375,
        measured_30s: 1,
        kept_30s: 1,
        edit_ratio_30s: 0.5,
        measured_120s: 0,
        kept_120s: null,
        edit_ratio_120s: null,
        measured_600s: 1,
        kept_600s: 0,
        edit_ratio_600s: 1,
        checked: 0,
        unresolved_identifiers: 0,
        unresolved_imports: 0,
        unresolved_per_checked: null,
      },
    ],
  },
  {
    name: 'counts what does not resolve at the first look of a language server, over the views it has looked at',
    batches: [
      batch(shown(1), outcome('accepted', 1, 1), shown(2), outcome('accepted', 2, 1), shown(3)),
      batch(
        outcome('accepted', 3, 1),
        retained(1, 2, { after_s: 15, edit_ratio: 0 }),
        retained(1, 4, { after_s: 120, edit_ratio: 0, ...looked(0, 0) }),
        retained(1, 3, { after_s: 30, edit_ratio: 0, ...looked(2, 1) }),
        retained(2, 2, { after_s: 15, edit_ratio: 0, ...looked(0, 0) }),
        retained(3, 2, { after_s: 15, edit_ratio: 0 }),
      ),
    ],
    report: 'retention',
    ...day,
    group_by: ['language'],
    rows: [
      {
        language: 'typescript',
        taken: 3,
        checked: 2,
        unresolved_identifiers: 2,
        unresolved_imports: 1,
        unresolved_per_checked: 1.5,
      },
    ],
  },
  {
    name: 'takes each measurement once, through whichever gateways its copies come',
    batches: [
      batch(shown(1), outcome('accepted', 1, 1), retained(1, 2, { edit_ratio: 0.25, ...looked(1, 0) })),
      {
        gateway: 'us-1',
        records: [
          eventRecord({
            type: 'completion-retained',
            n: 12,
            view: 1,
            at: T + HOUR,
            clientAt: T + MINUTE,
            with: { edit_ratio: 0.25, ...looked(1, 0) },
          }),
        ],
      },
    ],
    report: 'retention',
    ...day,
    rows: [{ taken: 1, measured_30s: 1, edit_ratio_30s: 0.25, checked: 1, unresolved_identifiers: 1 }],
  },
  {
    name: 'leaves out what is measured of a view that was not accepted, or not shown',
    batches: [
      batch(shown(1), outcome('rejected', 1, 1), retained(1, 2, { after_s: 30, ...looked(3, 3) })),
      batch(outcome('accepted', 2, 1), retained(2, 2, { after_s: 30, ...looked(3, 3) })),
    ],
    report: 'retention',
    ...day,
    rows: [{ taken: 0, measured_30s: 0, kept_30s: null, edit_ratio_30s: null, checked: 0, unresolved_imports: 0 }],
  },
  {
    name: 'gives one row without a measurement when nothing was shown',
    batches: [],
    report: 'retention',
    ...day,
    rows: [
      { taken: 0, measured_15s: 0, kept_15s: null, edit_ratio_15s: null, checked: 0, unresolved_per_checked: null },
    ],
  },
];

const FORMS = { acceptance: AcceptanceReport, latency: LatencyReport, retention: RetentionReport };

/** A store that may hold what others wrote, of organisations that begin otherwise than with `contract-`. */
export interface AnalyticsStoreUnderTest {
  readonly store: AnalyticsStore;
  /** Does at once what the store does by itself some time later. */
  settle?(): Promise<void>;
  close?(): Promise<void>;
}

/** The contract of `AnalyticsStore`, for each implementation. `open` is called once. */
export function describeAnalyticsStore(
  name: string,
  open: () => Promise<AnalyticsStoreUnderTest> | AnalyticsStoreUnderTest,
): void {
  describe(`${name} as an analytics store`, () => {
    const { signal } = new AbortController();
    let subject: AnalyticsStoreUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close?.());

    const orgOf = (example: ReportCase) => `contract-${REPORT_CASES.indexOf(example)}`;

    async function check(example: ReportCase): Promise<void> {
      const { from, to, interval, group_by, minimumUsers = 1 } = example;
      const query = { from, to, ...(interval && { interval }), ...(group_by && { group_by }) };
      const report = await subject.store[example.report](query, { org: orgOf(example), minimumUsers }, signal);
      FORMS[example.report].parse(report);
      expect(report.rows, example.name).toEqual(example.rows.map((row) => expect.objectContaining(row)));
    }

    it.each(REPORT_CASES)('$name', async (example) => {
      for (const batch of batchesOf(example, orgOf(example)))
        await subject.store.insert({ ...batch, completeThrough: T });
      await check(example);
    });

    it('says the same later', async () => {
      await subject.settle?.();
      for (const example of REPORT_CASES) await check(example);
    });

    it.each(['acceptance', 'latency', 'retention'] as const)(
      'rejects with the reason of its signal: %s',
      async (report) => {
        const reason = new Error('nobody waits for it');
        const scope = { org: 'contract-left', minimumUsers: 1 };
        await expect(subject.store[report](day, scope, AbortSignal.abort(reason))).rejects.toBe(reason);
        const leaving = new AbortController();
        const asked = subject.store[report](day, scope, leaving.signal);
        leaving.abort(reason);
        // It may have been quicker.
        await asked.catch((error: unknown) => expect(error).toBe(reason));
        await expect(subject.store[report](day, scope, signal)).resolves.toMatchObject({ rows: [expect.anything()] });
      },
    );
  });
}

/** The case's records as those of an organisation of its own. */
function batchesOf({ batches }: ReportCase, org: string) {
  return batches.map(({ gateway, records }) => ({
    gateway,
    records: records.map((record) => Object.assign({}, record, { org })),
  }));
}
