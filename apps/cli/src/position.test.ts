import { describe, expect, it } from 'vitest';
import { offsetOf } from './position.ts';

const at = (text: string, line: number, column: number) => offsetOf(text, { file: 'a.ts', line, column });

describe('a place in a text', () => {
  it('counts lines and columns from one', () => {
    expect(at('ab\ncd', 1, 1)).toEqual({ ok: true, offset: 0 });
    expect(at('ab\ncd', 2, 1)).toEqual({ ok: true, offset: 3 });
  });

  it('may be the end of a line, before either kind of line break', () => {
    expect(at('ab\ncd', 1, 3)).toEqual({ ok: true, offset: 2 });
    expect(at('ab\r\ncd', 1, 3)).toEqual({ ok: true, offset: 2 });
    expect(at('ab\r\ncd', 2, 3)).toEqual({ ok: true, offset: 6 });
    expect(at('ab\n', 2, 1)).toEqual({ ok: true, offset: 3 });
  });

  it('counts UTF-16 code units, and is never inside a character', () => {
    expect(at('🙂x', 1, 3)).toEqual({ ok: true, offset: 2 });
    expect(at('🙂x', 1, 2)).toMatchObject({ ok: false });
  });

  it('says what there is when there is no such place', () => {
    expect(at('ab\ncd', 3, 1)).toEqual({ ok: false, detail: 'a.ts has 2 lines, not 3.' });
    expect(at('ab', 1, 4)).toEqual({ ok: false, detail: 'Line 1 of a.ts has 2 characters: the last column is 3.' });
  });
});
