import { describe, expect, it } from 'vitest';
import { type Moment, situationOf } from './situation.ts';

const ordinary: Moment = {
  enablement: { kind: 'on' },
  onDemand: false,
  selections: [{ isEmpty: true }],
  lastChange: undefined,
  selectedEntry: undefined,
};
const off = (why: 'language' | 'document' | 'excluded' | 'ignored') =>
  situationOf({ ...ordinary, enablement: { kind: 'off', why } });

describe('what the client is told about the moment', () => {
  it('is nothing in an ordinary one', () => {
    expect(situationOf(ordinary)).toEqual({});
    expect(situationOf({ ...ordinary, selections: [] })).toEqual({});
  });

  it('is why suggestions are off, but for excluded files, which it knows itself', () => {
    expect(off('language')).toEqual({ off: 'language-off' });
    expect(off('document')).toEqual({ off: 'document-off' });
    expect(off('ignored')).toEqual({ off: 'file-off' });
    expect(off('excluded')).toEqual({});
    const paused = { kind: 'off', why: 'paused', pause: { kind: 'everywhere' } } as const;
    expect(situationOf({ ...ordinary, enablement: paused })).toEqual({ off: 'paused' });
  });

  it('counts carets, and a selection as one more: there is no one place for text', () => {
    expect(situationOf({ ...ordinary, selections: [{ isEmpty: true }, { isEmpty: true }] })).toEqual({ cursors: 2 });
    expect(situationOf({ ...ordinary, selections: [{ isEmpty: false }] })).toEqual({ cursors: 2 });
  });

  it('is what else can decide: on demand only, an undo, the selected entry of IntelliSense', () => {
    const selectedEntry = { text: 'toString', start: 12 };
    expect(situationOf({ ...ordinary, onDemand: true, lastChange: 'undo', selectedEntry })).toEqual({
      onDemand: true,
      lastChange: 'undo',
      selectedEntry,
    });
  });
});
