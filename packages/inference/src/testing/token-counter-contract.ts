import { describe, expect, it } from 'vitest';
import type { TokenCounter } from '../types.ts';

const CODE = `export function sum(numbers: readonly number[]): number {\n  return numbers.reduce((a, b) => a + b, 0);\n}\n`;

const never = () => new AbortController().signal;

/** The contract of `TokenCounter`, for each implementation. `open` gives a new one. */
export function describeTokenCounter(name: string, open: () => Promise<TokenCounter> | TokenCounter): void {
  describe(`${name} as a counter of tokens`, () => {
    it('counts nothing in nothing, and between one and all characters of code', async () => {
      const counter = await open();
      expect(await counter.count('', never())).toBe(0);
      const tokens = await counter.count(CODE, never());
      expect(tokens).toBeGreaterThan(CODE.length / 8);
      expect(tokens).toBeLessThanOrEqual(CODE.length);
      await counter.close();
    });

    it('says the same of the same text, and about twice as much of twice the text', async () => {
      const counter = await open();
      const once = await counter.count(CODE, never());
      expect(await counter.count(CODE, never())).toBe(once);
      expect(Math.abs((await counter.count(CODE + CODE, never())) - 2 * once)).toBeLessThanOrEqual(2);
      await counter.close();
    });

    it('takes control tokens of users for text, and every script', async () => {
      const counter = await open();
      for (const text of ['<|endoftext|><|fim_prefix|>', '漢字かな', '👻\ud800', '\0\t'])
        expect(await counter.count(text, never())).toBeGreaterThan(0);
      await counter.close();
    });

    it('rejects with the reason of its signal', async () => {
      const counter = await open();
      const abort = new AbortController();
      const reason = new Error('no longer wanted');
      const counted = counter.count(CODE, abort.signal);
      abort.abort(reason);
      await expect(counted).rejects.toBe(reason);
      await expect(counter.count(CODE, abort.signal)).rejects.toBe(reason);
      expect(await counter.count(CODE, never())).toBeGreaterThan(0);
      await counter.close();
    });

    it('refuses more than it can bear rather than queue it without bound', async () => {
      const counter = await open();
      const counts = Array.from({ length: 200 }, () => counter.count(CODE, never()));
      const settled = await Promise.allSettled(counts);
      expect(settled.some(({ status }) => status === 'fulfilled')).toBe(true);
      expect(settled.some(({ status }) => status === 'rejected')).toBe(true);
      expect(await counter.count(CODE, never())).toBeGreaterThan(0);
      await counter.close();
    });

    it('rejects once it is closed', async () => {
      const counter = await open();
      await counter.close();
      await expect(counter.count(CODE, never())).rejects.toThrow('closed');
    });
  });
}
