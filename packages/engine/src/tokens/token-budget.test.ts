import type { Snippet } from '@ghostline/protocol';
import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { type BudgetedText, fitToBudget as fit, measure } from './token-budget.ts';
import { estimateTokens } from './token-estimate.ts';

const fitToBudget = (text: BudgetedText, budget: number) => fit(text, measure(text), budget);
const line = (i: number) => `  const value${i} = compute(${i}, other);\n`;
const lines = (count: number, from = 0) => Array.from({ length: count }, (_, i) => line(from + i)).join('');
const snippet = (path: string, text: string, score?: number): Snippet => ({
  path,
  text,
  source: 'open_file',
  ...(score !== undefined && { score }),
});

describe('fitToBudget', () => {
  it('leaves alone what fits', () => {
    const text = { prefix: lines(10), suffix: lines(5), snippets: [snippet('a', lines(3))] };
    expect(fitToBudget(text, 1000)).toMatchObject(text);
  });

  it('gives the prefix what suffix and snippets do not need', () => {
    const text = { prefix: lines(400), suffix: '', snippets: [] };
    const { prefix } = fitToBudget(text, 1000);
    expect(estimateTokens(prefix)).toBeGreaterThan(700);
  });

  it('gives the suffix what the others do not need', () => {
    const text = { prefix: lines(2), suffix: lines(400), snippets: [] };
    const { suffix } = fitToBudget(text, 1000);
    expect(estimateTokens(suffix)).toBeGreaterThan(850);
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
    const paths = (tokens: number) => fitToBudget(text, tokens).snippets.map(({ path }) => path);
    expect(paths(900)).toEqual(['high', 'mid']);
    expect(paths(1250)).toEqual(['low', 'high', 'mid']);
  });

  it('keeps the left edge of the prefix, at a line, while the user types', () => {
    const edges = new Set<string>();
    const text = lines(400);
    for (let typed = 0; typed < 200; typed++) {
      const { prefix } = fitToBudget({ prefix: text + 'x'.repeat(typed), suffix: lines(200), snippets: [] }, 2000);
      edges.add(prefix.slice(0, 30));
      expect(prefix.startsWith('  const value')).toBe(true);
    }
    expect(edges.size).toBeLessThanOrEqual(2);
  });

  it('keeps the left edge while the suffix changes a little', () => {
    const edges = new Set<string>();
    for (let more = 0; more < 60; more++) {
      const text = { prefix: lines(400), suffix: 'x'.repeat(500 + more), snippets: [] };
      edges.add(fitToBudget(text, 2000).prefix.slice(0, 30));
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
      const fitted = fitToBudget(text, tokens);
      expect(text.prefix.endsWith(fitted.prefix)).toBe(true);
      expect(text.suffix.startsWith(fitted.suffix)).toBe(true);
      expect(fitted.prefix.isWellFormed() && fitted.suffix.isWellFormed()).toBe(true);
      // In mixed text the estimate of a part differs from that of the whole it was cut from.
      const tolerance = pieces === ascii ? 2 : 8 + tokens * 0.3;
      expect(fitted.estimatedTokens).toBeLessThanOrEqual(tokens + tolerance);
    }
  });
});
