import { describe, expect, it } from 'vitest';
import { createTyping } from './typing.ts';

function open() {
  let at = 1000;
  const typing = createTyping(() => at);
  let end = 0;
  return {
    typing,
    key(afterMs: number, inserted = 'x') {
      at += afterMs;
      typing.changed({ uri: 'a', offset: end, deleted: 0, inserted });
      end += inserted.length === 2 ? 1 : inserted.length;
    },
    change(afterMs: number, offset: number, deleted: number, inserted: string, uri = 'a') {
      at += afterMs;
      typing.changed({ uri, offset, deleted, inserted });
      end = offset + inserted.length;
    },
    pass: (ms: number) => (at += ms),
  };
}

describe('the rhythm of typing', () => {
  it('is believed to be like most until something is typed', () => {
    expect(createTyping(() => 0).interval(0)).toBeCloseTo(160);
  });

  it('is learned from keys that follow each other, whatever brackets an editor adds', () => {
    const { typing, key } = open();
    for (let i = 0; i < 300; i++) key(90, i % 10 === 0 ? '()' : 'x');
    expect(typing.interval(0)).toBeCloseTo(90, -1);
    expect(typing.interval(1)).toBeGreaterThan(typing.interval(0));
  });

  it('is not learned from pauses, pastes, deletions, jumps, other files and clocks that are set', () => {
    const { typing, key, change } = open();
    for (let i = 0; i < 100; i++) {
      key(5000);
      change(10, 40 * i, 0, 'pasted text');
      change(10, 40 * i, 3, '');
      change(10, 7, 0, 'x');
      change(10, 7, 0, 'x', 'b');
      change(-60_000, 8, 0, 'x', 'b');
    }
    expect(typing.interval(0)).toBeCloseTo(160);
  });
});

describe('the last change of a document', () => {
  it('is what it was, until another document is changed', () => {
    const { typing, change, pass } = open();
    expect(typing.lastChange('a')).toBeUndefined();
    expect(typing.sinceChange('a')).toBeUndefined();
    change(0, 0, 0, 'x');
    pass(40);
    expect(typing.lastChange('a')).toBe('typed');
    expect(typing.sinceChange('a')).toBe(40);
    change(0, 1, 0, '\n    ');
    expect(typing.lastChange('a')).toBe('typed');
    change(0, 6, 0, 'const a = 1;');
    expect(typing.lastChange('a')).toBe('pasted');
    change(0, 3, 3, '');
    expect(typing.lastChange('a')).toBe('deleted');
    change(0, 0, 0, 'x', 'b');
    expect(typing.lastChange('a')).toBeUndefined();
  });
});
