import { describe, expect, it } from 'vitest';
import { beforeDrift, suffixDrift } from './suffix-drift.ts';

/** `before`: the text when the answer was made, `after`: what it has become; both with the cursor drawn. */
function drift(before: string, after: string) {
  const [prefix = '', suffix = ''] = before.split('█');
  const [typedTo = '', now = ''] = after.split('█');
  expect(typedTo.startsWith(prefix)).toBe(true);
  return suffixDrift(prefix, suffix, typedTo.slice(prefix.length), now);
}

const window = 'const line = 1;\n'.repeat(40);

describe('the text after the cursor', () => {
  it.each([
    ['is the same', 'f█;\n', 'foo█;\n', { broken: '', closed: '' }],
    ['has brackets that the editor closed', 'f█;\n', 'foo({█});\n', { broken: '', closed: '})' }],
    ['has some of the brackets closed', 'f█;\n', 'foo({█);\n', { broken: '', closed: ')' }],
    ['has a quote closed, and the bracket', 'log█\n', 'log("█")\n', { broken: '', closed: '")' }],
    ['was typed over', 'foo(█);\n', 'foo(a)█;\n', { broken: '', closed: '' }],
    ['has its bracket on a line of its own', 'f() {█}\n', 'f() {\n  █\n}\n', { broken: '\n', closed: '' }],
    ['has a closed bracket on a line of its own', 'f() █\n', 'f() {\n  █\n}\n', { broken: '\n', closed: '}' }],
    ['begins its tag on a line of its own', '<p>█</p>', '<p>\n  █\n</p>', { broken: '\n', closed: '' }],
    ['is a shorter window', `f█${window}end();`, `foo█${window}`, { broken: '', closed: '' }],
    ['is a longer window', `f█${window}`, `foo█${window}end();`, { broken: '', closed: '' }],
    ['is a shorter window with a bracket closed', `f█${window}end`, `foo(█)${window}`, { broken: '', closed: ')' }],
  ])('%s', (_what, before, after, expected) => {
    expect(drift(before, after)).toEqual(expected);
  });

  it.each([
    ['another text', 'f█;\n', 'foo█,\n'],
    ['more text', 'f█;\n', 'foo█ bar;\n'],
    ['less text', 'f█ bar;\n', 'foo█;\n'],
    ['a bracket that nothing has opened', 'f█;\n', 'foo█);\n'],
    ['another bracket than was opened', 'f█;\n', 'foo(█];\n'],
    ['text where there was none', 'f█', 'foo█;\n'],
    ['none where there was some', 'f█;\n', 'foo█'],
    ['windows on two texts', `f█${window}`, `foo█${window.replace('1', '2')}`],
    ['windows too short to be told apart', 'f█const line = 1;', 'foo█const'],
    ['a bracket that appeared while nothing was typed', 'f(█;\n', 'f(█);\n'],
  ])('that is %s was edited', (_what, before, after) => {
    expect(drift(before, after)).toBeUndefined();
  });
});

describe('the rest of an answer', () => {
  it.each([
    ['bar(1);', '', '', 'bar(1);'],
    ['a, b);', '', ')', 'a, b'],
    ['g(a), b);', '', ')', 'g(a), b'],
    ['text", x);', '', '")', 'text'],
    ['(item) => item.id', '', ')', '(item) => item.id'],
    ['\n  foo();\n}\nmore();', '', '}', '\n  foo();\n'],
    ['foo();\n}', '\n', '}', 'foo();'],
    ['foo();\n', '\n', '', 'foo();'],
  ])('%j goes up to what the editor has put there (%j, %j): %j', (rest, broken, closed, expected) => {
    expect(beforeDrift(rest, { broken, closed })).toBe(expected);
  });

  it.each([
    [');', ')'],
    ['a];', ')'],
    ['  ', ''],
    ['', ''],
  ])('%j is none where %j was closed', (rest, closed) => {
    expect(beforeDrift(rest, { broken: '', closed })).toBeUndefined();
  });
});
