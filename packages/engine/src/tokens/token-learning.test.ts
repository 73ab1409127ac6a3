import { InferenceError, type TokenCounter } from '@ghostline/inference';
import { createScriptedInference, spoken } from '@ghostline/inference/testing';
import { describe, expect, it } from 'vitest';
import { type Prompt, chooseSampling, createPromptBuilder } from '../prompt/prompt.ts';
import { createMakeSafe } from '../safety/safe-request.ts';
import { withOverflowRetry } from './overflow-retry.ts';
import { createTokenLearning } from './token-learning.ts';

const model = { name: 'coder', template: 'qwen2.5-coder', contextTokens: 2048 };
const prefix = '  const value = compute(other);\n'.repeat(400);
const never = new AbortController().signal;

function learning(counter?: TokenCounter) {
  let now = 0;
  const tokens = createTokenLearning({
    counters: new Map(counter ? [[model.name, counter]] : []),
    now: () => now,
  });
  const prompts = createPromptBuilder({ ratioOf: tokens.ratioOf });
  return {
    tokens,
    wait: (ms: number) => (now += ms),
    build(text = prefix): Prompt {
      const request = { prefix: text, suffix: '', language: 'typescript', trigger: 'automatic' } as const;
      return prompts.build(
        createMakeSafe()(request, () => false),
        chooseSampling(request),
        tokens.contextOf(model),
        {
          affinity: 'a',
          tenant: 't',
        },
      );
    },
  };
}

const refusal = (overflow: object) => new InferenceError('status', 'gpu', 'too long', { status: 400, overflow });
const charsOf = (prompt: { prefix: string }) => prompt.prefix.length;

describe('a prompt that an endpoint finds too long', () => {
  async function askedFor(errors: readonly Error[], { build, tokens }: ReturnType<typeof learning>) {
    const inference = createScriptedInference((_, call) => {
      const error = errors[call - 1];
      return error ? [error] : spoken('ok');
    });
    const asking = withOverflowRetry(inference, (prompt, overflow) => tokens.shorten(prompt, model, overflow));
    const texts: string[] = [];
    for await (const event of asking.stream(build(), model.name, never))
      if (event.type === 'text') texts.push(event.text);
    return { texts, prompts: inference.prompts };
  }

  it('is sent again, shorter by as much as the endpoint said', async () => {
    const all = learning();
    const { texts, prompts } = await askedFor([refusal({ promptTokens: 3000, contextTokens: 2048 })], all);
    expect(texts).toEqual(['ok']);
    expect(prompts).toHaveLength(2);
    // 3000 tokens were too many for 2048: two thirds of the text are left, less what the answer takes.
    expect(charsOf(prompts[1]!)).toBeLessThan(charsOf(prompts[0]!) * 0.68);
    expect(charsOf(prompts[1]!)).toBeGreaterThan(charsOf(prompts[0]!) * 0.4);
    expect(all.tokens.stats().promptsShortened).toBe(1);
    // And the next one is right at once.
    expect(charsOf(all.build())).toBeLessThan(charsOf(prompts[0]!) * 0.72);
  });

  it('is sent again a little shorter when the endpoint said no numbers', async () => {
    const { prompts } = await askedFor([refusal({})], learning());
    expect(charsOf(prompts[1]!)).toBeLessThan(charsOf(prompts[0]!));
    expect(charsOf(prompts[1]!)).toBeGreaterThan(charsOf(prompts[0]!) * 0.6);
  });

  it('teaches that a server has less context than configured, until that may have changed', async () => {
    const all = learning();
    const { prompts } = await askedFor([refusal({ contextTokens: 1024 })], all);
    expect(charsOf(prompts[1]!)).toBeLessThan(charsOf(prompts[0]!) / 2);
    expect(all.tokens.contextOf(model).contextTokens).toBe(1024);
    expect(all.tokens.ratioOf(model.name, 'typescript')).toEqual({ typical: 1, safe: 1 });
    all.wait(600_001);
    expect(all.tokens.contextOf(model)).toBe(model);
  });

  it('is not sent a third time, nor after a refusal of another kind', async () => {
    await expect(askedFor([refusal({}), refusal({})], learning())).rejects.toThrow('too long');
    const other = new InferenceError('status', 'gpu', 'bad request', { status: 400 });
    await expect(askedFor([other], learning())).rejects.toThrow('bad request');
  });

  it('is not sent again for somebody who has left', async () => {
    const { build, tokens } = learning();
    const abort = new AbortController();
    const inference = createScriptedInference(() => {
      abort.abort(new Error('left'));
      return [refusal({})];
    });
    const asking = withOverflowRetry(inference, (prompt, overflow) => tokens.shorten(prompt, model, overflow));
    const read = async () => {
      for await (const _ of asking.stream(build(), model.name, abort.signal)) throw new Error('said something');
    };
    await expect(read()).rejects.toThrow();
    expect(inference.prompts).toHaveLength(1);
  });
});

describe('a prompt that somebody leaves while it is refused', () => {
  it('is not sent again', async () => {
    const { build, tokens } = learning();
    const gate = Promise.withResolvers<void>();
    const inference = createScriptedInference(() => [gate.promise, refusal({})]);
    const asking = withOverflowRetry(inference, (prompt, overflow) => tokens.shorten(prompt, model, overflow));
    const iterator = asking.stream(build(), model.name, never)[Symbol.asyncIterator]();
    const next = iterator.next();
    const left = iterator.return!();
    gate.resolve();
    await expect(next).rejects.toThrow('too long');
    await left;
    expect(inference.prompts).toHaveLength(1);
  });
});

describe('what endpoints and tokenisers count', () => {
  it('decides how much of a long file is shown', () => {
    const { build, tokens } = learning();
    const before = charsOf(build());
    for (let i = 0; i < 40; i++) tokens.counted(build(), model, Math.round(build().baseTokens * 0.75));
    expect(charsOf(build())).toBeGreaterThan(before * 1.15);
    expect(build().estimatedTokens).toBeLessThanOrEqual(2048);
    for (let i = 0; i < 400; i++) tokens.counted(build(), model, Math.round(build().baseTokens * 1.3));
    expect(charsOf(build())).toBeLessThan(before);
  });

  it('is not learned from a server that counts only what it has not read before', () => {
    const { build, tokens } = learning();
    for (let i = 0; i < 40; i++) tokens.counted(build(), model, Math.round(build().baseTokens * 0.1));
    expect(tokens.ratioOf(model.name, 'typescript')).toEqual({ typical: 1, safe: 1 });
  });

  it('is asked of a tokeniser often at first and then seldom, one text at a time', async () => {
    const texts: string[] = [];
    const counter: TokenCounter = {
      count(text) {
        texts.push(text);
        return Promise.resolve(1800);
      },
      close: () => Promise.resolve(),
    };
    const { build, tokens, wait } = learning(counter);
    for (let i = 0; i < 1000; i++) {
      tokens.counted(build(), model, undefined);
      wait(50);
    }
    // 50 s: sixteen in the first 4 s, then one in ten.
    expect(texts.length).toBeGreaterThanOrEqual(17);
    expect(texts.length).toBeLessThanOrEqual(22);
    expect(texts[0]).toContain('<|fim_prefix|>');
    await Promise.resolve();
    expect(tokens.stats().tokenCountsLearned).toBe(texts.length);
  });

  it('is not asked of a tokeniser when the endpoint has said it, and one that fails changes nothing', async () => {
    let asked = 0;
    const counter: TokenCounter = {
      count: () => Promise.reject(new Error(`busy ${(asked += 1)}`)),
      close: () => Promise.resolve(),
    };
    const { build, tokens } = learning(counter);
    tokens.counted(build(), model, 1800);
    expect(asked).toBe(0);
    tokens.counted(build(), model, undefined);
    expect(asked).toBe(1);
    await new Promise(setImmediate);
    expect(tokens.stats()).toMatchObject({ tokenCountsFailed: 1, tokenCountsLearned: 1 });
  });
});
