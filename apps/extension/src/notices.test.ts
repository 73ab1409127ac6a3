import type { ClientState } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { type Notice, createNotices } from './notices.ts';
import type { Status } from './status.ts';

const refused: Status = {
  kind: 'offline',
  failure: { reason: 'unauthenticated', detail: 'The token is not known.', retryable: false },
};
const unreachable: ClientState & { kind: 'offline' } = {
  kind: 'offline',
  failure: { reason: 'unreachable', detail: '', retryable: true },
};

function told(memory = new Map<string, unknown>()) {
  const shown: Notice[] = [];
  const notices = createNotices((notice) => shown.push(notice), {
    get: (key) => memory.get(key),
    update: async (key, value) => void memory.set(key, value),
  });
  return { shown, notices, memory };
}

describe('notices', () => {
  it('tell once that the token is refused, and again after it was changed', () => {
    const { shown, notices } = told();
    notices.consider(refused, true);
    notices.consider({ kind: 'ready' }, true);
    notices.consider(refused, true);
    expect(shown).toEqual(['token-needed']);
    notices.tokenChanged();
    notices.consider(refused, true);
    expect(shown).toEqual(['token-needed', 'token-needed']);
  });

  it('tell once for good that the editor never asks for suggestions', () => {
    const { shown, notices, memory } = told();
    notices.consider({ kind: 'ready' }, false);
    notices.consider({ kind: 'ready' }, false);
    expect(shown).toEqual(['inline-suggest-off']);
    const nextSession = told(memory);
    nextSession.notices.consider({ kind: 'ready' }, false);
    expect(nextSession.shown).toEqual([]);
  });

  it('leave what passes by itself to the status bar', () => {
    const { shown, notices } = told();
    notices.consider(unreachable, true);
    notices.consider({ kind: 'local', failure: unreachable.failure }, true);
    notices.consider({ kind: 'local' }, true);
    notices.consider({ kind: 'thinking' }, true);
    expect(shown).toEqual([]);
  });

  it('stay away while suggestions are off', () => {
    const { shown, notices } = told();
    notices.consider({ kind: 'off', why: 'language' }, false);
    expect(shown).toEqual([]);
  });
});
