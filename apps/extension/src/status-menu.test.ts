import { describe, expect, it } from 'vitest';
import { type MenuContext, type MenuItem, menuItems, paceItems, pauseItems } from './status-menu.ts';
import type { Status } from './status.ts';

const context: MenuContext = {
  serverUrl: 'http://127.0.0.1:4700',
  language: 'python',
  file: { name: 'app.py', isListed: false },
  hasToken: false,
  pace: 'balanced',
  onDemand: false,
};
const t = (message: string, ...args: unknown[]) =>
  message.replaceAll(/\{(\d)\}/g, (_, index) => String(args[Number(index)]));
const paused: Status = { kind: 'off', why: 'paused', pause: { kind: 'until-restart' } };

function menu(status: Status, change: Partial<MenuContext> = {}) {
  return actionsOf(menuItems(status, { ...context, ...change }, t));
}
const actionsOf = (items: readonly MenuItem[]) => items.filter((item) => item.kind === 'action');
const commands = (status: Status, change: Partial<MenuContext> = {}) =>
  menu(status, change).map(({ command }) => command);

describe('the menu of the status bar', () => {
  it('says what became of the latest keystroke, and leads to why', () => {
    const why = menu({ kind: 'ready' }, { latest: 'not asked: prose' })[0];
    expect(why).toMatchObject({ command: 'ghostline.why', description: 'not asked: prose' });
    expect(menu({ kind: 'ready' })[0]).not.toHaveProperty('description');
  });

  it('offers the token first when the server refuses without a good one, and only once', () => {
    const failure = { reason: 'unauthenticated', detail: '', retryable: false } as const;
    const offered = commands({ kind: 'offline', failure });
    expect(offered[0]).toBe('ghostline.setToken');
    expect(offered.filter((command) => command === 'ghostline.setToken')).toHaveLength(1);
  });

  it('offers to forget a token only when there is one', () => {
    expect(commands({ kind: 'ready' })).not.toContain('ghostline.clearToken');
    expect(commands({ kind: 'ready' }, { hasToken: true })).toContain('ghostline.clearToken');
  });

  it('leads to the setting of local suggestions while there are some', () => {
    const openedBy = (status: Status) =>
      menu(status)
        .filter(({ command }) => command === 'workbench.action.openSettings')
        .map(({ arguments: [query] = [] }) => query);
    expect(openedBy({ kind: 'local' })).toEqual(['ghostline.local', '@ext:ghostline.ghostline']);
    expect(openedBy({ kind: 'ready' })).toEqual(['@ext:ghostline.ghostline']);
  });

  it('switches the language at hand, in the direction that changes something', () => {
    const argumentsFor = (status: Status) =>
      menu(status).find(({ command }) => command === 'ghostline.internal.setLanguage')?.arguments;
    expect(argumentsFor({ kind: 'ready' })).toEqual(['python', false]);
    expect(argumentsFor({ kind: 'off', why: 'language' })).toEqual(['python', true]);
    expect(argumentsFor(paused)).toBeUndefined();
  });

  it('switches the file at hand, and turns on only what is off by a pattern of its own', () => {
    const argumentsFor = (status: Status, isListed = false) =>
      menu(status, { file: { name: 'app.py', isListed } }).find(
        ({ command }) => command === 'ghostline.internal.setFile',
      )?.arguments;
    expect(argumentsFor({ kind: 'ready' })).toEqual([false]);
    expect(argumentsFor({ kind: 'off', why: 'excluded' }, true)).toEqual([true]);
    expect(argumentsFor({ kind: 'off', why: 'excluded' })).toBeUndefined();
    expect(argumentsFor({ kind: 'off', why: 'document' })).toBeUndefined();
  });

  it('offers to pause or to resume, never both', () => {
    expect(commands({ kind: 'ready' })).toContain('ghostline.pause');
    expect(commands({ kind: 'ready' })).not.toContain('ghostline.resume');
    expect(commands(paused)).toContain('ghostline.resume');
    expect(commands(paused)).not.toContain('ghostline.pause');
  });

  it('begins each group with a heading, and has no empty ones', () => {
    const items = menuItems({ kind: 'ready' }, context, t);
    expect(items.filter(({ kind }) => kind === 'heading').map(({ label }) => label)).toEqual([
      'Suggestions',
      'When',
      'Server',
      'More',
    ]);
    expect(items.at(-1)?.kind).toBe('action');
  });
});

describe('the menu of pauses', () => {
  it('has minutes and the restart for this window, and a pause for all', () => {
    expect(actionsOf(pauseItems(t)).map(({ arguments: [choice] = [] }) => choice)).toEqual([
      { kind: 'minutes', minutes: 5 },
      { kind: 'minutes', minutes: 30 },
      { kind: 'minutes', minutes: 60 },
      { kind: 'until-restart' },
      { kind: 'everywhere' },
    ]);
  });
});

describe('the menu of paces', () => {
  it('marks the one that is on', () => {
    const marked = (current: Parameters<typeof paceItems>[0]) =>
      actionsOf(paceItems(current, t))
        .filter(({ label }) => label.startsWith('$(check)'))
        .map(({ arguments: [choice] = [] }) => choice);
    expect(marked('calm')).toEqual(['calm']);
    expect(marked('on-demand')).toEqual(['on-demand']);
  });
});
