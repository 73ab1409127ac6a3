import type { ClientState } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { type Circumstances, type Notice, createNotices } from './notices.ts';
import type { Status } from './status.ts';

const well: Circumstances = {
  status: { kind: 'ready' },
  inlineSuggest: true,
  serverIsRestricted: false,
  rivals: () => [],
};
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
  return {
    shown,
    notices,
    memory,
    consider: (change: Partial<Circumstances>) => notices.consider({ ...well, ...change }),
  };
}

describe('notices', () => {
  it('tell once that the token is refused, and again after it was changed', () => {
    const { shown, notices, consider } = told();
    consider({ status: refused });
    consider({});
    consider({ status: refused });
    expect(shown).toEqual([{ kind: 'token-needed' }]);
    notices.tokenChanged();
    consider({ status: refused });
    expect(shown).toHaveLength(2);
  });

  it('tell once for good that the editor never asks for suggestions', () => {
    const { shown, consider, memory } = told();
    consider({ inlineSuggest: false });
    consider({ inlineSuggest: false });
    expect(shown).toEqual([{ kind: 'inline-suggest-off' }]);
    const nextSession = told(memory);
    nextSession.consider({ inlineSuggest: false });
    expect(nextSession.shown).toEqual([]);
  });

  it('tell in each session that an untrusted workspace names a server that does not count', () => {
    const { shown, consider, memory } = told();
    consider({ serverIsRestricted: true });
    consider({ serverIsRestricted: true });
    expect(shown).toEqual([{ kind: 'workspace-not-trusted' }]);
    const nextSession = told(memory);
    nextSession.consider({ serverIsRestricted: true });
    expect(nextSession.shown).toHaveLength(1);
  });

  it('hint once, and never again, that other extensions complete code too', () => {
    const { shown, consider, memory } = told();
    consider({ rivals: () => ['Tabby'] });
    consider({ rivals: () => ['Tabby', 'Cody'] });
    expect(shown).toEqual([{ kind: 'rivals', names: ['Tabby'] }]);
    const nextSession = told(memory);
    nextSession.consider({ rivals: () => ['Cody'] });
    expect(nextSession.shown).toEqual([]);
  });

  it('come one at a time, the gravest first', () => {
    const { shown, consider } = told();
    const all = { status: refused, inlineSuggest: false, serverIsRestricted: true, rivals: () => ['Tabby'] };
    consider(all);
    expect(shown.map(({ kind }) => kind)).toEqual(['inline-suggest-off']);
    for (let i = 0; i < 5; i++) consider(all);
    expect(shown.map(({ kind }) => kind)).toEqual([
      'inline-suggest-off',
      'token-needed',
      'workspace-not-trusted',
      'rivals',
    ]);
  });

  it('offer a server that was found, once for good', () => {
    const { shown, notices, memory } = told();
    notices.found('http://127.0.0.1:4701');
    notices.found('http://127.0.0.1:4702');
    told(memory).notices.found('http://127.0.0.1:4703');
    expect(shown).toEqual([{ kind: 'server-found', url: 'http://127.0.0.1:4701' }]);
  });

  it('leave what passes by itself to the status bar', () => {
    const { shown, consider } = told();
    consider({ status: unreachable });
    consider({ status: { kind: 'local', failure: unreachable.failure } });
    consider({ status: { kind: 'local' } });
    consider({ status: { kind: 'thinking' } });
    expect(shown).toEqual([]);
  });

  it('stay away while suggestions are off', () => {
    const { shown, consider } = told();
    consider({ status: { kind: 'off', why: 'language' }, inlineSuggest: false, rivals: () => ['Tabby'] });
    expect(shown).toEqual([]);
  });
});
