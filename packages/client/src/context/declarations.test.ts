import { describe, expect, it } from 'vitest';
import { declarationAt, declarationsIn } from './declarations.ts';

const declared = (code: string) => [...declarationsIn(code.split('\n'))];
const at = (code: string, limit = 500) => declarationAt(code.split('\n'), 0, limit);

describe('declarations', () => {
  it.each([
    ['export default abstract class Order {', 'Order'],
    ['  async def settle(self, order):', 'settle'],
    ['func (s *Store) Load(id int) error {', 'Load'],
    ['pub(crate) fn load<T>(id: T) -> Row {', 'load'],
    ['export const LIMITS = {', 'LIMITS'],
    ['data class Order(val id: Id)', 'Order'],
    ['defmodule Shop do', 'Shop'],
  ])('in %s: %s', (line, name) => {
    expect(declared(line)).toContainEqual([name, 0]);
  });

  it('are not those within functions', () => {
    expect(declared('function a() {\n      const inner = 1;\n}')).toEqual([['a', 0]]);
  });

  it('of types have their members, up to a dozen lines', () => {
    const type = 'interface A {\n  one: B;\n\n  two: C;\n}';
    expect(at(`${type}\nconst x = 1;`)).toBe(type);
    expect(at('class A:\n    one: int\n\n    two: int\n\ndef f(): pass')).toBe(
      'class A:\n    one: int\n\n    two: int',
    );
    expect(at(`enum A {\n${'  B,\n'.repeat(40)}}`).split('\n')).toHaveLength(12);
  });

  it('of functions have no body', () => {
    expect(at('function f(a: A): B {\n  secret();\n}')).toBe('function f(a: A): B {');
    expect(at('def f(\n    a,\n    b,\n) -> int:\n    return 1')).toBe('def f(\n    a,\n    b,\n) -> int:');
    expect(at('const limits = {\n  a: 1,\n};')).toBe('const limits = {');
  });

  it('have whole lines only', () => {
    expect(at('interface A {\n  one: B;\n  two: C;\n}', 30)).toBe('interface A {\n  one: B;');
    expect(at(`const a = '${'x'.repeat(600)}';`)).toBe('');
    expect(at('')).toBe('');
  });
});
