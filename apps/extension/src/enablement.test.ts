import { describe, expect, it } from 'vitest';
import { enablementOf } from './enablement.ts';

const python = {
  paused: false,
  enable: { '*': true },
  language: 'python',
  scheme: 'file',
  workspaceSchemes: ['file'],
  isExcluded: false,
};

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
    expect(enablementOf({ ...python, paused: true, enable: { python: true } })).toEqual({ kind: 'off', why: 'paused' });
  });

  it('is not in an excluded file, whatever the languages say', () => {
    const excluded = { ...python, isExcluded: true, enable: { python: true } };
    expect(enablementOf(excluded)).toEqual({ kind: 'off', why: 'excluded' });
  });

  it('is in no output, commit message, history or chat input', () => {
    for (const scheme of ['output', 'vscode-scm', 'git', 'comment', 'vscode-chat-input', 'vscode-userdata', 'log']) {
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
