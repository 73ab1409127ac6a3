import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createRadixTrie } from './radix-trie.ts';

describe('a radix trie', () => {
  it('finds what was stored for every beginning of a text, longest first and latest first', () => {
    const trie = createRadixTrie<string>();
    for (const key of ['con', 'const', 'consider', '', 'x', 'const']) trie.add(key, key || 'empty');
    expect(trie.beginningsOf('const a')).toEqual(['const', 'const', 'con', 'empty']);
    expect(trie.beginningsOf('cons')).toEqual(['con', 'empty']);
    expect(trie.beginningsOf('')).toEqual(['empty']);
  });

  it('says the same as a list that is searched through, whatever is added and deleted', () => {
    const random = randomFrom(7);
    const trie = createRadixTrie<number>();
    let list: { key: string; value: number }[] = [];
    const text = (length: number) => Array.from({ length }, () => 'ab'[random(2)]).join('');
    for (let step = 0; step < 5000; step++) {
      if (random(3) > 0) {
        const entry = { key: text(random(9)), value: step };
        trie.add(entry.key, entry.value);
        list.push(entry);
      } else if (list.length > 0) {
        const [entry] = list.splice(random(list.length), 1);
        trie.delete(entry!.key, entry!.value);
      }
      if (random(50) === 0) {
        for (const { key, value } of list) trie.delete(key, value);
        list = [];
      }
      const wanted = text(12);
      const found = list
        .filter(({ key }) => wanted.startsWith(key))
        .toSorted((a, b) => b.key.length - a.key.length || b.value - a.value);
      expect(trie.beginningsOf(wanted)).toEqual(found.map(({ value }) => value));
      expect(trie.size).toBe(list.length);
    }
  });

  it('forgets nothing but what it is told to', () => {
    const trie = createRadixTrie<string>();
    trie.add('ab', 'kept');
    trie.delete('ab', 'another');
    trie.delete('a', 'kept');
    trie.delete('abc', 'kept');
    expect(trie.beginningsOf('abc')).toEqual(['kept']);
  });
});
