import { AcceptanceReport, LatencyReport, RetentionReport } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from './memory-store.ts';
import { STORE_CASES, caseBatches } from './store-cases.ts';

const FORMS = { acceptance: AcceptanceReport, latency: LatencyReport, retention: RetentionReport };

describe('the store in memory', () => {
  it.each(STORE_CASES)('$name', async (example) => {
    const store = createMemoryStore();
    for (const batch of caseBatches(example, 'acme')) await store.insert({ ...batch, completeThrough: 0 });
    const { from, to, interval, group_by, minimumUsers = 1 } = example;
    const query = { from, to, ...(interval && { interval }), ...(group_by && { group_by }) };
    const report = await store[example.report](query, { org: 'acme', minimumUsers });
    FORMS[example.report].parse(report);
    expect(report.rows).toEqual(example.rows.map((row) => expect.objectContaining(row)));
  });
});
