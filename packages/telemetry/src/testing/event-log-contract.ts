import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventLog, EventRecord } from '../types.ts';
import { eventRecord, requestRecord } from './records.ts';

const T = Date.UTC(2026, 10, 21, 9);
const DAY = 24 * 3_600_000;

const events = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => eventRecord({ n: from + index, at: T }));

/** The contract of `EventLog`, for each implementation. `open` gives an empty one; whoever opens it sees to its end. */
export function describeEventLog(name: string, open: () => Promise<EventLog> | EventLog): void {
  describe(`${name} as an event log`, () => {
    let log: EventLog;
    beforeEach(async () => {
      log = await open();
    });
    afterEach(() => log.close());

    it('gives back what was appended, in order', async () => {
      const records = [...events(1, 3), requestRecord(1, T)];
      expect(await log.append(records)).toEqual({ accepted: 4, duplicates: 0 });
      const stored = await log.read(10);
      expect(stored.map(({ record }) => record)).toEqual(records);
      expect(await log.read(2)).toEqual(stored.slice(0, 2));
      expect(log.state()).toEqual({ pending: 4, oldestPendingAt: T, failure: undefined });
    });

    it('reads what was appended before the read, though its commit has not been waited for', async () => {
      const appends = [log.append(events(1, 1)), log.append(events(2, 1)), log.append(events(3, 1))];
      expect(await log.read(10)).toHaveLength(3);
      await Promise.all(appends);
    });

    it('counts an event once within a batch, between batches and after it was delivered', async () => {
      const [event] = events(1, 1) as [EventRecord];
      expect(await log.append([event, event])).toEqual({ accepted: 1, duplicates: 1 });
      expect(await log.append([event])).toEqual({ accepted: 0, duplicates: 1 });
      await log.delivered((await log.read(10)).at(-1)!.position);
      expect(await log.append([{ ...event, receivedAt: T + 6 * DAY }])).toEqual({ accepted: 0, duplicates: 1 });
      expect(log.state().pending).toBe(0);
    });

    it('keeps organisations apart', async () => {
      await log.append(events(1, 1));
      expect(await log.append([eventRecord({ n: 1, at: T, org: 'other' })])).toEqual({ accepted: 1, duplicates: 0 });
    });

    it('takes request rows as they come', async () => {
      expect(await log.append([requestRecord(1, T), requestRecord(1, T)])).toEqual({ accepted: 2, duplicates: 0 });
    });

    it('forgets records up to the position and never reuses one', async () => {
      await log.append(events(1, 3));
      const [first, second, third] = await log.read(10);
      await log.delivered(second!.position);
      expect(await log.read(10)).toEqual([third]);
      await log.delivered(third!.position);
      await log.append(events(4, 1));
      const [fourth] = await log.read(10);
      expect(fourth!.position).toBeGreaterThan(third!.position);
      expect(third!.position).toBeGreaterThan(first!.position);
      expect(log.state()).toMatchObject({ pending: 1, oldestPendingAt: T });
    });

    it('refuses after close, and has what was appended before', async () => {
      const receipt = log.append(events(1, 1));
      await log.close();
      expect(await receipt).toMatchObject({ accepted: 1 });
      await expect(log.append(events(2, 1))).rejects.toThrow('closed');
    });
  });
}
