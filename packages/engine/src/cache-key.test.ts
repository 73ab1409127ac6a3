import type { CompletionRequest } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { type CacheScope, createCacheKeys, createTenantNames } from './cache-key.ts';
import { chooseSampling, createPromptBuilder } from './prompt.ts';
import { seeded } from './testing/seeded.ts';

const secret = new Uint8Array(32).fill(1);
const scope: CacheScope = { org: 'acme', model: 'fast', template: 'plain' };
const request: CompletionRequest = {
  prefix: 'const x = ',
  suffix: ';\n',
  language: 'typescript',
  path: 'src/x.ts',
  trigger: 'automatic',
  snippets: [{ path: 'a.ts', text: 'const a = 1;', source: 'open_file' }],
};

function keyOf(
  changes: Partial<CompletionRequest> = {},
  other: Partial<CacheScope> = {},
  keys = createCacheKeys(secret),
) {
  const changed = { ...request, ...changes };
  const model = { name: 'fast', template: 'plain', contextTokens: 4000 };
  const prompts = createPromptBuilder(() => false);
  const safe = prompts.makeSafe(changed);
  const prompt = prompts.build(safe, chooseSampling(changed), model, { affinity: '', tenant: '' });
  return keys(prompt, { ...scope, ...other });
}

describe('cache keys', () => {
  it('are equal for equal prompts, and hide what they name', () => {
    expect(keyOf()).toBe(keyOf());
    expect(keyOf()).toMatch(/^[\w-]{43}$/);
    expect(keyOf({ session_id: 's', sequence: 4, workspace: 'w' })).toBe(keyOf());
  });

  it.each<[string, Partial<CompletionRequest>, Partial<CacheScope>]>([
    ['organisation', {}, { org: 'other' }],
    ['model', {}, { model: 'big' }],
    ['template', {}, { template: 'starcoder2' }],
    ['prefix', { prefix: 'const y = ' }, {}],
    ['suffix', { suffix: '' }, {}],
    ['language', { language: 'javascript' }, {}],
    ['path', { path: 'src/y.ts' }, {}],
    ['snippets', { snippets: [] }, {}],
    ['a path of a snippet', { snippets: [{ path: 'b.ts', text: 'const a = 1;', source: 'open_file' }] }, {}],
    ['multiline', { multiline: 'always', max_tokens: 64 }, {}],
    ['token limit', { max_tokens: 63 }, {}],
    ['number of candidates', { max_candidates: 2 }, {}],
  ])('differ by %s', (_what, changes, other) => {
    expect(keyOf(changes, other)).not.toBe(keyOf());
  });

  it('differ by the secret', () => {
    expect(keyOf({}, {}, createCacheKeys(new Uint8Array(32).fill(2)))).not.toBe(keyOf());
  });

  it('never confuse one division of a text with another', () => {
    const random = seeded(11);
    const seen = new Map<string, string>();
    const keys = createCacheKeys(secret);
    for (let round = 0; round < 500; round++) {
      const text = 'aa\n"],a';
      const cut = () => Math.floor(random() * (text.length + 1));
      const [a, b, c] = [cut(), cut(), cut()].toSorted((x, y) => x - y) as [number, number, number];
      const changes: Partial<CompletionRequest> = {
        prefix: text.slice(0, a),
        suffix: text.slice(a, b),
        snippets: [
          { path: text.slice(b, c) || 'a', text: text.slice(c), source: 'open_file' },
          { path: 'z', text: text.slice(b), source: 'open_file' },
        ],
      };
      const key = keyOf(changes, {}, keys);
      const identity = JSON.stringify(changes).replaceAll('\\n', ' ');
      expect(seen.get(key) ?? identity).toBe(identity);
      seen.set(key, identity);
    }
    expect(seen.size).toBeGreaterThan(50);
  });
});

describe('tenant names', () => {
  it('tell organisations apart without saying who they are', () => {
    const nameOf = createTenantNames(secret);
    expect(nameOf('acme')).toBe(nameOf('acme'));
    expect(nameOf('acme')).not.toBe(nameOf('other'));
    expect(nameOf('acme')).not.toContain('acme');
    expect(createTenantNames(new Uint8Array(32).fill(2))('acme')).not.toBe(nameOf('acme'));
  });
});
