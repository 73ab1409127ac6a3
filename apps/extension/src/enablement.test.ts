import { describe, expect, it } from 'vitest';
import { enablementOf } from './enablement.ts';

const python = {
  pause: { kind: 'none' },
  enable: { '*': true },
  language: 'python',
  scheme: 'file',
  workspaceSchemes: ['file'],
  isExcluded: false,
  isIgnored: false,
} as const;

describe('where suggestions are on', () => {
  it('is everywhere by default', () => {
    expect(enablementOf(python)).toEqual({ kind: 'on' });
    expect(enablementOf({ ...python, enable: {} })).toEqual({ kind: 'on' });
  });

  it('is not in a language that is switched off', () => {
    expect(enablementOf({ ...python, enable: { '*': true, python: false } })).toEqual({ kind: 'off', why: 'language' });
  });

  it('is in a language that is switched on although the others are off', () => {
    const enable = { '*': false, python: true };
    expect(enablementOf({ ...python, enable })).toEqual({ kind: 'on' });
    expect(enablementOf({ ...python, enable, language: 'go' })).toEqual({ kind: 'off', why: 'language' });
  });

  it('does not mistake a language for a property every object has', () => {
    expect(enablementOf({ ...python, enable: { '*': false }, language: 'constructor' }).kind).toBe('off');
  });

  it('is nowhere while paused, whatever the languages say', () => {
    const pause = { kind: 'until', at: 1 } as const;
    const paused = enablementOf({ ...python, pause, enable: { python: true } });
    expect(paused).toEqual({ kind: 'off', why: 'paused', pause });
  });

  it('is not in an excluded file, whatever the languages say', () => {
    const excluded = { ...python, isExcluded: true, enable: { python: true } };
    expect(enablementOf(excluded)).toEqual({ kind: 'off', why: 'excluded' });
  });

  it('is not in a file that an ignore file names', () => {
    expect(enablementOf({ ...python, isIgnored: true })).toEqual({ kind: 'off', why: 'ignored' });
  });

  it('is in commit messages only for those who switch their language on', () => {
    const message = { ...python, scheme: 'vscode-scm', language: 'scminput' };
    expect(enablementOf({ ...message, enable: { '*': true, scminput: false } }).kind).toBe('off');
    expect(enablementOf({ ...message, enable: { '*': false, scminput: true } }).kind).toBe('on');
  });

  it('is in no output, history or chat input', () => {
    for (const scheme of ['output', 'git', 'comment', 'vscode-chat-input', 'vscode-userdata', 'log']) {
      expect(enablementOf({ ...python, scheme })).toEqual({ kind: 'off', why: 'document' });
    }
  });

  it('is in new files, notebooks and remote or virtual folders', () => {
    for (const scheme of ['untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs']) {
      expect(enablementOf({ ...python, scheme })).toEqual({ kind: 'on' });
    }
    expect(enablementOf({ ...python, scheme: 'sftp' }).kind).toBe('off');
    expect(enablementOf({ ...python, scheme: 'sftp', workspaceSchemes: ['sftp'] })).toEqual({ kind: 'on' });
  });
});
