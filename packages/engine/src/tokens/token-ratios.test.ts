import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createTokenRatios } from './token-ratios.ts';

/** Texts of 1000 estimated tokens whose true count spreads around `ratio`. */
function taught(ratio: number, samples: number, { spread = 0.08, seed = 3 } = {}) {
  const ratios = createTokenRatios();
  const random = seeded(seed);
  const draw = () => 1000 * ratio * Math.exp(spread * (random() + random() + random() - 1.5) * 2);
  for (let i = 0; i < samples; i++) ratios.learn('m', 'typescript', 1000, draw());
  return { ratios, draw };
}

describe('the ratio of tokens to their estimate', () => {
  it('is the estimate as it is until enough is known', () => {
    expect(createTokenRatios().of('m', 'typescript')).toEqual({ typical: 1, safe: 1 });
    expect(taught(1.5, 7).ratios.of('m', 'typescript')).toEqual({ typical: 1, safe: 1 });
    expect(taught(1.5, 8).ratios.of('m', 'typescript').typical).toBeGreaterThan(1.4);
  });

  it.each([0.7, 1, 1.4])(
    'is found for a tokeniser that makes %f of the estimate, with few texts above the safe one',
    (true_) => {
      const { ratios, draw } = taught(true_, 1000);
      const { typical, safe } = ratios.of('m', 'typescript');
      expect(typical / true_).toBeGreaterThan(0.94);
      expect(typical / true_).toBeLessThan(1.06);
      const above = Array.from({ length: 2000 }, draw).filter((actual) => actual > 1000 * safe).length;
      expect(above / 2000).toBeLessThan(0.1);
      expect(safe / true_).toBeLessThan(1.35);
    },
  );

  it('is one for each model and language', () => {
    const { ratios } = taught(1.5, 50);
    expect(ratios.of('m', 'python')).toEqual({ typical: 1, safe: 1 });
    expect(ratios.of('other', 'typescript')).toEqual({ typical: 1, safe: 1 });
  });

  it('follows a tokeniser that changes', () => {
    const { ratios } = taught(1.5, 500);
    for (let i = 0; i < 500; i++) ratios.learn('m', 'typescript', 1000, 800);
    expect(ratios.of('m', 'typescript').typical).toBeLessThan(0.9);
  });

  it('stays where it is while what comes is like what was: it moves where prompts are cut', () => {
    const { ratios, draw } = taught(1.1, 500);
    const seen = new Set<number>();
    for (let i = 0; i < 300; i++) {
      ratios.learn('m', 'typescript', 1000, draw());
      seen.add(ratios.of('m', 'typescript').safe);
    }
    expect(seen.size).toBeLessThanOrEqual(6);
  });

  it('believes neither short texts nor absurd counts', () => {
    const ratios = createTokenRatios();
    for (let i = 0; i < 50; i++) ratios.learn('m', 'go', 100, 900);
    expect(ratios.of('m', 'go')).toEqual({ typical: 1, safe: 1 });
    for (let i = 0; i < 50; i++) ratios.learn('m', 'go', 1000, 1e9);
    expect(ratios.of('m', 'go').safe).toBeLessThanOrEqual(3.5);
    for (let i = 0; i < 500; i++) ratios.learn('m', 'go', 1000, 1);
    expect(ratios.of('m', 'go').typical).toBeGreaterThanOrEqual(0.3);
  });

  it('is careful at once after a prompt that did not fit, and by as much as the endpoint says', () => {
    const said = createTokenRatios();
    said.overflowed('m', 'go', 1000, 1300);
    expect(said.of('m', 'go').safe).toBeGreaterThanOrEqual(1.3);
    expect(said.of('m', 'go').typical).toBe(1);
    const silent = createTokenRatios();
    silent.overflowed('m', 'go', 1000, undefined);
    const once = silent.of('m', 'go').safe;
    expect(once).toBeGreaterThanOrEqual(1.15);
    silent.overflowed('m', 'go', 1000, undefined);
    expect(silent.of('m', 'go').safe).toBeGreaterThan(once);
  });

  it('does not grow with the languages that clients name', () => {
    const ratios = createTokenRatios();
    for (let i = 0; i < 1500; i++) ratios.overflowed('m', `language-${i}`, 1000, 1300);
    expect(ratios.of('m', 'language-0')).toEqual({ typical: 1, safe: 1 });
    expect(ratios.of('m', 'language-1499').safe).toBeGreaterThan(1);
  });
});
