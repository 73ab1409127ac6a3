import { describe, expect, it } from 'vitest';
import { wantsMultiline } from './multiline.ts';

function wants(language: string, drawn: string): boolean {
  const [prefix = '', suffix = ''] = drawn.split('█');
  return wantsMultiline(prefix, suffix, language);
}

describe('wantsMultiline', () => {
  it.each([
    ['typescript', 'function add(a, b) {█'],
    ['typescript', 'function add(a, b) {█\n}\n'],
    ['typescript', 'function add(a, b) {\n  █\n}\n'],
    ['typescript', 'class A {\n  add(a, b) {\n    █\n  }\n}\n'],
    ['typescript', 'const list = [█\n'],
    ['typescript', 'function add(a, b) { // sums\n  // and returns\n\n  █\n}'],
    ['typescript', 'function add(a, b) {\r\n  █\r\n}\r\n'],
    ['python', 'def add(a, b):█'],
    ['python', 'def add(a, b):\n    █\n\ndef sub(a, b):\n'],
    ['ruby', 'def add(a, b)\n  █\nend\n'],
    ['ruby', 'list.each do |item|█'],
    ['lua', 'if x then█\nend'],
    ['shellscript', 'for f in *; do\n  █\ndone'],
    ['some-new-language', 'fn add(a, b) {█'],
    ['typescript', 'function add(a, b) {█}'],
    ['typescript', 'function add(a, b) {█ // sums\n}'],
    ['python', 'def add(\n    a,\n):█'],
    ['typescript', '// adds both numbers█\n\nnext();'],
    ['typescript', '/** Adds both numbers. */\n█\n'],
    ['html', '<ul>\n  █\n</ul>'],
  ])('is true for %s at %j', (language, drawn) => {
    expect(wants(language, drawn)).toBe(true);
  });

  it.each([
    ['typescript', 'const x = 1█'],
    ['typescript', 'const x = █;'],
    ['typescript', 'add(█)'],
    ['typescript', 'const x = 1;\n█\n'],
    ['typescript', 'function add(a, b) {\n  █\n  return a + b;\n}'],
    ['typescript', 'function add(a, b) {█ return a + b; }'],
    ['typescript', '// like this: {█'],
    ['typescript', 'const { a, b } = {█};'],
    ['typescript', '// adds both numbers█\nadd(a, b);'],
    ['python', 'x = {"a":█\n'],
    ['python', 'x = {"a":█ 1}'],
    ['python', 'def add(a, b):\n    █\n    return a + b\n'],
    ['python', 'x = 1  # note:█'],
    ['markdown', 'as follows (█'],
    ['typescript', '█'],
  ])('is false for %s at %j', (language, drawn) => {
    expect(wants(language, drawn)).toBe(false);
  });

  it('concludes nothing from minified lines, and quickly', () => {
    const started = Date.now();
    expect(wantsMultiline('function '.repeat(7000) + '{', '', 'lua')).toBe(false);
    expect(wantsMultiline('\n'.repeat(60_000), '\n'.repeat(30_000), 'ruby')).toBe(false);
    expect(Date.now() - started).toBeLessThan(1000);
  });
});
