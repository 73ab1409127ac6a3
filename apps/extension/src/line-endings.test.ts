import { describe, expect, it } from 'vitest';
import { lfOffset, withLf } from './line-endings.ts';

describe('a document with CRLF', () => {
  const document = 'if (a) {\r\n  b();\r\n  █\r\n}';
  const cursor = document.indexOf('█');

  it('keeps its cursor in the text with LF', () => {
    const text = withLf(document, true);
    expect(text).toBe('if (a) {\n  b();\n  █\n}');
    expect(lfOffset(cursor, 2, true)).toBe(text.indexOf('█'));
  });

  it('is left alone when it has LF already', () => {
    expect(withLf('a\nb', false)).toBe('a\nb');
    expect(lfOffset(3, 1, false)).toBe(3);
  });
});
