import type { ClientFailure, ClientState, Outcome, Suggestion } from '@ghostline/client';
import type { SuggestionSource } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createStateLog, outcomeLine } from './log-lines.ts';

function suggestedFrom(source: SuggestionSource): Outcome {
  const suggestion: Suggestion = {
    viewId: 'view-1',
    completionId: 'cmp_12345678',
    choice: 0,
    text: 'password = "hunter2"',
    range: { start: 4, end: 4 },
    source,
    model: 'fast',
    region: 'eu-west',
    latencyMs: 12.4,
    complete: true,
  };
  return { kind: 'suggested', suggestions: [suggestion] };
}
const failure: ClientFailure = { reason: 'unreachable', detail: 'Nothing listens there.', retryable: true };
const offline: ClientState = { kind: 'offline', failure };
const local: ClientState = { kind: 'local', failure };
const ready: ClientState = { kind: 'ready' };
const thinking: ClientState = { kind: 'thinking' };

describe('the log', () => {
  it('has numbers and reasons of each keystroke, but no code', () => {
    const fromCache = 'suggested 1 (20 chars) from cache, fast in eu-west, after 12 ms';
    expect(outcomeLine(suggestedFrom('cache'))).toBe(fromCache);
    expect(outcomeLine({ kind: 'empty', reason: 'silent' })).toBe('empty: silent');
    expect(outcomeLine({ kind: 'cancelled', reason: 'editor' })).toBe('cancelled: editor');
    expect(outcomeLine({ kind: 'failed', failure })).toBe('failed: unreachable');
  });

  it('says which suggestions the editor made itself', () => {
    expect(outcomeLine(suggestedFrom('local'))).toBe('suggested 1 (20 chars) from the local model, after 12 ms');
  });

  const linesOf = (...states: ClientState[]) => {
    const log = createStateLog();
    return states.flatMap((state) => log.next(state) ?? []);
  };

  it('tells when the server goes and when it is back, also when it comes back during a request', () => {
    const back = 'suggestions come from the server again';
    expect(linesOf(ready, offline, ready)).toEqual(['offline (unreachable): Nothing listens there.', back]);
    expect(linesOf(offline, thinking, ready)).toEqual(['offline (unreachable): Nothing listens there.', back]);
  });

  it('tells when and why local suggestions begin, and when they end', () => {
    const back = 'suggestions come from the server again';
    expect(linesOf(thinking, local, ready)).toEqual(['local suggestions (unreachable): Nothing listens there.', back]);
    expect(linesOf({ kind: 'local' }, ready)).toEqual(['local suggestions: the server asks for them', back]);
  });

  it('says the same thing once, however often it is waited for in between', () => {
    expect(linesOf(ready, thinking, ready, thinking, ready)).toEqual([]);
    expect(linesOf(local, thinking, local, { kind: 'local', failure: { ...failure } })).toHaveLength(1);
    expect(linesOf(local, offline)).toHaveLength(2);
  });
});
