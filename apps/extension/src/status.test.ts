import type { ClientFailure, ClientState } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { type StatusContext, type Translate, statusOf, statusView } from './status.ts';

const t: Translate = (message, ...args) => message.replaceAll(/\{(\d)\}/g, (_, index) => String(args[Number(index)]));
const context: StatusContext = {
  serverUrl: 'http://127.0.0.1:4700',
  language: 'python',
  pace: 'balanced',
  onDemand: false,
  timeOf: (at) => new Date(at).toISOString().slice(11, 16),
};

function offline(reason: ClientFailure['reason'], detail: string): ClientState {
  return { kind: 'offline', failure: { reason, detail, retryable: true } };
}

const paused = { kind: 'off', why: 'paused', pause: { kind: 'everywhere' } } as const;

describe('what the status bar tells about', () => {
  it('is the server, unless suggestions are off here', () => {
    expect(statusOf({ kind: 'ready' }, { kind: 'on' })).toEqual({ kind: 'ready' });
    expect(statusOf({ kind: 'ready' }, undefined)).toEqual({ kind: 'ready' });
    expect(statusOf(offline('server', ''), paused)).toEqual(paused);
  });
});

describe('the status bar', () => {
  it('is equally wide when ready and thinking, so that nothing moves while typing', () => {
    const ready = statusView({ kind: 'ready' }, context, t);
    const thinking = statusView({ kind: 'thinking' }, context, t);
    expect(ready.text).toBe('$(sparkle) Ghostline');
    expect(thinking.text).toBe('$(loading~spin) Ghostline');
    expect(ready.detail).toContain('http://127.0.0.1:4700');
  });

  it('tells region, latency and pace at a second look, and at the first one roughly how fast it is', () => {
    const latency = { region: 'eu-west', typicalMs: 123 };
    for (const kind of ['ready', 'thinking'] as const) {
      const { text, facts } = statusView({ kind }, { ...context, latency }, t);
      expect(text).toMatch(/ Ghostline · 120 ms$/);
      expect(facts).toEqual([
        ['Region', 'eu-west'],
        ['Latency', '120 ms as a rule'],
        ['Pace', 'balanced'],
      ]);
    }
    expect(statusView(offline('server', ''), { ...context, latency }, t).text).not.toContain('ms');
  });

  it('says that suggestions come on demand only, and with which key', () => {
    const { detail, facts } = statusView({ kind: 'ready' }, { ...context, onDemand: true }, t);
    expect(detail).toContain('Alt+\\');
    expect(facts).toEqual([['Pace', 'on demand only']]);
  });

  it('says until when it is paused, and in which windows', () => {
    const until = { kind: 'off', why: 'paused', pause: { kind: 'until', at: Date.UTC(2026, 10, 21, 9, 30) } } as const;
    expect(statusView(until, context, t)).toMatchObject({
      text: '$(debug-pause) Ghostline: paused until 09:30',
      label: 'Ghostline: paused until 09:30',
      detail: 'Suggestions are paused in this window until 09:30.',
    });
    const untilRestart = { kind: 'off', why: 'paused', pause: { kind: 'until-restart' } } as const;
    expect(statusView(untilRestart, context, t).detail).toContain('in this window until it restarts');
    expect(statusView(paused, context, t).detail).toContain('in every window');
  });

  it('says why it is offline, in short and at length', () => {
    const detail = 'Nothing listens on 127.0.0.1:4700. Is the server running?';
    expect(statusView(offline('unreachable', detail), context, t)).toEqual({
      text: '$(debug-disconnect) Ghostline: server unreachable',
      label: 'Ghostline: offline, server unreachable',
      detail,
      facts: [],
      needsAction: false,
    });
  });

  it('says that suggestions are local, why, and what to do about it', () => {
    const detail = 'Nothing listens on 127.0.0.1:4700. Is the server running?';
    const failure: ClientFailure = { reason: 'unreachable', detail, retryable: true };
    expect(statusView({ kind: 'local', failure }, context, t)).toEqual({
      text: '$(device-desktop) Ghostline: local suggestions',
      label: 'Ghostline: local suggestions, server unreachable',
      detail: `${detail} Meanwhile the editor suggests by itself, from your open files.`,
      facts: [],
      needsAction: false,
    });
    const asked = statusView({ kind: 'local' }, context, t);
    expect(asked.label).toBe('Ghostline: local suggestions');
    expect(asked.detail).toContain('http://127.0.0.1:4700 leaves suggestions to the editor');
    expect(asked.needsAction).toBe(false);
  });

  it('stands out only when the user has to do something', () => {
    expect(statusView(offline('unauthenticated', ''), context, t).needsAction).toBe(true);
    const refused = statusView(offline('unauthenticated', 'Send an "Authorization" header'), context, t);
    expect(refused.detail).toContain('Click to set it');
    expect(refused.detail).not.toContain('Authorization');
    for (const reason of ['unreachable', 'rate-limited', 'rejected', 'server', 'protocol'] as const) {
      expect(statusView(offline(reason, ''), context, t).needsAction).toBe(false);
    }
  });

  it('says what is off: everything, a language, a file, a kind of document', () => {
    expect(statusView(paused, context, t).label).toBe('Ghostline: paused');
    expect(statusView({ kind: 'off', why: 'language' }, context, t).label).toBe('Ghostline: off for python');
    const excluded = statusView({ kind: 'off', why: 'excluded' }, context, t);
    expect(excluded.label).toBe('Ghostline: off, file excluded');
    expect(excluded.detail).toContain('ghostline.exclude');
    const ignored = statusView({ kind: 'off', why: 'ignored' }, context, t);
    expect(ignored.label).toBe('Ghostline: off, file ignored');
    expect(ignored.detail).toContain('ignore file');
    expect(statusView({ kind: 'off', why: 'document' }, context, t).label).toBe('Ghostline: off here');
  });
});
