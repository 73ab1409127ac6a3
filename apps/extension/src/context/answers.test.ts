import { describe, expect, it } from 'vitest';
import { createAnswers } from './answers.ts';

function open(options: { limit?: number; atOnce?: number } = {}) {
  let time = 0;
  const answers = createAnswers<string>({ now: () => time, limit: 10, freshMs: 10_000, atOnce: 4, ...options });
  const asked: string[] = [];
  const ask = (name: string) => async () => {
    asked.push(name);
    return `${name} ${asked.length}`;
  };
  return { answers, asked, ask, pass: (ms: number) => (time += ms) };
}

describe('answers', () => {
  it('are asked for once, and there at once from then on', async () => {
    const { answers, asked, ask } = open();
    expect(await answers.get('a', 1, ask('a'))).toBe('a 1');
    expect(answers.get('a', 1, ask('a'))).toBe('a 1');
    expect(asked).toEqual(['a']);
  });

  it('are awaited together', async () => {
    const { answers, asked, ask } = open();
    const both = [answers.get('a', 1, ask('a')), answers.get('a', 1, ask('a'))];
    expect(await Promise.all(both)).toEqual(['a 1', 'a 1']);
    expect(asked).toEqual(['a']);
  });

  it('are given though they are old, and asked for again behind it', async () => {
    const { answers, ask, pass } = open();
    await answers.get('a', 1, ask('a'));
    pass(10_000);
    expect(answers.get('a', 1, ask('a'))).toBe('a 1');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(answers.get('a', 1, ask('a'))).toBe('a 2');
  });

  it('to another version are old after two seconds', async () => {
    const { answers, asked, ask, pass } = open();
    await answers.get('a', 1, ask('a'));
    pass(1999);
    expect(answers.get('a', 2, ask('a'))).toBe('a 1');
    expect(asked).toHaveLength(1);
    pass(1);
    expect(answers.get('a', 2, ask('a'))).toBe('a 1');
    expect(asked).toHaveLength(2);
  });

  it('that fail are none, and are not asked for at every key', async () => {
    const { answers } = open();
    let asked = 0;
    const fail = () => {
      asked += 1;
      throw new Error('no provider');
    };
    expect(await answers.get('a', 1, fail)).toBeUndefined();
    expect(await answers.get('a', 1, fail)).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('are not asked for while too many are open', async () => {
    const { answers, ask } = open({ atOnce: 1 });
    const slow = answers.get('slow', 1, () => new Promise(() => undefined));
    expect(slow).toBeInstanceOf(Promise);
    expect(answers.get('b', 1, ask('b'))).toBeUndefined();
    answers.clear();
    expect(await answers.get('b', 1, ask('b'))).toBe('b 1');
  });

  it('are forgotten when there are too many, those used last kept', async () => {
    const { answers, asked, ask } = open({ limit: 2 });
    await answers.get('a', 1, ask('a'));
    await answers.get('b', 1, ask('b'));
    answers.get('a', 1, ask('a'));
    await answers.get('c', 1, ask('c'));
    expect(answers.get('a', 1, ask('a'))).toBe('a 1');
    await answers.get('b', 1, ask('b'));
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });

  it('that come after all was cleared are not kept', async () => {
    const { answers, ask } = open();
    const { promise, resolve } = Promise.withResolvers<string>();
    const old = answers.get('a', 1, () => promise);
    answers.clear();
    resolve('old');
    expect(await old).toBe('old');
    expect(await answers.get('a', 1, ask('a'))).toBe('a 1');
  });
});
