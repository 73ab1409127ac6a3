import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createCodeScanner } from './code-scanner.ts';
import { languageOf } from './languages.ts';

/** `c`, `s` and `/` for what each character, and one after the last, would belong to. */
function scopes(language: string, text: string): string {
  const scanner = createCodeScanner(languageOf(language), '');
  const letter = () => ({ code: 'c', string: 's', comment: '/' })[scanner.scope()];
  let seen = letter();
  for (const char of text) {
    scanner.next(char);
    seen += letter();
  }
  return seen;
}

function openAfter(language: string, text: string): number {
  const scanner = createCodeScanner(languageOf(language), '');
  for (const char of text) scanner.next(char);
  return scanner.depth();
}

describe('a code scanner', () => {
  it.each([
    ['typescript', 'a /b/ c', 'cccccccc'],
    ['typescript', '= /b/g', 'ccccscc'],
    ['typescript', '(/[/"]/)', 'cccsssscc'],
    ['typescript', 'return /"/', 'cccccccccsc'],
    ['typescript', '`a${b}c`', 'csssccssc'],
    ['typescript', '`${{a:`b`}}`', 'cssccccssccsc'],
    ['typescript', "don't (", 'cccccccc'],
    ['typescript', '1 // 2\n3', 'cccc///cc'],
    ['cpp', "1'0 'a'", 'cccccssc'],
    ['html', '<!-- a -->b', 'cccc//////cc'],
    ['python', '"""a"b"""c', 'cscsssssscc'],
    ['rust', "<'a>(b", 'ccccccc'],
  ])('takes %s %j for %s', (language, text, expected) => {
    expect(scopes(language, text)).toBe(expected);
  });

  it.each([
    ['typescript', 'f(/[)]/, `${g(', 3],
    ['typescript', '`${a}` {', 1],
    ['typescript', 'f({ a: [1, }', 1],
    ['shellscript', 'a) b ;; {', 1],
  ])('after %s %j has %i brackets open', (language, text, depth) => {
    expect(openAfter(language, text)).toBe(depth);
  });

  it('says when a bracket closes nothing, or not what was opened last', () => {
    const scanner = createCodeScanner(languageOf('go'), '([');
    expect(scanner.next(')')).toBe('unopened');
    expect(scanner.depth()).toBe(0);
    expect(scanner.next('}')).toBe('unopened');
  });

  it('skips to the same state it would read to', () => {
    const random = seeded(7);
    const pieces = [
      'return ',
      'abc',
      '  ',
      '\n',
      "'",
      '"',
      '`',
      '${',
      '}',
      '{',
      '/',
      '//',
      '/*',
      '*/',
      '\\',
      '#',
      ' # x',
      '"""',
      '-->',
      '<!-- ',
      '1',
    ];
    for (let round = 0; round < 4_000; round++) {
      const language = languageOf(['typescript', 'python', 'html', 'cpp', 'ruby', 'powershell'][round % 6]!);
      const text = Array.from({ length: 25 }, () => pieces[Math.floor(random() * pieces.length)]).join('');
      const reads = createCodeScanner(language, '');
      const skips = createCodeScanner(language, '');
      let at = 0;
      for (let i = 0; i < text.length; i++) {
        reads.next(text[i]!);
        if (at > i) continue;
        at = skips.skip(text, at, text.length);
        if (at === i) skips.next(text[at++]!);
        if (at === i + 1)
          expect([skips.scope(), skips.depth()], JSON.stringify(text.slice(0, at))).toEqual([
            reads.scope(),
            reads.depth(),
          ]);
      }
      expect([skips.scope(), skips.depth()], JSON.stringify(text)).toEqual([reads.scope(), reads.depth()]);
    }
  });
});
