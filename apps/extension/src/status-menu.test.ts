import { describe, expect, it } from 'vitest';
import { menuItems } from './status-menu.ts';
import type { Status } from './status.ts';

const context = { serverUrl: 'http://127.0.0.1:4700', language: 'python', hasToken: false };

function commands(status: Status, change: Partial<typeof context> = {}) {
  return menuItems(status, { ...context, ...change }, (message) => message).map(({ command }) => command);
}

describe('the menu of the status bar', () => {
  it('offers the token first when the server refuses without a good one', () => {
    const failure = { reason: 'unauthenticated', detail: '', retryable: false } as const;
    expect(commands({ kind: 'offline', failure })[0]).toBe('ghostline.setToken');
    expect(commands({ kind: 'ready' })[0]).toBe('ghostline.toggle');
  });

  it('offers to forget a token only when there is one', () => {
    expect(commands({ kind: 'ready' })).not.toContain('ghostline.clearToken');
    expect(commands({ kind: 'ready' }, { hasToken: true })).toContain('ghostline.clearToken');
  });

  it('leads to the setting of local suggestions while there are some', () => {
    const openedBy = (status: Status) =>
      menuItems(status, context, (message) => message)
        .filter(({ command }) => command === 'workbench.action.openSettings')
        .map(({ arguments: [query] = [] }) => query);
    expect(openedBy({ kind: 'local' })).toEqual(['ghostline.local', '@ext:ghostline.ghostline']);
    expect(openedBy({ kind: 'ready' })).toEqual(['@ext:ghostline.ghostline']);
  });

  it('switches the language at hand, in the direction that changes something', () => {
    const argumentsFor = (status: Status) =>
      menuItems(status, context, (message) => message).find(
        ({ command }) => command === 'ghostline.internal.setLanguage',
      )?.arguments;
    expect(argumentsFor({ kind: 'ready' })).toEqual(['python', false]);
    expect(argumentsFor({ kind: 'off', why: 'language' })).toEqual(['python', true]);
    expect(argumentsFor({ kind: 'off', why: 'paused' })).toBeUndefined();
  });
});
