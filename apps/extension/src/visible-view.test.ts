import { describe, expect, it } from 'vitest';
import { createVisibleView } from './visible-view.ts';

function showing() {
  const view = createVisibleView();
  view.show('view-1', 'file:///a.ts', { line: 3, character: 7 });
  return view;
}

describe('a suggestion on screen', () => {
  it('is left when the cursor goes elsewhere', () => {
    const view = showing();
    expect(view.cursorMoved('file:///a.ts', { line: 2, character: 7 })).toBe('view-1');
    expect(view.current()).toBeUndefined();
  });

  it('stays when the same place is reported again, or the cursor of another document moves', () => {
    const view = showing();
    expect(view.cursorMoved('file:///a.ts', { line: 3, character: 7 })).toBeUndefined();
    expect(view.cursorMoved('file:///b.ts', { line: 0, character: 0 })).toBeUndefined();
    expect(view.current()).toBe('view-1');
  });

  it('is left when text is selected', () => {
    expect(showing().cursorMoved('file:///a.ts', undefined)).toBe('view-1');
  });

  it('stays while the cursor follows what is typed, and is left by the next movement', () => {
    const view = showing();
    view.edited('file:///a.ts');
    expect(view.isAtRest('view-1')).toBe(false);
    expect(view.cursorMoved('file:///a.ts', { line: 3, character: 8 })).toBeUndefined();
    expect(view.isAtRest('view-1')).toBe(true);
    expect(view.cursorMoved('file:///a.ts', { line: 3, character: 2 })).toBe('view-1');
  });

  it('goes with its editor', () => {
    const view = showing();
    expect(view.editorChanged('file:///a.ts')).toBeUndefined();
    expect(view.editorChanged(undefined)).toBe('view-1');
    expect(view.editorChanged(undefined)).toBeUndefined();
  });

  it('ends once, and only by its own name', () => {
    const view = showing();
    expect(view.end('view-0')).toBeUndefined();
    expect(view.end('view-1')).toBe('view-1');
    expect(view.end()).toBeUndefined();
  });

  it('tells when there is one at last, and when there is none any more, not at each key between', () => {
    const told: boolean[] = [];
    const view = createVisibleView((isVisible) => told.push(isVisible));
    view.end();
    view.show('view-1', 'file:///a.ts', { line: 3, character: 7 });
    view.show('view-1', 'file:///a.ts', { line: 3, character: 8 });
    expect(told).toEqual([true]);
    view.cursorMoved('file:///a.ts', undefined);
    view.end();
    expect(told).toEqual([true, false]);
  });
});
