import type { Snippet } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { seeded } from '../testing/seeded.ts';
import { type BudgetedText, estimateTokens, fitToBudget as fit, measure } from './token-budget.ts';

const fitToBudget = (text: BudgetedText, language: string, budget: number) =>
  fit(text, measure(text, language), budget);
const line = (i: number) => `  const value${i} = compute(${i}, other);\n`;
const lines = (count: number, from = 0) => Array.from({ length: count }, (_, i) => line(from + i)).join('');
const snippet = (path: string, text: string, score?: number): Snippet => ({
  path,
  text,
  source: 'open_file',
  ...(score !== undefined && { score }),
});

describe('estimateTokens', () => {
  it('counts about 3.6 characters of code a token, fewer of symbols, one of Chinese', () => {
    expect(estimateTokens('x'.repeat(3600), 'typescript')).toBeCloseTo(1000, -2);
    expect(estimateTokens('x'.repeat(3200), 'cpp')).toBeCloseTo(1000, -2);
    expect(estimateTokens('漢'.repeat(1000), 'typescript')).toBe(1000);
    expect(estimateTokens('ж'.repeat(1000), 'typescript')).toBe(500);
    expect(estimateTokens('', 'typescript')).toBe(0);
    // Runs of spaces are single tokens: JSON that is indented by eight has more of them than of anything else.
    const indented = `${' '.repeat(23)}"a": 1,\n`.repeat(200);
    expect(estimateTokens(indented, 'json')).toBeLessThan(indented.length / 5);
    expect(estimateTokens(indented, 'json')).toBeGreaterThan(indented.length / 12);
  });
});

describe('fitToBudget', () => {
  it('leaves alone what fits', () => {
    const text = { prefix: lines(10), suffix: lines(5), snippets: [snippet('a', lines(3))] };
    expect(fitToBudget(text, 'typescript', 1000)).toMatchObject(text);
  });

  it('gives the prefix what suffix and snippets do not need', () => {
    const text = { prefix: lines(400), suffix: '', snippets: [] };
    const { prefix } = fitToBudget(text, 'typescript', 1000);
    expect(estimateTokens(prefix, 'typescript')).toBeGreaterThan(700);
  });

  it('gives the suffix what the others do not need', () => {
    const text = { prefix: lines(2), suffix: lines(400), snippets: [] };
    const { suffix } = fitToBudget(text, 'typescript', 1000);
    expect(estimateTokens(suffix, 'typescript')).toBeGreaterThan(900);
    expect(suffix.startsWith(line(0))).toBe(true);
    expect(suffix.endsWith('\n')).toBe(true);
  });

  it('drops the lowest-scored snippets and keeps the order of the others', () => {
    const text = {
      prefix: lines(400),
      suffix: '',
      snippets: [
        snippet('low', lines(10), 0.1),
        snippet('high', lines(10), 0.9),
        snippet('unscored', lines(10)),
        snippet('mid', lines(10), 0.5),
      ],
    };
    const paths = (tokens: number) => fitToBudget(text, 'typescript', tokens).snippets.map(({ path }) => path);
    expect(paths(1000)).toEqual(['high', 'mid']);
    expect(paths(1150)).toEqual(['low', 'high', 'mid']);
  });

  it('keeps the left edge of the prefix, at a line, while the user types', () => {
    const edges = new Set<string>();
    const text = lines(400);
    for (let typed = 0; typed < 200; typed++) {
      const { prefix } = fitToBudget(
        { prefix: text + 'x'.repeat(typed), suffix: lines(200), snippets: [] },
        'typescript',
        2000,
      );
      edges.add(prefix.slice(0, 30));
      expect(prefix.startsWith('  const value')).toBe(true);
    }
    expect(edges.size).toBeLessThanOrEqual(2);
  });

  it('keeps the left edge while the suffix changes a little', () => {
    const edges = new Set<string>();
    for (let more = 0; more < 60; more++) {
      const text = { prefix: lines(400), suffix: 'x'.repeat(500 + more), snippets: [] };
      edges.add(fitToBudget(text, 'typescript', 2000).prefix.slice(0, 30));
    }
    expect(edges.size).toBeLessThanOrEqual(2);
  });

  it('never exceeds the budget, splits a character or moves text, whatever the text', () => {
    const random = seeded(5);
    const ascii = ['x', ' ', '\n', 'value', '}'];
    let pieces = ascii;
    const some = (most: number) =>
      Array.from({ length: Math.floor(random() * most) }, () => pieces[Math.floor(random() ** 2 * pieces.length)]).join(
        '',
      );
    for (let round = 0; round < 500; round++) {
      pieces = round % 2 ? ascii : [...ascii, '😀', '漢', 'ж'];
      const text = {
        prefix: some(2000),
        suffix: some(1000),
        snippets: Array.from({ length: Math.floor(random() * 4) }, (_, i) => snippet(`f${i}`, some(300), random())),
      };
      const tokens = Math.floor(random() * 900);
      const fitted = fitToBudget(text, 'typescript', tokens);
      expect(text.prefix.endsWith(fitted.prefix)).toBe(true);
      expect(text.suffix.startsWith(fitted.suffix)).toBe(true);
      expect(fitted.prefix.isWellFormed() && fitted.suffix.isWellFormed()).toBe(true);
      // In mixed text the estimate of a part differs from that of the whole it was cut from.
      const tolerance = pieces === ascii ? 2 : 8 + tokens * 0.3;
      expect(fitted.estimatedTokens).toBeLessThanOrEqual(tokens + tolerance);
    }
  });
});
