import { describe, expect, it } from 'vitest';
import { createKvCache } from './kv-cache.ts';
import { createTokenizer, tokensOf } from './tokens.ts';

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe('the KV cache of an engine', () => {
  it('finds the whole blocks of 16 tokens that a prompt begins with', () => {
    const kv = createKvCache(1000);
    expect(kv.lookUp(numbers(100))).toBe(0);
    kv.store(numbers(100), 100);
    expect(kv.lookUp([...numbers(70), ...numbers(30, 500)])).toBe(64);
    expect(kv.lookUp(numbers(15))).toBe(0);
    expect(kv.lookUp([...numbers(1, 9), ...numbers(99)])).toBe(0);
  });

  it('computes the last block of a prompt that is there already, for its output', () => {
    const kv = createKvCache(1000);
    kv.store(numbers(64), 64);
    expect(kv.lookUp(numbers(64))).toBe(48);
    expect(kv.lookUp(numbers(65))).toBe(64);
  });

  it('keeps what was computed of a prompt that was given up', () => {
    const kv = createKvCache(1000);
    kv.store(numbers(100), 40);
    expect(kv.lookUp(numbers(100))).toBe(32);
  });

  it('gives up what was used least recently, the end of a prompt before its beginning', () => {
    const kv = createKvCache(6 * 16);
    kv.store(numbers(64), 64);
    kv.store(numbers(64, 1000), 64);
    expect(kv.lookUp(numbers(65))).toBe(32);
    expect(kv.lookUp(numbers(65, 1000))).toBe(64);
  });
});

describe('tokens', () => {
  it('are all of the text, words of at most eight letters with their space', () => {
    const text = 'export function considerably(a1: number) {\n\treturn 12345 + "é👻";\r\n}\n';
    expect(tokensOf(text).join('')).toBe(text);
    expect(tokensOf('const considerably = 12345;')).toEqual(['const', ' consider', 'ably', ' =', ' 123', '45', ';']);
  });

  it('are equal for equal beginnings, whatever follows on later lines', () => {
    const tokenize = createTokenizer();
    const [short, long] = [tokenize('a b\nc d\n'), tokenize('a b\nc d\ne f')];
    expect(long.slice(0, short.length)).toEqual(short);
    expect(tokenize('a b\nc d\n')).toEqual(short);
  });
});
