import { describe, expect, it } from 'vitest';
import { remembered } from './remembered.ts';

describe('a remembered change', () => {
  it('is made once for each text, and forgotten when there is too much', () => {
    const made: string[] = [];
    const change = remembered((text) => {
      made.push(text.slice(0, 1));
      return text.toUpperCase();
    }, 5_000);
    const [a, b, c] = ['a'.repeat(1_000), 'b'.repeat(1_000), 'c'.repeat(1_000)] as const;
    expect([change(a), change(b), change(a)]).toEqual([a.toUpperCase(), b.toUpperCase(), a.toUpperCase()]);
    expect(made).toEqual(['a', 'b']);
    change(c);
    change(b);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('is of its own text, however alike another one looks', () => {
    const change = remembered((text) => text.toUpperCase());
    const alike = ['x', 'y', 'x'].map((odd) => `${'a'.repeat(700)}${odd}${'a'.repeat(700)}${odd}${'a'.repeat(700)}`);
    expect(alike.map(change)).toEqual(alike.map((text) => text.toUpperCase()));
  });

  it('is made every time for a short text', () => {
    let made = 0;
    const change = remembered((text) => ((made += 1), text));
    change('x');
    change('x');
    expect(made).toBe(2);
  });
});
