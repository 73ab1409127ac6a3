import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { nearestPart } from './alignment.ts';

/** The same by the book: one row of the matrix after the other. */
function byTheBook(pattern: readonly string[], text: readonly string[], anchored: boolean): number[] {
  let row = Array.from({ length: text.length + 1 }, (_, column) => (anchored ? column : 0));
  for (const [index, element] of pattern.entries()) {
    const next = [index + 1];
    for (const [column, other] of text.entries()) {
      const substituted = row[column]! + (element === other ? 0 : 1);
      next.push(Math.min(substituted, row[column + 1]! + 1, next[column]! + 1));
    }
    row = next;
  }
  return row;
}

const sequence = (length: number, letters: number, random: (below: number) => number) =>
  Array.from({ length }, () => String(random(letters)));

describe('the nearest part of a text', () => {
  it.each([
    ['a b c', 'x a b c y', 0, 'a b c'],
    ['a b c', 'x a c y', 1, 'a c'],
    ['a b c', 'a b x c', 1, 'a b'],
    ['a b c d', 'a b x d', 1, 'a b x d'],
    ['a b', 'x y', 2, ''],
    ['a b', '', 2, ''],
  ])('of %o in %o is %i edits away', (pattern, text, distance, part) => {
    const words = text.split(' ').filter(Boolean);
    const found = nearestPart(pattern.split(' '), words);
    expect(found.distance).toBe(distance);
    expect(words.slice(found.from, found.to).join(' ')).toBe(part);
  });

  it('matches no element that is empty', () => {
    expect(nearestPart(['a', 'b'], ['a', '', 'b']).distance).toBe(1);
  });

  it('has the distance of the textbook, within one block and across many, and lies where it says', () => {
    const random = randomFrom(7);
    for (let run = 0; run < 600; run++) {
      const letters = 2 + random(6);
      const pattern = sequence(1 + random(run % 3 === 0 ? 150 : 40), letters, random);
      const text = sequence(random(120), letters, random);
      if (random(2) === 0) text.splice(random(text.length + 1), 0, ...pattern.filter(() => random(8) > 0));
      const found = nearestPart(pattern, text);
      expect(found.distance).toBe(Math.min(...byTheBook(pattern, text, false)));
      const part = text.slice(found.from, found.to);
      expect(byTheBook(pattern, part, true).at(-1)).toBe(found.distance);
    }
  });
});
