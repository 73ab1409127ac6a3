import type { ClientState, Outcome } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { outcomeLine, stateLine } from './log-lines.ts';

const suggested: Outcome = {
  kind: 'suggested',
  suggestions: [
    {
      viewId: 'view-1',
      completionId: 'cmp_12345678',
      choice: 0,
      text: 'password = "hunter2"',
      range: { start: 4, end: 4 },
      source: 'cache',
      model: 'fast',
      region: 'eu-west',
      latencyMs: 12.4,
      complete: true,
    },
  ],
};
const offline: ClientState = {
  kind: 'offline',
  failure: { reason: 'unreachable', detail: 'Nothing listens there.', retryable: true },
};

describe('the log', () => {
  it('has numbers and reasons of each keystroke, but no code', () => {
    expect(outcomeLine(suggested)).toBe('suggested 1 (20 chars) from cache, fast in eu-west, after 12 ms');
    expect(outcomeLine({ kind: 'empty', reason: 'silent' })).toBe('empty: silent');
    expect(outcomeLine({ kind: 'cancelled', reason: 'editor' })).toBe('cancelled: editor');
    expect(outcomeLine({ kind: 'failed', failure: offline.failure })).toBe('failed: unreachable');
  });

  it('tells when the server goes and when it is back', () => {
    expect(stateLine({ kind: 'ready' }, offline)).toBe('offline (unreachable): Nothing listens there.');
    expect(stateLine(offline, { kind: 'ready' })).toBe('online again');
    expect(stateLine({ kind: 'thinking' }, { kind: 'ready' })).toBeUndefined();
  });
});
