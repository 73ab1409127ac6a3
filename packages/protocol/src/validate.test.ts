import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { likelyMeant, validate } from './validate.ts';

describe('a likely typo', () => {
  it.each([
    ['sufix', 'suffix'],
    ['preffix', 'prefix'],
    ['langauge', 'language'],
    ['maxTokens', 'max_tokens'],
    ['Trigger', 'trigger'],
    ['pth', 'path'],
    ['paht', 'path'],
  ])('%s is near %s', (word, meant) => {
    expect(likelyMeant(word, ['prefix', 'suffix', 'language', 'max_tokens', 'trigger', 'path'])).toBe(meant);
  });

  it('is not seen in short or distant words', () => {
    expect(likelyMeant('uri', ['path', 'how', 'type'])).toBeUndefined();
    expect(likelyMeant('temperature', ['trigger', 'template'])).toBeUndefined();
  });
});

describe('the search for typos', () => {
  const Item = z.object({ text: z.string().optional() });
  const Body = z.object({ suffix: z.string().optional(), items: z.array(Item).max(3).optional() });
  const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, i]));
  const detailOf = (value: unknown) => {
    const result = validate(Body, value);
    return result.ok ? undefined : result.problem.detail;
  };

  it('looks at 64 different unknown names of each kind of object', () => {
    expect(detailOf({ ...unknown(63), sufix: '' })).toMatch(/^sufix: unknown field/);
    expect(detailOf({ ...unknown(64), sufix: '' })).toBeUndefined();
    expect(detailOf({ ...unknown(64), items: [{ txt: '' }] })).toMatch(/^items\[0\]\.txt: unknown field/);
    expect(detailOf({ items: [unknown(40), unknown(40), { txt: '' }] })).toMatch(/^items\[2\]\.txt: unknown field/);
    expect(detailOf({ items: [unknown(64), { txt: '' }] })).toBeUndefined();
  });

  it('leaves alone what is beyond the length of an array, which is refused for that', () => {
    expect(detailOf({ items: [{}, {}, {}, { txt: '' }] })).toMatch(/^items: .*<=3 items/);
    expect(detailOf({ items: [{}, {}, { txt: '' }, {}] })).toMatch(/^items\[2\]\.txt: unknown field/);
  });
});
