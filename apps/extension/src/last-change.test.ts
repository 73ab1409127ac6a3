import { describe, expect, it } from 'vitest';
import { createLastChanges } from './last-change.ts';

describe('the last change of a document', () => {
  it('was an undo or a redo until something else is changed there', () => {
    const changes = createLastChanges();
    const [a, b] = [{}, {}];
    changes.changed(a, 'undo');
    expect(changes.of(a)).toBe('undo');
    expect(changes.of(b)).toBeUndefined();
    changes.changed(a, 'redo');
    expect(changes.of(a)).toBe('redo');
    changes.changed(a, undefined);
    expect(changes.of(a)).toBeUndefined();
  });
});
