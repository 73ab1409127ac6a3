import { describe, expect, it } from 'vitest';
import type { Suggestion } from '../types.ts';
import { type Ghost, afterChange, redraw } from './ghost.ts';

const suggestion = {} as Suggestion;
const ghost = (text: string, end: number): Ghost => ({ suggestion, text, end });

/** `█` is the cursor; the ghost stands there and covers `covered` characters. */
function typeInto(
  drawing: string,
  text: string,
  covered: number,
  inserted: string,
  cursorAt = inserted.length,
  deleted = 0,
) {
  const cursor = drawing.indexOf('█');
  const before = drawing.replace('█', '');
  const after = before.slice(0, cursor) + inserted + before.slice(cursor + deleted);
  return afterChange(
    ghost(text, cursor + covered),
    { uri: '', offset: cursor, deleted, inserted },
    { cursor },
    { text: after, cursor: cursor + cursorAt },
  );
}

describe('ghost text at a change', () => {
  it('loses what was typed of it', () => {
    expect(typeInto('x = █;', 'foo()', 0, 'f')).toEqual({ kind: 'stays', ghost: ghost('oo()', 5) });
  });

  it('goes when something else is typed, or anything before it changes', () => {
    expect(typeInto('x = █;', 'foo()', 0, 'g').kind).toBe('disagrees');
    const elsewhere = { uri: '', offset: 0, deleted: 0, inserted: 'f' };
    expect(afterChange(ghost('foo', 4), elsewhere, { cursor: 4 }, { text: 'fx = ;', cursor: 1 }).kind).toBe(
      'disagrees',
    );
  });

  it('is over when all of it was typed', () => {
    expect(typeInto('x = █;', 'f', 0, 'f')).toEqual({ kind: 'typed-out' });
    expect(typeInto('if (x) █', '{', 0, '{}', 1)).toEqual({ kind: 'typed-out' });
  });

  it('takes the bracket that the editor closes by itself for a part of it', () => {
    expect(typeInto('call█', '(a, b);', 0, '()', 1)).toEqual({ kind: 'stays', ghost: ghost('a, b);', 6) });
  });

  it('goes when Enter puts the closing bracket on a line of its own', () => {
    expect(typeInto('if (x) {█}', '\n  a();\n}', 1, '\n  \n', 3).kind).toBe('disagrees');
  });

  it('stays when a bracket that it writes again is typed over', () => {
    expect(typeInto('call(█)', ') || other()', 1, ')', 1, 1)).toEqual({
      kind: 'stays',
      ghost: ghost(' || other()', 6),
    });
  });
});

describe('an answer for a place with ghost text', () => {
  const at = { text: 'call()', cursor: 5 };
  it.each([
    ['same', ghost('a, b', 5), ghost('a, b', 5)],
    ['same', ghost('a, b', 5), ghost('a, b)', 6)],
    ['grown', ghost('a', 5), ghost('a, b', 5)],
    ['grown', ghost('a)', 6), ghost('a, b)', 6)],
    ['different', ghost('a', 5), ghost('b', 5)],
    ['different', ghost('a, b', 5), ghost('a', 5)],
  ] as const)('is %s: %j, then %j', (how, on, next) => {
    expect(redraw(on, next, at)).toBe(how);
  });
});
