import { describe, expect, it } from 'vitest';
import { type Region, effectOf } from './effect.ts';

/** The region of a suggestion drawn as `before|typed█rest|tail`; the tail is what `rest` replaces. */
function region(drawing: string, tail = ''): Region {
  const [before, suggestion] = drawing.split('|') as [string, string];
  const typed = suggestion.indexOf('█');
  return { start: before.length, before, text: suggestion.replace('█', ''), typed, tail };
}

function change(offset: number, deleted: number, inserted: string) {
  return { uri: 'file:///a.ts', offset, deleted, inserted };
}

describe('a change of the document', () => {
  it('at the cursor that goes on as suggested is typing along', () => {
    expect(effectOf(change(6, 0, 'o'), region('x = |fo█o();'))).toMatchObject({
      kind: 'along',
      accepted: 0,
      region: { typed: 3 },
    });
  });

  it('that brings several characters at once is a partial acceptance', () => {
    expect(effectOf(change(4, 0, 'foo'), region('x = |█foo();'))).toMatchObject({
      kind: 'along',
      accepted: 3,
      region: { typed: 3 },
    });
  });

  it.each([
    ['another character', change(6, 0, 'x')],
    ['a blank', change(6, 0, ' ')],
    ['a closing bracket', change(6, 0, ')')],
    ['something in what was typed', change(5, 0, 'x')],
    ['another word from a list', change(4, 2, 'fan')],
    ['another word that replaces more', change(2, 4, '== fan')],
  ])('that brings %s disagrees', (_, edit) => {
    expect(effectOf(edit, region('x = |fo█o();')).kind).toBe('disagrees');
  });

  it('that opens a bracket which the editor closes is one typed character', () => {
    expect(effectOf(change(3, 0, '()'), region('foo|█(bar);'))).toMatchObject({
      kind: 'along',
      accepted: 0,
      region: { typed: 1, tail: ')' },
    });
    // The same two characters may be what was suggested.
    expect(effectOf(change(3, 0, '()'), region('foo|█();'))).toMatchObject({
      kind: 'along',
      accepted: 0,
      region: { typed: 1, tail: ')' },
    });
  });

  it('that types over a closing bracket is typing along', () => {
    expect(effectOf(change(7, 1, ')'), region('foo(|bar█);', ')'))).toMatchObject({
      kind: 'along',
      region: { typed: 4, tail: '' },
    });
  });

  it('that replaces the rest and its tail enters the suggestion', () => {
    expect(effectOf(change(4, 1, 'bar);'), region('foo(|█bar);', ')'))).toEqual({ kind: 'entered', byTyping: false });
    expect(effectOf(change(7, 1, ');'), region('foo(|bar█);', ')'))).toEqual({ kind: 'entered', byTyping: false });
  });

  it('that completes it before its tail enters it, too', () => {
    expect(effectOf(change(6, 0, 'r'), region('foo(|ba█r)', ')'))).toEqual({ kind: 'entered', byTyping: true });
  });

  it('that deletes what was typed goes back, and further is an end', () => {
    expect(effectOf(change(5, 1, ''), region('x = |fo█o();'))).toMatchObject({ kind: 'along', region: { typed: 1 } });
    expect(effectOf(change(4, 2, ''), region('x = |fo█o();'))).toMatchObject({ kind: 'along', region: { typed: 0 } });
    expect(effectOf(change(3, 3, ''), region('x = |fo█o();')).kind).toBe('erased');
    expect(effectOf(change(3, 1, ''), region('x = |█foo();')).kind).toBe('erased');
    expect(effectOf(change(4, 1, ''), region('x = |fo█o();')).kind).toBe('erased');
  });

  it('that replaces lines above and these is no rejection', () => {
    const below = { ...region('  |fo█o();'), start: 40 };
    expect(effectOf(change(10, 32, 'formatted'), below).kind).toBe('erased');
  });

  it('before it moves it, after it does nothing', () => {
    expect(effectOf(change(0, 1, 'abc'), region('x = |fo█o();'))).toMatchObject({ kind: 'none', region: { start: 6 } });
    const untouched = region('x = |fo█o();', ')');
    expect(effectOf(change(8, 2, 'abc'), untouched)).toEqual({ kind: 'none', region: untouched });
  });
});
