import { describe, expect, it } from 'vitest';
import { lex, unitOf } from './lexer.ts';
import { type Written, write } from './render.ts';
import { readTexts } from './stream.ts';
import { Kind, createVocabulary } from './vocabulary.ts';

const never = () => false;

function tokensOf(text: string): string[] {
  const vocabulary = createVocabulary();
  const unit = unitOf(text);
  return lex(text, { vocabulary, unit, commonUnit: unit, isLate: never }).ids.map((id) => {
    if (vocabulary.kind(id) !== Kind.lineBreak) return vocabulary.text(id);
    const { blankLines, columns } = vocabulary.lineBreak(id);
    return `↵${'↵'.repeat(blankLines)}${columns > 0 ? `+${columns}` : columns || ''}`;
  });
}

/** The text again, token by token, as a suggestion of all of it would be written. */
function rewritten(text: string): string {
  const prefix = /^\t/m.test(text) ? '\t\n' : '';
  const stream = readTexts({ prefix, suffix: text, snippets: [] }, never);
  let written: Written = { text: '', indent: '' };
  // The first text of the stream, behind its boundary.
  for (const [index, id] of stream.following.entries())
    written = write(written, { id, space: stream.spaces[1 + index]! }, index === 0, stream);
  return written.text;
}

describe('tokens', () => {
  it('are words, numbers, operators, single brackets and quotes, and line breaks with the change of indentation', () => {
    expect(tokensOf('if (a !== b.c2) {\n  x["k"] = 10;\n}\n\nreturn;').join(' ')).toBe(
      'if ( a !== b . c2 ) { ↵+2 x [ " k " ] = 10 ; ↵-2 } ↵↵ return ;',
    );
  });

  it('never part a word of any script, nor a surrogate pair', () => {
    expect(tokensOf('größe = "👻👻" + 変数')).toEqual(['größe', '=', '"', '👻👻', '"', '+', '変数']);
  });

  it.each([
    ['TypeScript', 'export function f(a: number): void {\n  if (a >= 1) {\n    g(`x${a}`);\n  }\n\n  return;\n}\n'],
    ['Python', 'def f(a):\n    """Text."""\n    for x in a:\n        if x: yield x\n\n\nclass A(B):\n    pass\n'],
    ['C with alignment', 'int f(int a,\n      int b) {\n  return a->x ? *b : 0;  /* no */\n}\n'],
    ['tabs', 'a {\n\tb {\n\t\tcolor: #fff;\n\t}\n}\n'],
    ['carriage returns', 'if (a) {\r\n  b();\r\n}\r\n\r\nc();\r\n'],
    ['JSON', '{\n  "a": [1, 2.5e3, "x y"],\n  "b": { "c": null }\n}\n'],
    ['comments', '/**\n * Text with  two spaces.\n *\n * - item\n */\nfunction f() {}\n'],
  ])('give the text back exactly: %s', (_, text) => {
    expect(rewritten(text)).toBe(text);
  });

  it('compare indentation by levels between texts that are indented differently', () => {
    const vocabulary = createVocabulary();
    const two = lex('a {\n  b {\n    c;\n  }\n}', { vocabulary, unit: 2, commonUnit: 2, isLate: never });
    const four = lex('a {\n    b {\n        c;\n    }\n}', { vocabulary, unit: 4, commonUnit: 2, isLate: never });
    const tabs = lex('a {\n\tb {\n\t\tc;\n\t}\n}', { vocabulary, unit: 4, commonUnit: 2, isLate: never });
    expect(four.ids).toEqual(two.ids);
    expect(tabs.ids).toEqual(two.ids);
  });
});

describe('a level of indentation', () => {
  it.each([
    [2, 'a {\n  b {\n    c;\n  }\n}'],
    [4, 'a:\n    b:\n        c\n'],
    [4, 'a {\n\tb;\n}'],
    [2, '/**\n * A comment is aligned, not indented.\n */\na {\n  b;\n}'],
    [4, 'nothing indented\n'],
  ])('is %i columns in %j', (unit, text) => {
    expect(unitOf(text)).toBe(unit);
  });
});
