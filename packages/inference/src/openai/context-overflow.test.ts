import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { contextOverflowOf } from './context-overflow.ts';

const openai = (message: string, more: object = {}) => ({ error: { message, type: 'invalid_request_error', ...more } });

describe('a refusal because the prompt is too long', () => {
  it('is read from llama.cpp’s recorded answer', () => {
    const recorded = readFileSync(path.join(import.meta.dirname, 'fixtures/error-context-exceeded.txt'), 'utf8');
    const body: unknown = JSON.parse(recorded.slice(recorded.indexOf('{"error"')));
    expect(contextOverflowOf(400, body)).toEqual({ promptTokens: 9000, contextTokens: 2048 });
  });

  it.each([
    [
      'OpenAI, completions',
      "This model's maximum context length is 4097 tokens, however you requested 5100 tokens (5000 in your prompt; 100 for the completion).",
      { contextTokens: 4097 },
    ],
    [
      'OpenAI, chat',
      "This model's maximum context length is 4097 tokens. However, your messages resulted in 6164 tokens. Please reduce the length of the messages.",
      { contextTokens: 4097, promptTokens: 6164 },
    ],
    [
      'vLLM, older',
      "This model's maximum context length is 4096 tokens. However, you requested 4400 tokens (4336 in the prompt, 64 in the completion).",
      { contextTokens: 4096, promptTokens: 4336 },
    ],
    [
      'vLLM, newer',
      "This model's maximum context length is 4096 tokens. However, you requested 64 output tokens and your prompt contains at least 4033 input tokens.",
      { contextTokens: 4096, promptTokens: 4033 },
    ],
    [
      'SGLang',
      "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
      { contextTokens: 4096, promptTokens: 5000 },
    ],
  ])('is read from %s', (_, message, overflow) => {
    expect(contextOverflowOf(400, openai(message))).toEqual(overflow);
  });

  it('is read from bodies of other shapes', () => {
    const mistral = {
      message: 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    };
    expect(contextOverflowOf(400, mistral)).toEqual({ promptTokens: 40_000, contextTokens: 32_768 });
    const tgi = {
      error:
        'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 64 `max_new_tokens`',
    };
    expect(contextOverflowOf(422, tgi)).toEqual({ promptTokens: 5000, contextTokens: 4096 });
    expect(contextOverflowOf(400, openai('too long', { code: 'context_length_exceeded' }))).toEqual({});
  });

  it('is not seen in other refusals', () => {
    for (const body of [
      openai('unknown field "cache_salt"'),
      openai('max_tokens must be at least 1'),
      {},
      null,
      'no',
      { error: 7 },
    ])
      expect(contextOverflowOf(400, body)).toBeUndefined();
    expect(contextOverflowOf(500, openai("This model's maximum context length is 4096 tokens."))).toBeUndefined();
  });
});
