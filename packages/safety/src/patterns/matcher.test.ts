import { randomFrom } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { type BlockedPattern, PatternError, createPatternMatcher } from './index.ts';

interface Found {
  readonly shown: string;
  readonly name: string | undefined;
}

/** What is let through of `text` in chunks of `size`, up to the first match. */
function play(patterns: readonly BlockedPattern[], text: string, size: number, before = ''): Found {
  const stream = createPatternMatcher(patterns)!.stream(before);
  let shown = 0;
  for (let from = 0; from < text.length; from += size) {
    const chunk = text.slice(from, from + size);
    const verdict = stream.feed(chunk);
    const fed = from + chunk.length;
    if (verdict.kind === 'match') return { shown: text.slice(0, Math.max(0, fed - verdict.ago)), name: verdict.name };
    shown = fed - verdict.open;
    expect(verdict.open).toBeLessThanOrEqual(512);
  }
  const last = stream.end();
  return last.kind === 'match'
    ? { shown: text.slice(0, text.length - last.ago), name: last.name }
    : { shown: text, name: shown >= 0 ? undefined : '' };
}

const one = (pattern: string, ignoreCase = false): BlockedPattern[] => [{ name: 'p', pattern, ignoreCase }];

describe('a matcher of blocked patterns', () => {
  it.each([
    ['host[0-9]+\\.corp', 'see host12.corp now', 'see '],
    ['\\bgit\\.internal\\b', 'x git.internal\n', 'x '],
    ['^secret', 'a\nsecret', 'a\n'],
    ['end$', 'the end\nx', 'the '],
    ['(?:ab|cd){2,3}e', 'xx abcdabe', 'xx '],
    ['a.c', 'a\nc abc', 'a\nc '],
    ['[^a-z]9', 'a9 b9 _9', 'a9 b9 '],
    ['x{3}', 'xx xxx', 'xx '],
    ['colou?r', 'the color', 'the '],
    ['\\d{4}-\\d{4}', '123-4567 1234-5678', '123-4567 '],
    ['\\Bb', 'b ab', 'b a'],
    ['z(a|b|)c', 'zc', ''],
  ])('finds /%s/ in %j at every chunking', (pattern, text, shown) => {
    for (let size = 1; size <= text.length; size++)
      expect(play(one(pattern), text, size)).toEqual({ shown, name: 'p' });
  });

  it('holds back what may become a match, and no more', () => {
    const stream = createPatternMatcher(one('corp\\.internal'))!.stream('');
    expect(stream.feed('the cor')).toEqual({ kind: 'open', open: 3 });
    expect(stream.feed('p.in')).toEqual({ kind: 'open', open: 7 });
    expect(stream.feed('voice co')).toEqual({ kind: 'open', open: 2 });
    expect(stream.feed('at')).toEqual({ kind: 'open', open: 0 });
    expect(stream.feed('corp.internal!')).toEqual({ kind: 'match', name: 'p', ago: 14 });
  });

  it('finds what the text before the cursor has begun, but does not judge that text', () => {
    expect(play(one('corp\\.internal'), 'rnal/x', 1, 'git.corp.inte')).toEqual({ shown: '', name: 'p' });
    expect(play(one('corp\\.internal'), '/x', 1, 'git.corp.internal')).toEqual({ shown: '/x', name: undefined });
  });

  it('agrees with the engine of JavaScript on random patterns and texts', () => {
    const random = randomFrom(17);
    const atoms = ['a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\b', '^', '$', 'A'];
    const pick = (from: readonly string[]) => from[random(from.length)]!;
    const draw = (depth: number): string => {
      const kind = random(depth > 0 ? 6 : 2);
      if (kind < 2) return pick(atoms);
      if (kind === 2) return `(?:${draw(depth - 1)}|${draw(depth - 1)})`;
      if (kind === 3) return `(?:${draw(depth - 1)})${pick(['*', '+', '?', '{2}', '{1,3}', '*?'])}`;
      return draw(depth - 1) + draw(depth - 1);
    };
    let [matches, others, refused] = [0, 0, 0];
    for (let run = 0; run < 2000; run++) {
      const pattern = draw(4);
      const ignoreCase = random(3) === 0;
      const text = Array.from({ length: random(20) }, () => pick(['a', 'b', 'c', 'A', '\n', ' ', 'é'])).join('');
      const expected = new RegExp(pattern, ignoreCase ? 'im' : 'm');
      let found: Found;
      try {
        found = play(one(pattern, ignoreCase), text, 1 + random(4));
      } catch (error) {
        expect(error).toBeInstanceOf(PatternError);
        expect(expected.test('') || /[\^$\\]/.test(pattern), pattern).toBe(true);
        refused += 1;
        continue;
      }
      expect(found.name !== undefined, `/${pattern}/ in ${JSON.stringify(text)}`).toBe(expected.test(text));
      if (found.name === undefined) others += 1;
      else matches += 1;
      // Nothing that is shown is a match.
      if (!/[\^$\\]/.test(pattern)) expect(expected.test(found.shown), pattern).toBe(false);
    }
    expect(Math.min(matches, others)).toBeGreaterThan(200);
    expect(refused).toBeLessThan(1200);
  });

  it('does the same work for a character whatever the pattern, where backtracking would take for ever', () => {
    for (const pattern of ['(a+)+b', '(a|a)*b', '(?:a?){30}a{30}b', '([a-z]+)*\\.x']) {
      const { shown, name } = play(one(pattern), 'a'.repeat(4_000), 7);
      expect([shown.length, name]).toEqual([4_000, undefined]);
    }
  });

  it('looks for thousands of texts at once, in any case if wanted', () => {
    const literals = Array.from({ length: 3000 }, (_, at) => `host${at}.corp`);
    const patterns = [{ name: 'hosts', literals, ignoreCase: true }];
    expect(play(patterns, 'ssh Host2999.CORP', 3)).toEqual({ shown: 'ssh ', name: 'hosts' });
    expect(play(patterns, 'ssh host3000.corp', 3)).toEqual({ shown: 'ssh host3000.corp', name: undefined });
  });

  it.each([
    ['(a)\\1', /linear time/],
    ['a(?=b)', /look at what stands around/],
    ['(?<!a)b', /look at what stands around/],
    ['a*', /matches the empty text/],
    ['(', /no regular expression/],
    ['[b-a]', /no regular expression/],
    ['(?:a{1000}){1000}', /too large/],
    ['\\p{L}x', /write the characters out/],
    ['(?i:ab)', /ignoreCase: true/],
  ])('refuses /%s/ and says what to do', (pattern, message) => {
    expect(() => createPatternMatcher(one(pattern))).toThrow(message);
  });
});
