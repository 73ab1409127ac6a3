import { describe, expect, it } from 'vitest';
import { formatMs } from './format.ts';

describe('a time', () => {
  it.each([
    [0, '<1 ms'],
    [0.02, '<0.1 ms'],
    [0.05, '0.1 ms'],
    [0.84, '0.8 ms'],
    [9.96, '10 ms'],
    [126.9, '127 ms'],
    [999.6, '1 s'],
    [1234, '1.23 s'],
    [12_345, '12.3 s'],
  ])('of %d ms reads %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});
