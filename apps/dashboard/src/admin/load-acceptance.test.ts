import type { AcceptanceRow, ReportQuery } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import type { Reports } from '../api/reports.ts';
import { type Snapshot, dataAge, loadAcceptance, refreshDelay } from './load-acceptance.ts';
import { periodOf } from './range.ts';
import { viewOf } from './view.ts';

const NOW = Date.parse('2026-11-21T14:25:10Z');
const PERIOD = periodOf('24h', NOW);
const signal = new AbortController().signal;

describe('loading', () => {
  it('asks for totals, time, language, model and the period before', async () => {
    const { reports, asked } = scripted(3);
    const snapshot = await loadAcceptance(reports, PERIOD, undefined, signal, () => NOW);
    expect(snapshot.total?.shown).toBe(3);
    expect(snapshot.timeline).toHaveLength(24);
    expect(asked).toEqual([
      'acceptance',
      'latency',
      'acceptance by hour',
      'latency by hour',
      'acceptance by language',
      'latency by language',
      'acceptance by model',
      'latency by model',
      'acceptance before',
      'latency before',
    ]);
  });

  it('asks one question when nothing has happened since, and keeps the same objects', async () => {
    const { reports, asked } = scripted(3);
    const first = await loadAcceptance(reports, PERIOD, undefined, signal, () => NOW);
    asked.length = 0;
    const second = await loadAcceptance(reports, PERIOD, first, signal, () => NOW + 5000);
    expect(asked).toEqual(['acceptance']);
    expect(second.timeline).toBe(first.timeline);
    expect(second.loadedAtMs).toBe(NOW + 5000);
  });

  it('asks for everything again when a figure has changed, or the hour', async () => {
    const first = await loadAcceptance(scripted(3).reports, PERIOD, undefined, signal, () => NOW);
    const changed = scripted(4);
    await loadAcceptance(changed.reports, PERIOD, first, signal, () => NOW);
    expect(changed.asked).toHaveLength(10);
    const nextHour = scripted(3);
    await loadAcceptance(nextHour.reports, periodOf('24h', NOW + 3_600_000), first, signal, () => NOW);
    expect(nextHour.asked).toHaveLength(10);
  });

  it('fails as a whole: figures of two moments are never mixed', async () => {
    const { reports } = scripted(3);
    const broken: Reports = { ...reports, latency: () => Promise.reject(new Error('store away')) };
    await expect(loadAcceptance(broken, PERIOD, undefined, signal)).rejects.toThrow('store away');
  });
});

describe('refreshing', () => {
  it('is every five seconds, and slower for a store that is slow', () => {
    expect(refreshDelay(0)).toBe(5_000);
    expect(refreshDelay(600)).toBe(12_000);
    expect(refreshDelay(60_000)).toBe(60_000);
  });
});

describe('the age of the data', () => {
  it('is the store’s delay and the time since', async () => {
    const snapshot = await loadAcceptance(scripted(1).reports, PERIOD, undefined, signal, () => NOW);
    expect(dataAge(snapshot, NOW + 3_000)).toBe(4_500);
    expect(dataAge({ ...snapshot, freshnessMs: null }, NOW)).toBeUndefined();
  });
});

describe('what the page is', () => {
  const failure = { title: 't', detail: 'd', advice: undefined, needsKey: false };
  const load = (shown: number): Promise<Snapshot> =>
    loadAcceptance(scripted(shown).reports, PERIOD, undefined, signal, () => NOW);

  it('is loading until there is an answer', () => {
    expect(viewOf(undefined, undefined)).toEqual({ kind: 'loading' });
  });
  it('is empty when nothing was shown, and figures otherwise', async () => {
    expect(viewOf(await load(0), undefined).kind).toBe('empty');
    expect(viewOf(await load(1), undefined).kind).toBe('figures');
  });
  it('is empty when the report has no row at all', async () => {
    expect(viewOf({ ...(await load(0)), total: undefined }, undefined).kind).toBe('empty');
  });
  it('keeps the last figures when a refresh fails, and says so', async () => {
    const snapshot = await load(2);
    expect(viewOf(snapshot, failure)).toEqual({ kind: 'figures', snapshot, failure });
    expect(viewOf(undefined, failure)).toEqual({ kind: 'failed', failure });
  });
  it('hides everything when the key is missing or not enough', async () => {
    const locked = { ...failure, needsKey: true };
    expect(viewOf(await load(2), locked)).toEqual({ kind: 'locked', failure: locked });
  });
});

/** A store in which `shown` suggestions were shown, and a list of what it was asked. */
function scripted(shown: number) {
  const asked: string[] = [];
  const note = (report: string, { interval, group_by, from }: ReportQuery) => {
    const by = interval ?? group_by?.join();
    const isBefore = Date.parse(from) < PERIOD.fromMs;
    asked.push(`${report}${by ? ` by ${by}` : ''}${isBefore ? ' before' : ''}`);
  };
  const total: AcceptanceRow = {
    shown,
    accepted: 1,
    partially_accepted: 0,
    rejected: 0,
    acceptance_rate: shown === 0 ? null : 1 / shown,
    shown_chars: 0,
    accepted_chars: 0,
  };
  const reports: Reports = {
    async acceptance(query) {
      note('acceptance', query);
      return { rows: query.interval || query.group_by ? [] : [total], freshness_ms: 1_500 };
    },
    async latency(query) {
      note('latency', query);
      return { rows: [], freshness_ms: 1_500 };
    },
  };
  return { reports, asked };
}
