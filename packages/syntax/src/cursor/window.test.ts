import { describe, expect, it } from 'vitest';
import { languageOf } from '../languages.ts';
import { differenceBetween, pointAt, windowAt, windowFrom } from './window.ts';

const typescript = languageOf('typescript');

const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => (i % 10 === 0 ? `function f${i}() {` : `  call(${i});`)).join('\n');
const long = lines(10_000);

describe('windowAt', () => {
  it('takes a short document whole', () => {
    expect(windowAt('const a = 1;', 5, typescript)).toEqual({ start: 0, end: 12 });
  });

  it.each([0, 100, 20_000, long.length >> 1, long.length - 5, long.length])(
    'surrounds the cursor at %i with 16,000 characters or a little more, from line to line',
    (cursor) => {
      const { start, end } = windowAt(long, cursor, typescript);
      expect(start).toBeLessThanOrEqual(cursor);
      expect(end).toBeGreaterThanOrEqual(cursor);
      expect(end - start).toBeLessThan(18_000);
      expect(start === 0 || long[start - 1] === '\n').toBe(true);
      expect(end === long.length || long[end - 1] === '\n').toBe(true);
    },
  );

  it('begins with code at the margin', () => {
    expect(long.slice(windowAt(long, long.length >> 1, typescript).start)).toMatch(/^function/);
  });

  it('finds its way in a document of one line', () => {
    const minified = 'a();'.repeat(50_000);
    const { start, end } = windowAt(minified, 100_000, typescript);
    expect(start).toBeLessThan(100_000);
    expect(end - start).toBeLessThan(20_000);
  });

  it('begins with what is indented least where nothing stands at the margin', () => {
    const members = `class A {\n${'  f() {\n    call();\n\n    /* a\n     * b */\n  }\n'.repeat(3_000)}}\n`;
    expect(members.slice(windowAt(members, members.length >> 1, typescript).start)).toMatch(/^ {2}f\(\) \{/);
  });
});

describe('the start of a window', () => {
  it('is no line of a text that stands at the margin', () => {
    const python = `def f():\n    pass\n\n\n${'class A:\n    """First.\n\nSecond paragraph:\n\n    a\n    """\n    x = 1\n\n\n'.repeat(600)}`;
    for (let cursor = 20_000; cursor < 30_000; cursor += 37)
      expect(python.slice(windowAt(python, cursor, languageOf('python')).start)).toMatch(/^class/);
  });
});

describe('windowFrom', () => {
  const cursor = long.indexOf('\n', long.length >> 1);
  const window = windowAt(long, cursor, typescript);
  const typed = (text: string, at: number) => long.slice(0, at) + text + long.slice(at);

  it('grows with what is typed in it', () => {
    expect(windowFrom(window, long.length, typed('const a', cursor), cursor + 7)).toEqual({
      start: window.start,
      end: window.end + 7,
    });
  });

  it('stays while the cursor moves within it', () => {
    expect(windowFrom(window, long.length, long, cursor - 2_000)).toEqual(window);
  });

  it.each([
    ['the cursor comes near to its start', long, window.start + 100],
    ['the cursor comes near to its end', long, window.end - 100],
    ['the cursor leaves it', long, 10],
    ['text before it is changed', typed('x', 10), cursor + 1],
    ['much is pasted into it', typed('x'.repeat(10_000), cursor), cursor],
    ['the document is another one', 'const a = 1;', 5],
  ])('is given up when %s', (_when, text, at) => {
    expect(windowFrom(window, long.length, text, at)).toBeUndefined();
  });
});

describe('differenceBetween', () => {
  it.each([
    ['abc', 'abXc', { start: 2, oldEnd: 2, newEnd: 3 }],
    ['abc', 'ac', { start: 1, oldEnd: 2, newEnd: 1 }],
    ['aaa', 'aaaa', { start: 3, oldEnd: 3, newEnd: 4 }],
    ['', 'a', { start: 0, oldEnd: 0, newEnd: 1 }],
    ['one two', 'one three', { start: 5, oldEnd: 7, newEnd: 9 }],
  ])('between %j and %j is %j', (before, after, expected) => {
    const difference = differenceBetween(before, after)!;
    expect(difference).toEqual(expected);
    expect(
      before.slice(0, difference.start) +
        after.slice(difference.start, difference.newEnd) +
        before.slice(difference.oldEnd),
    ).toBe(after);
  });

  it('is none between equal texts', () => {
    expect(differenceBetween('a', 'a')).toBeUndefined();
  });
});

describe('pointAt', () => {
  it.each([
    ['ab\ncd', 0, 0, 0],
    ['ab\ncd', 2, 0, 2],
    ['ab\ncd', 3, 1, 0],
    ['ab\r\n😀d', 6, 1, 2],
  ])('of %j at %i is row %i, column %i', (text, offset, row, column) => {
    expect(pointAt(text, offset)).toEqual({ row, column });
  });
});
