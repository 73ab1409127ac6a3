import { describe, expect, it } from 'vitest';
import { createAnswerCleaner } from './instruct-answer.ts';

/** The code in `said` after `before█`, the same at every chunking. */
function codeOf(before: string, said: string, prefilled = false): string {
  const answers = [[said], [...said], said.match(/[\s\S]{1,3}/g) ?? [], said.split(/(?<=\n)/)].map((chunks) => {
    const cleaner = createAnswerCleaner({ before, prefilled });
    let text = '';
    for (const chunk of chunks) {
      const fed = cleaner.feed(chunk);
      text += fed.text;
      if (fed.ended) return text;
    }
    return text + cleaner.end();
  });
  expect(new Set(answers).size, JSON.stringify(answers)).toBe(1);
  return answers[0]!;
}

describe('the code in a chat model’s answer', () => {
  it.each([
    ['bare code', 'const x = ', '42;', '42;'],
    ['several lines', 'f() {\n', '  a();\n  b();\n}', '  a();\n  b();\n}'],
    ['nothing', 'const x = 1;', '', ''],
    ['a fence', 'const x = ', '```ts\n42;\n```', '42;'],
    ['a fence of tildes', 'const x = ', '~~~\n42;\n~~~\n', '42;'],
    ['a fence after an empty line', 'const x = ', '\n\n```ts\n42;\n```', '42;'],
    ['an empty fence', 'const x = 1;', '```ts\n```', ''],
    ['a fence that never closes', 'const x = ', '```ts\n42;\n', '42;'],
    ['an explanation after the fence', 'const x = ', '```ts\n42;\n```\nThis sets x.', '42;'],
    ['an introduction', 'const x = ', 'Here is the missing code:\n\n```ts\n42;\n```', '42;'],
    ['an introduction and an explanation', 'const x = ', 'Sure! I fill it in.\n```\n42;\n```\nDone.', '42;'],
    ['sentences without code', 'const x = ', 'The code is complete.\nNothing is missing.', ''],
    ['an essay', 'const x = ', `Here is why:\n${'It is long. '.repeat(80)}`, ''],
    ['a thought', 'const x = ', '<think>\nIt is 42.\n```ts\nwrong\n```\n</think>\n\n42;', '42;'],
    ['a thought without an end', 'const x = ', '<think>\nIt is', ''],
    ['code that begins like an introduction', 'x = ', 'Here', 'Here'],
    ['markup', '<p>\n', '  <b>t</b>', '  <b>t</b>'],
    ['a template with a fence in a line', 'const md = ', '`a ```b``` c`;', '`a ```b``` c`;'],
  ])('%s', (_, before, said, code) => {
    expect(codeOf(before, said)).toBe(code);
  });

  it.each([
    ['the line of the cursor', '  const x = ', 'const x = 42;', '42;'],
    ['that line with its indentation', '  const x = ', '  const x = 42;', '42;'],
    ['that line in a fence', '  const x = ', '```ts\n  const x = 42;\n```', '42;'],
    ['the whole function so far', 'function f() {\n  const x = ', 'function f() {\n  const x = 42;\n}', '42;\n}'],
    ['the word of the cursor', '  return val', 'value + 1;', 'ue + 1;'],
    ['the indentation of an empty line', 'f() {\n    ', '    return 1;', 'return 1;'],
  ])('leaves out what it repeats: %s', (_, before, said, code) => {
    expect(codeOf(before, said)).toBe(code);
  });

  it.each([
    ['a bracket that comes twice', 'f([\n  [', '[1], [2]]', '[1], [2]]'],
    ['deeper indentation', 'f() {\n', '    return 1;', '    return 1;'],
    ['a new line after a whole one', 'f() {', '\n  return 1;', '\n  return 1;'],
    ['what is like an earlier line', 'a();\nb();\n', 'a();\nc();', 'a();\nc();'],
  ])('leaves alone %s', (_, before, said, code) => {
    expect(codeOf(before, said)).toBe(code);
  });

  it('is what follows the prefilled beginning, whether the server goes on there or starts again', () => {
    expect(codeOf('  const x = ', '42;\n```', true)).toBe('42;');
    expect(codeOf('  const x = ', '```ts\nconst x = 42;\n```', true)).toBe('42;');
    expect(codeOf('# ', 'Here is the list', true)).toBe('Here is the list');
  });

  it('is shown as it comes: only what may be a fence, a repetition or an introduction waits', () => {
    const cleaner = createAnswerCleaner({ before: 'const x = ', prefilled: false });
    expect(cleaner.feed('con').text).toBe('');
    expect(cleaner.feed('fig').text).toBe('config');
    expect(cleaner.feed('.a').text).toBe('.a');
    expect(cleaner.feed(';\n').text).toBe(';');
    expect(cleaner.feed('b').text).toBe('\nb');
    expect(cleaner.feed('\n```')).toEqual({ text: '', ended: true });
  });
});
