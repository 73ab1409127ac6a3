import { describe, expect, it } from 'vitest';
import type { ModelSettings } from '../config/index.ts';
import { createTokenCounters } from './token-counters.ts';

const gpu = { name: 'gpu', kind: 'openai', url: 'http://127.0.0.1:1/v1', region: 'local', secret: undefined } as const;
const model = (name: string, tokenizer: ModelSettings['tokenizer'], url: string = gpu.url): ModelSettings =>
  ({
    name,
    template: 'plain',
    contextTokens: 4096,
    tokenizer,
    endpoints: [{ ...gpu, url }],
  }) as unknown as ModelSettings;
const never = new AbortController().signal;

describe('the tokenisers of the models', () => {
  it('are those that are configured, and none for models that learn from their endpoints', async () => {
    const counters = createTokenCounters(
      [
        model('openai', { kind: 'tiktoken', encoding: 'o200k_base' }),
        model('vllm', { kind: 'endpoint' }),
        model('other', { kind: 'learned' }),
      ],
      {},
    );
    expect(await counters.get('openai')!.count('hello world', never)).toBe(2);
    await expect(counters.get('vllm')!.count('x', never)).rejects.toThrow('http://127.0.0.1:1/tokenize');
    expect(counters.get('other')).toBeUndefined();
    expect(counters.get('unknown')).toBeUndefined();
    await counters.close();
  });

  it('follow a changed configuration: the same goes on, what is gone or another one is closed', async () => {
    const kind = { kind: 'endpoint' } as const;
    const counters = createTokenCounters([model('same', kind), model('moved', kind), model('gone', kind)], {});
    const [same, moved, gone] = ['same', 'moved', 'gone'].map((name) => counters.get(name)!);
    counters.replace([
      model('same', kind),
      model('moved', kind, 'http://127.0.0.1:2/v1'),
      model('gone', { kind: 'learned' }),
    ]);
    expect(counters.get('same')).toBe(same);
    expect(counters.get('moved')).not.toBe(moved);
    expect(counters.get('gone')).toBeUndefined();
    await expect(moved!.count('x', never)).rejects.toThrow('closed');
    await expect(gone!.count('x', never)).rejects.toThrow('closed');
    await counters.close();
    await expect(same!.count('x', never)).rejects.toThrow('closed');
  });
});
