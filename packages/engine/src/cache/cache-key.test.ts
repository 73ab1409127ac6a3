import type { CompletionRequest } from '@ghostline/protocol';
import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { chooseSampling, createPromptBuilder } from '../prompt/prompt.ts';
import { createMakeSafe } from '../safety/safe-request.ts';
import { type CacheScope, createCacheKeys } from './cache-key.ts';

const secret = new Uint8Array(32).fill(1);
const scope: CacheScope = { org: 'acme', epoch: 'one' };
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
  const safe = createMakeSafe()(changed, () => false);
  const prompt = createPromptBuilder().build(safe, chooseSampling(changed), model, { affinity: '', tenant: '' });
  return keys(prompt, { ...scope, ...other });
}

describe('cache keys', () => {
  it('are equal for equal prompts, and hide what they name', () => {
    expect(keyOf().exact).toBe(keyOf().exact);
    expect(keyOf().exact).toMatch(/^[\w-]{43}$/);
    expect(keyOf({ session_id: 's', sequence: 4, workspace: 'w' }).exact).toBe(keyOf().exact);
  });

  it.each<[string, Partial<CompletionRequest>, Partial<CacheScope>]>([
    ['organisation', {}, { org: 'other' }],
    ['epoch', {}, { epoch: 'two' }],
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
    expect(keyOf(changes, other).exact).not.toBe(keyOf().exact);
  });

  it('differ by halves of characters, as prompts do', () => {
    const ends = ['\ud800', '\ud801', '\udc00', '\ufffd', '"\\ud800"', ''];
    expect(new Set(ends.map((end) => keyOf({ prefix: `const x = ${end}` }).exact)).size).toBe(ends.length);
    expect(new Set(ends.map((end) => keyOf({ suffix: end }).exact)).size).toBe(ends.length);
    expect(new Set(ends.map((end) => keyOf({ path: end }).exact)).size).toBe(ends.length);
  });

  it('differ by the secret', () => {
    expect(keyOf({}, {}, createCacheKeys(new Uint8Array(32).fill(2))).exact).not.toBe(keyOf().exact);
  });

  it('are known under the secrets before as well', () => {
    const [older, newer] = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)];
    const { exact, previous } = keyOf({}, {}, createCacheKeys(newer, [secret, older]));
    expect(previous()).toEqual([keyOf().exact, keyOf({}, {}, createCacheKeys(older)).exact]);
    expect(exact).toBe(keyOf({}, {}, createCacheKeys(newer)).exact);
    expect(keyOf().previous()).toEqual([]);
  });

  it('remember the texts that stay, and mix nothing up by it', () => {
    const keys = createCacheKeys(secret);
    const long = 'const a = 1;\n'.repeat(100);
    const texts = [long, `${long};`, `;${long}`];
    const seen = texts.flatMap((suffix) =>
      texts.map((text) => keyOf({ suffix, snippets: [{ path: 'a.ts', text, source: 'open_file' }] }, {}, keys).exact),
    );
    expect(new Set(seen).size).toBe(9);
    expect(keyOf({ suffix: long }, {}, keys).exact).toBe(keyOf({ suffix: long }).exact);
  });

  it('have a context that the text around the cursor is no part of', () => {
    const { context } = keyOf();
    expect(keyOf({ prefix: 'x', suffix: 'y', max_tokens: 5, multiline: 'always' }).context).toBe(context);
    expect(keyOf({ path: 'src/y.ts' }).context).not.toBe(context);
    expect(keyOf({ snippets: [] }).context).not.toBe(context);
    expect(keyOf({ max_candidates: 2 }).context).not.toBe(context);
    expect(keyOf({}, { epoch: 'two' }).context).not.toBe(context);
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
      const key = keyOf(changes, {}, keys).exact;
      const identity = JSON.stringify(changes).replaceAll('\\n', ' ');
      expect(seen.get(key) ?? identity).toBe(identity);
      seen.set(key, identity);
    }
    expect(seen.size).toBeGreaterThan(50);
  });
});
