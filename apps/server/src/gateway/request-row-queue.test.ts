import type { LogRecord, RequestRecord } from '@ghostline/telemetry';
import { requestRecord } from '@ghostline/telemetry/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRequestRowQueue } from './request-row-queue.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function harness(append: (batch: readonly LogRecord[]) => Promise<void> = async () => {}) {
  const batches: number[] = [];
  const lost: number[] = [];
  let notified = 0;
  const rows = createRequestRowQueue({
    eventLog: {
      append: async (batch) => {
        await append(batch);
        batches.push(batch.length);
        return { accepted: batch.length, duplicates: 0 };
      },
    },
    notify: () => (notified += 1),
    onLost: (count) => lost.push(count),
  });
  const add = (count: number) => {
    const row: RequestRecord = requestRecord(1, 0);
    for (let i = 0; i < count; i++) rows.add(row);
  };
  return { rows, add, batches, lost, notified: () => notified };
}

describe('request rows', () => {
  it('wait a moment for one another, then go to the log together', async () => {
    const { add, batches, notified } = harness();
    add(3);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(batches).toEqual([3]);
    expect(notified()).toBe(1);
  });

  it('go at once when there are many', async () => {
    const { add, batches } = harness();
    add(600);
    await vi.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([256, 256]);
    await vi.advanceTimersByTimeAsync(200);
    expect(batches).toEqual([256, 256, 88]);
  });

  it('are all in the log after a flush', async () => {
    const { add, rows, batches } = harness();
    add(2);
    await rows.flush();
    expect(batches).toEqual([2]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(batches).toEqual([2]);
  });

  it('that the log refuses are counted as lost, and held against nobody', async () => {
    const { add, rows, lost } = harness(async () => Promise.reject(new Error('disk full')));
    add(2);
    await rows.flush();
    expect(lost).toEqual([2]);
  });
});
