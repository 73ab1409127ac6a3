import type { Outcome, Suggestion } from '@ghostline/client';
import type { TelemetryEvent } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { EMPTY_TRACE, type Trace, latestSuggestion, withEvent, withOutcome, withStart } from './trace.ts';

const VIEW = '01938c2e-0000-7000-8000-000000000001';

describe('the trace', () => {
  it('gives each suggestion one line, however often it is asked for again', () => {
    const trace = play(suggested('items.reduce', 180), suggested('ems.reduce', 2), suggested('s.reduce', 1));
    expect(trace.entries).toHaveLength(1);
    expect(trace.entries[0]).toMatchObject({ times: 3, chars: 12 });
  });
  it('keeps the latency that was waited for, not those of typing along', () => {
    const trace = play(suggested('items.reduce', 180), suggested('ems.reduce', 2));
    expect(latestSuggestion(trace)?.latencyMs).toBe(180);
  });
  it('counts how long a suggestion grew', () => {
    expect(play(suggested('items', 90), suggested('items.reduce(', 1)).entries[0]?.chars).toBe(13);
  });
  it('leaves cancelled questions out', () => {
    expect(play({ kind: 'cancelled', reason: 'editor' }).entries).toEqual([]);
  });
  it('joins answers that are empty for the same reason', () => {
    const trace = play({ kind: 'empty', reason: 'silent' }, { kind: 'empty', reason: 'silent' }, SHED);
    expect(trace.entries.map(({ times }) => times)).toEqual([1, 2]);
  });
  it('keeps a screenful', () => {
    const many = Array.from({ length: 100 }, (_, i) => suggested('x', 1, `view-${i}`));
    expect(play(...many).entries).toHaveLength(40);
  });
});

describe('what becomes of a suggestion', () => {
  const shown = play(suggested('items', 90));

  it('comes from the events that are sent, so that the panel and the count agree', () => {
    const trace = withEvent(withEvent(shown, event('completion-shown')), event('completion-accepted'));
    expect(trace.entries[0]?.fate).toBe('accepted');
  });
  it('stays "accepted in part" when the rest is dismissed, and not when it is accepted', () => {
    const inPart = withEvent(shown, event('completion-partially-accepted'));
    expect(withEvent(inPart, event('completion-ignored')).entries[0]?.fate).toBe('accepted in part');
    expect(withEvent(inPart, event('completion-accepted')).entries[0]?.fate).toBe('accepted');
  });
  it('is nothing new when accepted text was kept', () => {
    expect(withEvent(shown, event('completion-retained'))).toBe(shown);
  });
});

describe('what the server said', () => {
  it('is found again by the completion’s id', () => {
    const start = {
      completion_id: 'cmp_12345678',
      model: 'fast',
      region: 'eu',
      endpoint: 'eu-a',
      cache: 'miss',
    } as const;
    expect(withStart(EMPTY_TRACE, start).wires['cmp_12345678']).toEqual({ endpoint: 'eu-a', cache: 'miss' });
  });
});

const SHED: Outcome = { kind: 'empty', reason: 'shed' };

function play(...outcomes: Outcome[]): Trace {
  return outcomes.reduce(withOutcome, EMPTY_TRACE);
}

function suggested(text: string, latencyMs: number, viewId = VIEW): Outcome {
  const suggestion: Suggestion = {
    viewId,
    completionId: 'cmp_12345678',
    choice: 0,
    text,
    range: { start: 0, end: 0 },
    source: 'network',
    model: 'fast',
    region: 'eu',
    latencyMs,
    complete: true,
  };
  return { kind: 'suggested', suggestions: [suggestion] };
}

function event(type: TelemetryEvent['type']): TelemetryEvent {
  const common = {
    event_id: VIEW,
    completion_id: 'cmp_12345678',
    choice: 0,
    view_id: VIEW,
    time: '2026-11-21T00:00:00Z',
    how: 'measured',
  } as const;
  const extent = { chars: 5, lines: 1, accepted_chars: 5, after_s: 1, edit_ratio: 0 };
  if (type === 'completion-shown') {
    return { ...common, ...extent, type, latency_ms: 1, trigger: 'automatic', source: 'network' };
  }
  return { ...common, ...extent, type };
}
