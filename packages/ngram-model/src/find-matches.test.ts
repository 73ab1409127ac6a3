import { describe, expect, it } from 'vitest';
import { findMatches, zBackwards } from './find-matches.ts';

function found(text: string, pattern: string): number[] {
  const lengths = Array.from({ length: text.length + 1 }, () => 0);
  findMatches(text, text.length, pattern, zBackwards(pattern), (end, length) => {
    lengths[end] = length;
  });
  return lengths;
}

function foundNaively(text: string, pattern: string): number[] {
  return Array.from({ length: text.length + 1 }, (_, end) => {
    let length = Math.min(end, pattern.length);
    while (text.slice(end - length, end) !== pattern.slice(pattern.length - length)) length -= 1;
    return length;
  });
}

describe('a search for matches', () => {
  it('finds the longest common end at every place', () => {
    expect(found('xab.ab', 'cab')).toEqual([0, 0, 0, 2, 0, 0, 2]);
  });

  it('finds what comparing everything with everything finds, however the texts repeat themselves', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const word = (length: number, letters: number) => Array.from({ length }, () => 'abc'[random(letters)]).join('');
    for (let round = 0; round < 1_000; round += 1) {
      const letters = 1 + (round % 3);
      const text = word(random(60), letters);
      const pattern = word(random(30), letters);
      expect(found(text, pattern), `${pattern} in ${text}`).toEqual(foundNaively(text, pattern));
    }
  });
});
