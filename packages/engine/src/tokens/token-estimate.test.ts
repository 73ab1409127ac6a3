import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createTiktokenCounter } from '@ghostline/inference';
import { seeded } from '@ghostline/seeded';
import { afterAll, describe, expect, it } from 'vitest';
import { countScript, countScriptOn, estimateTokens } from './token-estimate.ts';

const repository = path.join(import.meta.dirname, '../../../..');
const file = (name: string) => readFileSync(path.join(repository, name), 'utf8').slice(0, 24_000);
const random = seeded(4);
const bytes = () => Buffer.from(Array.from({ length: 24 }, () => random() * 256));
const many = (line: () => string) => Array.from({ length: 200 }, line).join('\n');

describe('the estimate of tokens', () => {
  const counter = createTiktokenCounter({ encoding: 'o200k_base' });
  afterAll(() => counter.close());

  it.each([
    ['TypeScript', file('packages/engine/src/engine.ts')],
    ['a type declaration', file('packages/client/src/types.ts')],
    ['prose', file('docs/operations.md')],
    ['YAML', file('pnpm-lock.yaml')],
    ['JSON', file('apps/extension/package.json')],
    ['CSS', file('apps/extension/src/why/page.css')],
    ['a table of numbers', many(() => [...bytes().subarray(0, 8)].map((byte) => byte * 37).join('\t'))],
    ['hexadecimal digits', many(() => bytes().toString('hex'))],
    ['Base64', many(() => bytes().toString('base64'))],
    ['deep indentation', many(() => `${' '.repeat(24)}"key": ${bytes()[0]},`)],
  ])('is within a quarter of what a tokeniser counts: %s', async (_, text) => {
    const actual = await counter.count(text, new AbortController().signal);
    expect(estimateTokens(text) / actual).toBeGreaterThan(0.8);
    expect(estimateTokens(text) / actual).toBeLessThan(1.25);
  });

  it('is one token for a Chinese character, and one for two of Cyrillic, with a little more to be careful', () => {
    expect(estimateTokens('漢'.repeat(1000))).toBeGreaterThanOrEqual(1000);
    expect(estimateTokens('漢'.repeat(1000))).toBeLessThan(1100);
    expect(estimateTokens('ж'.repeat(1000))).toBeGreaterThanOrEqual(500);
    expect(estimateTokens('ж'.repeat(1000))).toBeLessThan(600);
  });

  it('takes a text too short to tell for code: a word without an end, or a number, does not stand for a file', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('x'.repeat(70))).toBeGreaterThan(15);
    expect(estimateTokens('1 2 3 4 5')).toBeLessThan(5);
  });

  it('counts a text in two parts as it counts the whole', () => {
    const pieces = ['value', 'Value', ' ', '    ', '12', '.', '==', '\n', '\r\n', 'é', '漢', '😀'];
    for (let round = 0; round < 300; round++) {
      const some = () => Array.from({ length: random() * 80 }, () => pieces[Math.floor(random() * pieces.length)]);
      const head = `${some().join('')}\n`;
      const tail = some().join('');
      expect(countScriptOn(countScript(head), head.length, tail)).toEqual(countScript(head + tail));
    }
  });
});
