import { type ScriptedInference, createScriptedInference, spoken } from '@ghostline/inference/testing';
import type { CompletionRequest } from '@ghostline/protocol';
import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine.ts';
import { createMemorySharedCache } from '../testing/index.ts';
import type { EngineOptions } from '../types.ts';

const alice = { org: 'acme', user: 'alice' };
const common = { language: 'typescript', path: 'src/cart.ts', workspace: 'shop', trigger: 'automatic' } as const;

/** An engine whose model says `answer` to whatever it is asked, and which is asked with a drawn cursor. */
function harness(answer: string, options: Partial<EngineOptions> = {}, script?: () => ReturnType<typeof spoken>) {
  let time = 1000;
  const inference: ScriptedInference = createScriptedInference(script ?? (() => spoken(answer)));
  const engine = createEngine({
    inference,
    models: [{ name: 'fast', template: 'plain', contextTokens: 16_384 }],
    cacheSecret: new Uint8Array(32),
    newCompletionId: () => 'cmp_12345678',
    now: () => time,
    date: () => time,
    random: () => 0.5,
    ...options,
  });
  return {
    engine,
    inference,
    pass: (ms: number) => (time += ms),
    async ask(drawn: string, request: Partial<CompletionRequest> = {}, tenant = alice) {
      const [prefix = '', suffix = ''] = drawn.split('█');
      let cache = '';
      let text = '';
      const { signal } = new AbortController();
      for await (const event of engine.complete({ ...common, prefix, suffix, ...request }, tenant, signal)) {
        if (event.type === 'start') cache = event.cache;
        if (event.type === 'delta' && event.index === 0) text += event.text;
      }
      return `${cache}: ${text}`;
    },
  };
}

describe('an answer that is typed into', () => {
  it('is given again without what was typed', async () => {
    const { ask, inference, engine } = harness('add(1, 2)');
    expect(await ask('const x = █;')).toBe('miss: add(1, 2)');
    expect(await ask('const x = a█;')).toBe('continuation: dd(1, 2)');
    expect(await ask('const x = add(1, 2█;')).toBe('continuation: )');
    expect(inference.prompts).toHaveLength(1);
    expect(engine.stats()).toMatchObject({ continued: 2, misses: 1, memoryHits: 0 });
  });

  it('is none when all of it was typed, or something else', async () => {
    const { ask, inference } = harness('add(1, 2)');
    await ask('const x = █;');
    expect(await ask('const x = add(1, 2)█;')).toMatch(/^miss/);
    expect(await ask('const x = b█;')).toMatch(/^miss/);
    expect(await ask('const y = a█;')).toMatch(/^miss/);
    expect(await ask('const x = a█')).toMatch(/^miss/);
    expect(inference.prompts).toHaveLength(5);
  });

  it('goes on up to the bracket that the editor closed', async () => {
    const { ask } = harness('add(first, second);');
    await ask('const x = █\n');
    expect(await ask('const x = add(█)\n')).toBe('continuation: first, second');
    expect(await ask('const x = add(first█)\n')).toBe('continuation: , second');
  });

  it('goes on over a bracket that was typed over', async () => {
    const { ask } = harness('first) + rest', {});
    await ask('const x = add(█);\n');
    expect(await ask('const x = add(first)█;\n')).toBe('continuation:  + rest');
  });

  it('does not mind how far the windows around the cursor reach', async () => {
    const above = 'const line = 1;\n'.repeat(50);
    const { ask } = harness('add(1, 2)');
    await ask(`${above}const x = █;\n${above}`);
    expect(await ask(`${above}const x = a█;\n${above.slice(0, 400)}`)).toBe('continuation: dd(1, 2)');
    expect(await ask(`${above}const x = a█;\n${above}${above}`)).toBe('continuation: dd(1, 2)');
    // The text before it must be all the same, far above as well.
    expect(await ask(`${above.replace('1', '2')}const x = a█;\n${above}`)).toMatch(/^miss/);
  });

  it('is not given for another context', async () => {
    const { ask } = harness('add(1, 2)');
    await ask('const x = █;');
    const others: Partial<CompletionRequest>[] = [
      { path: 'src/other.ts' },
      { language: 'javascript' },
      { max_candidates: 2 },
      { snippets: [{ path: 'a.ts', text: 'const a = 1;', source: 'open_file' }] },
    ];
    for (const other of others) expect(await ask('const x = a█;', other)).toMatch(/^miss/);
  });

  it('is given to its user in its workspace only; the very same prompt is answered for all of the organisation', async () => {
    const { ask } = harness('add(1, 2)');
    await ask('const x = █;');
    expect(await ask('const x = a█;', { workspace: 'another' })).toMatch(/^miss/);
    expect(await ask('const x = ad█;', {}, { org: 'acme', user: 'bob' })).toMatch(/^miss/);
    expect(await ask('const x = add█;', {}, { org: 'other', user: 'alice' })).toMatch(/^miss/);
    expect(await ask('const x = █;', {}, { org: 'acme', user: 'bob' })).toMatch(/^memory/);
    // Bob has it now, too, and may go on with it.
    expect(await ask('const x = add(█;', {}, { org: 'acme', user: 'bob' })).toBe('continuation: 1, 2)');
  });

  it('needs a workspace: without one nobody knows whose file it is', async () => {
    const { ask, inference } = harness('add(1, 2)');
    const { workspace: _, ...elsewhere } = common;
    const engineAsk = (prefix: string) => ask(`${prefix}█`, { ...elsewhere, workspace: undefined as never });
    await engineAsk('const x = ');
    expect(await engineAsk('const x = a')).toMatch(/^miss/);
    expect(inference.prompts).toHaveLength(2);
  });

  it('is cut at the end of its line where the rest of a line is asked for', async () => {
    const { ask } = harness('{\n  a();\n  b();\n}');
    expect(await ask('function f() █\n', { multiline: 'always' })).toMatch(/^miss/);
    expect(await ask('function f() {\n  a█\n', { multiline: 'never' })).toBe('continuation: ();');
    expect(await ask('function f() {\n  a█\n', { multiline: 'always' })).toBe('continuation: ();\n  b();\n}');
    const line = harness('a();');
    await line.ask('f█', { multiline: 'never' });
    expect(await line.ask('fa█', { multiline: 'always' })).toMatch(/^miss/);
  });

  it('keeps to the length that is asked for', async () => {
    const { ask } = harness(`add(${'argument, '.repeat(20)}last)`);
    await ask('const x = █;');
    expect(await ask('const x = a█;', { max_tokens: 8 })).toMatch(/^miss/);
    expect(await ask('const x = add█;')).toMatch(/^continuation/);
  });

  it('ages: what goes on is no younger than what it came from', async () => {
    const { ask, pass } = harness('add(1, 2)');
    await ask('const x = █;');
    pass(9 * 60_000);
    expect(await ask('const x = a█;')).toMatch(/^continuation/);
    pass(61_000);
    expect(await ask('const x = ad█;')).toMatch(/^miss/);
  });

  it('does not begin again when the prompt is remembered meanwhile', async () => {
    const { ask, pass } = harness('add(1, 2)');
    await ask('const x = █;');
    pass(9 * 60_000);
    expect(await ask('const x = █;')).toMatch(/^memory/);
    pass(61_000);
    expect(await ask('const x = a█;')).toMatch(/^miss/);
  });

  it('is not stored for the others under the longer prompt', async () => {
    const sharedCache = createMemorySharedCache();
    const { ask, engine } = harness('add(1, 2)', { sharedCache });
    await ask('const x = █;');
    await ask('const x = a█;');
    expect(sharedCache.entries.size).toBe(1);
    expect(engine.stats()).toMatchObject({ stored: 1, entries: 1 });
  });

  it('is found for answers that came from another gateway', async () => {
    const sharedCache = createMemorySharedCache();
    await harness('add(1, 2)', { sharedCache }).ask('const x = █;');
    const { ask, inference } = harness('', { sharedCache });
    expect(await ask('const x = █;')).toBe('redis: add(1, 2)');
    expect(await ask('const x = a█;')).toBe('continuation: dd(1, 2)');
    expect(inference.prompts).toHaveLength(0);
  });

  it('takes the answer to the longest beginning', async () => {
    const answers = ['abcdef', 'cXYZ'];
    const { ask } = harness('', {}, () => spoken(answers.shift()!));
    await ask('const x = █;');
    await ask('const x = ab█;', { max_tokens: 1 });
    expect(await ask('const x = abc█;')).toBe('continuation: XYZ');
  });

  it('goes on with each alternative that was typed into', async () => {
    const { ask } = harness('', {}, () => [
      { type: 'start', endpoint: 'a', region: 'eu', queueMs: 0 },
      { type: 'text', index: 0, text: 'add(1)' },
      { type: 'text', index: 1, text: 'sub(1)' },
      { type: 'end', index: 0, reason: 'stop' },
      { type: 'end', index: 1, reason: 'stop' },
    ]);
    await ask('const x = █;', { max_candidates: 2 });
    expect(await ask('const x = su█;', { max_candidates: 2 })).toBe('continuation: b(1)');
  });
});

describe('what is kept for it', () => {
  it('is bounded by bytes, of users as well as of files', async () => {
    const { ask, engine } = harness('add(1, 2)', { cache: { maxBytes: 400_000 } });
    const suffix = 'const line = 1;\n'.repeat(200);
    for (let i = 0; i < 300; i++)
      await ask(`const x${i} = █;\n${suffix}${i}`, {}, { org: 'acme', user: `user${i % 50}` });
    expect(engine.stats().bytes).toBeLessThanOrEqual(400_000);
    expect(await ask(`const x299 = a█;\n${suffix}299`, {}, { org: 'acme', user: 'user49' })).toMatch(/^continuation/);
    expect(await ask(`const x0 = a█;\n${suffix}0`, {}, { org: 'acme', user: 'user0' })).toMatch(/^miss/);
  });

  it('shares the text after the cursor while it stays', async () => {
    const size = async (suffixOf: (i: number) => string) => {
      const { ask, engine } = harness('add(1, 2)');
      for (let i = 0; i < 20; i++) await ask(`const x${i} = █${suffixOf(i)}`);
      return engine.stats().bytes;
    };
    const suffix = ';\n'.repeat(5000);
    expect(await size(() => suffix)).toBeLessThan((await size((i) => suffix + i)) / 5);
  });
});

describe('random typing', () => {
  it('never gets anything but the rest of an answer to a beginning of the same text', async () => {
    const random = seeded(3);
    const pick = (text: string) => text[Math.floor(random() * text.length)]!;
    const alphabet = 'ab(){}"\n ';
    let continued = 0;
    for (let round = 0; round < 400; round++) {
      const said = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(alphabet)).join('');
      const suffix = Array.from({ length: Math.floor(random() * 3) }, () => pick(alphabet)).join('');
      const { ask, inference } = harness(said);
      /** What the model has said, by the text before the cursor. */
      const answers = new Map<string, string>();
      const type = async (text: string, after: string) => {
        const asked = inference.prompts.length;
        const [cache, ...rest] = (await ask(`x = ${text}█${after}`, { multiline: 'always' })).split(': ');
        const got = rest.join(': ');
        if (cache === 'miss') answers.set(text, got);
        if (cache !== 'continuation') return got;
        expect(inference.prompts).toHaveLength(asked);
        expect(got.trim()).not.toBe('');
        const origins = [...answers].filter(([prefix, answer]) => (prefix + answer).startsWith(text + got));
        expect(origins, JSON.stringify({ text, after, got, answers: [...answers] })).not.toEqual([]);
        expect(origins.some(([prefix]) => text.startsWith(prefix))).toBe(true);
        continued += 1;
        return got;
      };
      const answer = await type('', suffix);
      for (let typed = 1; typed <= answer.length; typed++) {
        // As the answer says it, with now and then another character, and now and then a bracket closed.
        const text = answer.slice(0, typed - 1) + (random() < 0.8 ? answer[typed - 1] : pick(alphabet));
        await type(text, (random() < 0.3 ? pick(')}"') : '') + suffix);
      }
    }
    expect(continued).toBeGreaterThan(200);
  });
});
