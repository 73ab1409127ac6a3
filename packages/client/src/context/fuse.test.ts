import { describe, expect, it } from 'vitest';
import { fuse } from './fuse.ts';
import type { Part } from './part.ts';

function part(key: string): Part {
  return { key, uri: key, path: key, source: 'open_file', startLine: 0, endLine: 1, text: key, safeText: key };
}
const ranking = (weight: number, ...keys: readonly string[]) => ({ weight, parts: keys.map(part) });
const order = (...rankings: Parameters<typeof fuse>[0]) => fuse(rankings).map(({ part: { key } }) => key);

describe('rankings of several sources', () => {
  it('are joined by their places: what two name goes before what one puts first', () => {
    expect(order(ranking(1, 'a', 'b'), ranking(1, 'c', 'b'))).toEqual(['b', 'a', 'c']);
  });

  it('give a weight a tenth higher some six places', () => {
    const many = ranking(1, ...'abcdefgh');
    expect(order(many, ranking(0.9, 'z'))).toEqual([...'abcdefgz', 'h']);
  });

  it('score 1 for the first place of one with weight 1', () => {
    expect(fuse([ranking(1, 'a')])[0]!.score).toBe(1);
  });
});
