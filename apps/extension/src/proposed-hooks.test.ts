import type { Suggestion } from '@ghostline/client';
import { describe, expect, it } from 'vitest';
import { createProposedHooks } from './proposed-hooks.ts';
import { createVisibleView } from './visible-view.ts';

type Item = { of: Suggestion };

function suggestion(viewId: string): Suggestion {
  return {
    viewId,
    completionId: 'cmp_12345678',
    choice: 0,
    text: 'x',
    range: { start: 0, end: 0 },
    source: 'network',
    model: 'm',
    region: 'r',
    latencyMs: 1,
    complete: true,
  };
}

function editorWithHooks() {
  const calls: string[] = [];
  const view = createVisibleView();
  const measurement = { available: false };
  const hooks = createProposedHooks<Item>(
    {
      shown: ({ viewId }, how) => calls.push(`shown ${viewId} ${how}`),
      accepted: (viewId, how) => calls.push(`accepted ${viewId} ${how}`),
      partiallyAccepted: ({ viewId }, length) => calls.push(`accepted ${length} of ${viewId}`),
      dismissed: (viewId, why, how) => calls.push(`${why} ${viewId} ${how}`),
    },
    view,
    measurement,
    (item) => item.of,
  );
  view.show('view-1', 'file:///a.ts', { line: 0, character: 0 });
  return { hooks, calls, view, measurement, item: (viewId: string): Item => ({ of: suggestion(viewId) }) };
}

describe('an editor that tells what became of suggestions', () => {
  it('is trusted from its first word on', () => {
    const { hooks, calls, measurement, item } = editorWithHooks();
    expect(measurement.available).toBe(false);
    hooks.handleDidPartiallyAcceptCompletionItem(item('view-1'), { acceptedLength: 7 });
    expect(measurement.available).toBe(true);
    expect(calls).toEqual(['accepted 7 of view-1']);
  });

  it('reports shown, accepted, rejected and ignored as measured', () => {
    const { hooks, calls, item } = editorWithHooks();
    hooks.handleDidShowCompletionItem(item('view-1'));
    hooks.handleEndOfLifetime(item('view-1'), { kind: 0 });
    hooks.handleEndOfLifetime(item('view-2'), { kind: 1 });
    const third = item('view-3');
    hooks.handleDidShowCompletionItem(third);
    hooks.handleEndOfLifetime(third, { kind: 2, userTypingDisagreed: false });
    expect(calls).toEqual([
      'shown view-1 measured',
      'accepted view-1 measured',
      'rejected view-2 measured',
      'shown view-3 measured',
      'ignored view-3 measured',
    ]);
  });

  it('does not count an item as ignored that the same suggestion replaces while the user types along', () => {
    const { hooks, calls, view, item } = editorWithHooks();
    const [short, grown] = [item('view-1'), item('view-1')];
    hooks.handleDidShowCompletionItem(short);
    hooks.handleEndOfLifetime(short, { kind: 2, supersededBy: grown, userTypingDisagreed: false });
    expect(view.current()).toBe('view-1');
    hooks.handleDidShowCompletionItem(grown);
    hooks.handleEndOfLifetime(grown, { kind: 2, supersededBy: item('view-2'), userTypingDisagreed: false });
    expect(calls).toEqual(['shown view-1 measured', 'shown view-1 measured', 'ignored view-1 measured']);
    expect(view.current()).toBeUndefined();
  });

  it('leaves it to the client to judge what was typed instead', () => {
    const { hooks, calls, item } = editorWithHooks();
    const shown = item('view-1');
    hooks.handleDidShowCompletionItem(shown);
    hooks.handleEndOfLifetime(shown, { kind: 2, userTypingDisagreed: true });
    expect(calls).toEqual(['shown view-1 measured']);
  });

  it('does not count what waits behind the item on screen', () => {
    const { hooks, calls, item } = editorWithHooks();
    const [short, grown] = [item('view-1'), item('view-1')];
    hooks.handleDidShowCompletionItem(short);
    hooks.handleDidShowCompletionItem(grown);
    hooks.handleEndOfLifetime(short, { kind: 2, userTypingDisagreed: false });
    expect(calls).toEqual(['shown view-1 measured', 'shown view-1 measured']);
  });
});
