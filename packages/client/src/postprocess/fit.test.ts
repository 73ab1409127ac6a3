import { describe, expect, it } from 'vitest';
import { anchorAt } from '../policy/anchor.ts';
import { draw, drawAccepted } from '../testing/draw.ts';
import { eolOf } from '../text/lines.ts';
import type { DocumentSnapshot } from '../types.ts';
import { fitCompletion } from './fit.ts';
import type { Surroundings } from './surroundings.ts';

function placeIn({ text, cursor, language }: DocumentSnapshot): Surroundings {
  return { prefix: text.slice(0, cursor), suffix: text.slice(cursor), eol: eolOf(text), language, extent: 'block' };
}

/** The document with the trimmed completion in it, or undefined when nothing is shown. */
function accepted(drawing: string, completion: string): string | undefined {
  const document = draw(drawing);
  const fitted = fitCompletion(completion, placeIn(document), { goesOn: false });
  if (fitted.kind === 'nothing') return undefined;
  const { cursor } = document;
  return drawAccepted(document, { text: fitted.text, range: { start: cursor, end: cursor + fitted.covers } });
}

describe('a completion that has nothing to add', () => {
  it.each([
    ['is blank', 'a = █', '  \n\t\n'],
    ['stands right after the cursor', 'foo(█bar)', 'bar'],
    ['is the rest of the line', 'foo(█bar);', 'bar);'],
    ['is the next line', 'a();\n█\nb();\n', 'b();'],
    ['is the next line that is not blank', 'a();\n█\n\n  b();\n', '  b();'],
    ['continues the cursor’s line to what the next one says', '  b█\n  b();\n', '();'],
    ['copies several lines from below', 'x█\na();\nb();\nc();\nd();\n', '\na();\nb();\nc();\nz();'],
    ['closes what the next line closes', 'function f() {█\n}\n', '\n}'],
    ['repeats a redacted secret', 'const key = █', "'~redacted~redacted';"],
  ])('is dropped when it %s', (_, drawing, completion) => {
    expect(accepted(drawing, completion)).toBeUndefined();
  });
});

describe('the text after the cursor', () => {
  it.each([
    ['a closed bracket is replaced', 'foo(█)', 'a, b);', 'foo(a, b);█'],
    ['also when nothing follows it', 'foo(█)', 'a)', 'foo(a)█'],
    ['stays when it is not closed again', 'foo(█)', 'a, b', 'foo(a, b█)'],
    ['only as many as are closed again', 'f(g(█))', 'a)', 'f(g(a)█)'],
    ['with what follows it', 'foo([█]);', 'a], {b: 1});', 'foo([a], {b: 1});█'],
    ['brackets opened by the completion are its own', 'foo(█)', 'bar()', 'foo(bar()█)'],
    ['a closed quote', 'say("█")', 'hello");', 'say("hello");█'],
    ['brackets within that string do not count', 'say("█")', 'a)b', 'say("a)b█")'],
    ['a quote that opens is no closing one', 'foo(█"abc")', '"x", ', 'foo("x", █"abc")'],
    ['a block’s bracket on the cursor’s line', 'if (a) {█}', '\n  b();\n}', 'if (a) {\n  b();\n}█'],
    ['the rest of the line that is written again', 'const █ = 5;', 'answer = 5;', 'const answer = 5;█'],
    ['a longer part of it', 'foo(█other, third)', 'name, other', 'foo(name, other█, third)'],
    ['but not a chance letter', 'foo(█ab)', 'xa', 'foo(xa█ab)'],
    ['one line only where text remains', 'if (█) {', 'a) {\n  return;\n}', 'if (a) {█'],
    ['trailing blanks stay', 'foo(█)  ', 'a);', 'foo(a);█  '],
  ])('%s', (_, drawing, completion, result) => {
    expect(accepted(drawing, completion)).toBe(result);
  });
});

describe('code after the cursor that the completion does not type again', () => {
  it.each([
    ['ends a statement', "import { a } fro█ './a.ts';", "m './b.ts';"],
    ['opens a block', 'if (a█ && b) {', ') {'],
    ['closes what it did not open', 'compute(alpha, b█, gamma)', 'eta) + x'],
    ['spans lines', 'compute(alpha, b█, gamma)', 'eta,\n  delta'],
  ])('drops one that %s', (_, drawing, completion) => {
    expect(accepted(drawing, completion)).toBeUndefined();
  });

  it.each([
    ['belongs in between', 'compute(alpha, b█, gamma)', 'eta', 'compute(alpha, beta█, gamma)'],
    ['types all of it again, and more lines', 'f(a, b█, c);', 'eta, c);\ng();', 'f(a, beta, c);█'],
    ['ends with what it closes again', '`${na█} days`', 'me}', '`${name}█ days`'],
    ['only has closers after it', 'for (const a of █) {', 'list', 'for (const a of list█) {'],
  ])('keeps one that %s', (_, drawing, completion, result) => {
    expect(accepted(drawing, completion)).toBe(result);
  });

  it('is not met by the first line of a text whose next lines are still to come', () => {
    const place = placeIn(draw('compute(alpha, b█, gamma)'));
    expect(fitCompletion('eta', place, { goesOn: true })).toMatchObject({ kind: 'nothing', by: 'rest of the line' });
  });
});

describe('the lines below', () => {
  it.each([
    [
      'a closing line of theirs is not doubled',
      'function f() {█\n}\n',
      '\n  return 1;\n}',
      'function f() {\n  return 1;█\n}\n',
    ],
    [
      'a closing line of its own stays',
      'function f() {\n  █\n}\n',
      'if (a) {\n    b();\n  }',
      'function f() {\n  if (a) {\n    b();\n  }█\n}\n',
    ],
    ['trailing lines that stand there go', 'a();█\nx();\ny();\n', '\nb();\nx();\ny();', 'a();\nb();█\nx();\ny();\n'],
    ['blank lines at the end go', 'a();█', '\nb();\n\n  ', 'a();\nb();█'],
    [
      'in Python, too',
      'def f():\n    █\n    return a\n',
      'a = 1\n    return a',
      'def f():\n    a = 1█\n    return a\n',
    ],
    ['with Windows line breaks', 'a {█\r\n}\r\n', '\r\n  b;\r\n}', 'a {\r\n  b;█\r\n}\r\n'],
  ])('%s', (_, drawing, completion, result) => {
    expect(accepted(drawing, completion)).toBe(result);
  });
});

describe('a document that is longer than what is looked at', () => {
  const line = (index: number) => `  const value${index} = compute(${index});\n`;
  const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index)).join('');

  /** The text shown where the document is cut as for a request. */
  function shown(drawing: string, completion: string): string | undefined {
    const document = draw(drawing);
    const around: Surroundings = { ...placeOf(document), language: document.language, extent: 'block' };
    const fitted = fitCompletion(completion, around, { goesOn: false });
    return fitted.kind === 'nothing' ? undefined : fitted.text;
  }
  function placeOf(document: DocumentSnapshot) {
    const anchor = anchorAt(document);
    return { ...anchor, startsDocument: anchor.prefix.length === document.cursor };
  }

  it.each([10, 200, 2000])('closes a block below, be it %i lines away, and so does no text', (count) => {
    const below = `${lines(count)}}\n`;
    expect(shown(`function f(a) {\n  start(a);█\n${below}`, '\n}')).toBeUndefined();
    expect(shown(`function f(a) {\n  start(a);█\n${below}`, '\n  go(a);\n}')).toBe('\n  go(a);');
  });

  it('has left a block open where code stands beside what opened it', () => {
    const after = `\nfunction g() {\n${lines(200)}}\n`;
    expect(shown(`function f(a) {\n  start(a);█\n${after}`, '\n}')).toBe('\n}');
    expect(shown(`class A {\n  f(a) {\n    start(a);█\n${after}`, '\n  }\n}')).toBe('\n  }');
  });

  it.each([
    ['the labels of a switch', 'switch (a) {\n  start();█\n  break;\n', 'case 1:\n'],
    ['what tells a preprocessor', 'void f() {\n  start();█\n', '#if WIDE\n'],
    ['comments', 'function f() {\n  start();█\n', '// start();\n'],
  ])('has not where those are %s', (_, above, beside) => {
    expect(shown(`${above}${beside}${lines(200)}}\n`, '\n}')).toBeUndefined();
  });

  it.each([10, 400])('opens no more after %i lines than before', (count) => {
    const above = `function f() {\n${lines(count)}}\n`;
    expect(shown(`${above}const sum = 1█`, ' + 2);')).toBe(' + 2');
  });

  it('may have opened what is closed, where its beginning is not looked at', () => {
    expect(shown(`function f() {\n${lines(2000)}  stop();█\n`, '\n}')).toBe('\n}');
  });
});
