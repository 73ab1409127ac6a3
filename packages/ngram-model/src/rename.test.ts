import { describe, expect, it } from 'vitest';
import { lex } from './lexer.ts';
import { createMatch, matchAt } from './match.ts';
import { derive } from './rename.ts';
import { createVocabulary } from './vocabulary.ts';

/** How the tokens of `here` agree with those of `there`, both read backwards from their ends. */
function agreement(here: string, there: string) {
  const vocabulary = createVocabulary();
  const ids = (text: string) =>
    Int32Array.from(lex(text, { vocabulary, unit: 2, commonUnit: 2, isLate: () => false }).ids);
  const [place, context] = [ids(here), ids(there)];
  const match = createMatch();
  matchAt(match, place, place.length, context, context.length, vocabulary);
  const names = Array.from({ length: match.pairs }, (_, at) => [
    vocabulary.text(match.from[at]!),
    vocabulary.text(match.to[at]!),
  ]);
  return { exact: match.exact, extra: match.extra, names: Object.fromEntries(names) };
}

describe('a match up to renaming', () => {
  it('counts tokens that agree as they are, then those further back that agree when names are exchanged', () => {
    expect(agreement('a = read(x); use(', 'b = read(y); use(')).toEqual({
      exact: 4,
      extra: 5,
      names: { x: 'y', a: 'b' },
    });
  });

  it('exchanges each name for one other everywhere', () => {
    expect(agreement('a + a + c', 'b + b + c')).toMatchObject({ exact: 2, extra: 3, names: { a: 'b' } });
    expect(agreement('a + a + c', 'd + b + c')).toMatchObject({ exact: 2, extra: 2, names: { a: 'b' } });
    expect(agreement('d + a + c', 'b + b + c')).toMatchObject({ exact: 2, extra: 2 });
    expect(agreement('c + a + c', 'd + b + c')).toMatchObject({ exact: 2, extra: 2 });
  });

  it('exchanges no keywords, and no names for numbers', () => {
    expect(agreement('if (a', 'for (a')).toEqual({ exact: 2, extra: 0, names: {} });
    expect(agreement('x[1] = a', 'x[i] = a')).toMatchObject({ exact: 3, extra: 0 });
  });

  it('passes over a different indentation', () => {
    expect(agreement('f {\n  a(', 'f {\n    a(')).toMatchObject({ exact: 2, extra: 3, names: {} });
  });
});

describe('a name derived from another by how two were exchanged', () => {
  it.each([
    ['setWidth', 'width', 'height', 'setHeight'],
    ['MAX_WIDTH', 'width', 'height', 'MAX_HEIGHT'],
    ['widthOf', 'getWidth', 'getHeight', 'heightOf'],
    ['onMouseDown', 'mouseUp', 'keyUp', 'onKeyDown'],
    ['user_id', 'user', 'group', 'group_id'],
    ['item2', 'item1', 'entry1', 'entry2'],
    ['parseHTTPHeader', 'http', 'ftp', 'parseFTPHeader'],
    ['fooBar', 'foo', 'longName', 'longNameBar'],
    ['http', 'HTTP_PORT', 'SSH_PORT', 'ssh'],
    ['03', '01', '02', '04'],
    ['7', '3', '4', '8'],
  ])('%s, after %s became %s, is %s', (text, from, to, derived) => {
    expect(derive(text, from, to)).toBe(derived);
  });

  it.each([
    ['color', 'width', 'height'],
    ['widthless', 'width', 'height'],
    ['a', '1', '2'],
    ['0', '3', '1'],
    ['2.5', '1', '2'],
    ['levelOf', 'level', 'levelWithSilent'],
  ])('is not there for %s after %s became %s', (text, from, to) => {
    expect(derive(text, from, to)).toBeUndefined();
  });
});
