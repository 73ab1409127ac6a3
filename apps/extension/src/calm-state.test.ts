import type { ClientState } from '@ghostline/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCalmState } from './calm-state.ts';

describe('the state as it is shown', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function shownStates() {
    const shown: ClientState['kind'][] = [];
    return { shown, calm: createCalmState((state) => shown.push(state.kind)) };
  }

  it('never says thinking for an answer within 150 ms', () => {
    const { shown, calm } = shownStates();
    calm.next({ kind: 'thinking' });
    vi.advanceTimersByTime(149);
    calm.next({ kind: 'ready' });
    vi.advanceTimersByTime(1000);
    expect(shown).toEqual(['ready']);
  });

  it('says thinking when it lasts, and at once when it is over', () => {
    const { shown, calm } = shownStates();
    calm.next({ kind: 'thinking' });
    vi.advanceTimersByTime(150);
    expect(shown).toEqual(['thinking']);
    calm.next({ kind: 'ready' });
    expect(shown).toEqual(['thinking', 'ready']);
  });

  it('says at once that suggestions are local', () => {
    const { shown, calm } = shownStates();
    calm.next({ kind: 'thinking' });
    calm.next({ kind: 'local' });
    expect(shown).toEqual(['local']);
  });

  it('shows nothing after disposal', () => {
    const { shown, calm } = shownStates();
    calm.next({ kind: 'thinking' });
    calm.dispose();
    vi.advanceTimersByTime(1000);
    expect(shown).toEqual([]);
  });
});
