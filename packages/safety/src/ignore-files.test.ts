import { describe, expect, it } from 'vitest';
import { isIgnoredBy, parseIgnoreFile } from './index.ts';

function ignores(rules: string, file: string): boolean {
  return isIgnoredBy([{ folder: '', rules: parseIgnoreFile(rules) }], file);
}

describe('an ignore file', () => {
  it.each([
    ['*.log', 'a/b.log', true],
    ['build', 'build/x.js', true],
    ['build/', 'build', false],
    ['/build', 'src/build/x.js', false],
    ['src/gen', 'a/src/gen/x.js', false],
    ['doc/**/x', 'doc/x', true],
    ['a/**', 'a', false],
    ['# comment', '# comment', false],
    [String.raw`\#file`, '#file', true],
    [String.raw`\!file`, '!file', true],
    ['name  ', 'name', true],
    ['name\\ ', 'name ', true],
    ['[!a-c].ts', 'd.ts', true],
    ['[!a-c].ts', 'b.ts', false],
    ['[]x].ts', '].ts', true],
    ['[[:digit:]]*', '1a', true],
    ['[a', '[a', false],
    ['SECRET.TXT', 'secret.txt', true],
    ['*\r\n!keep\r', 'keep', false],
    ['\uFEFFfirst', 'first', true],
  ])('%j on %s: %s', (rules, file, ignored) => {
    expect(ignores(rules, file)).toBe(ignored);
  });

  it('takes back what was ignored, but not below an ignored folder', () => {
    expect(ignores('*.ts\n!keep.ts', 'src/keep.ts')).toBe(false);
    expect(ignores('src/\n!src/keep.ts', 'src/keep.ts')).toBe(true);
    expect(ignores('src/*\n!src/keep.ts', 'src/keep.ts')).toBe(false);
  });

  it('has the last word within its folder, and none outside', () => {
    const levels = [
      { folder: '', rules: parseIgnoreFile('*.sql') },
      { folder: 'app', rules: parseIgnoreFile('!schema.sql\n/local') },
    ];
    expect(isIgnoredBy(levels, 'app/db/schema.sql')).toBe(false);
    expect(isIgnoredBy(levels, 'schema.sql')).toBe(true);
    expect(isIgnoredBy(levels, 'app/local/x')).toBe(true);
    expect(isIgnoredBy(levels, 'app/sub/local/x')).toBe(false);
    expect(isIgnoredBy(levels, 'application/schema.sql')).toBe(true);
  });

  it('takes no exponential time', () => {
    const started = Date.now();
    expect(ignores(`${'*a'.repeat(200)}b`, 'a'.repeat(1000))).toBe(false);
    expect(ignores(`x/${'**/a/'.repeat(100)}b`, Array.from({ length: 300 }, () => 'a').join('/'))).toBe(false);
    expect(Date.now() - started).toBeLessThan(1000);
  });
});
