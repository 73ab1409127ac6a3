import { describe, expect, it } from 'vitest';
import { likelyMeant } from './validate.ts';

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
