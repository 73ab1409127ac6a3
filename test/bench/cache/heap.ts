import type { Answer } from '../../../packages/engine/src/cache/answer.ts';
import { decodeAnswer, encodeAnswer } from '../../../packages/engine/src/cache/answer.ts';
import { createCacheKeys } from '../../../packages/engine/src/cache/cache-key.ts';
/**
 * What an entry of the prompt cache takes of the heap besides its texts: `node --expose-gc test/bench/cache/heap.ts`. The
 * constants of packages/engine are set by what this prints.
 */
import { createContinuations } from '../../../packages/engine/src/cache/continuations.ts';
import { createPromptCache } from '../../../packages/engine/src/cache/prompt-cache.ts';
import { createSealer } from '../../../packages/engine/src/cache/sealed-value.ts';
import { flatCopy } from '../../../packages/engine/src/flat-text.ts';
import { createKnownTexts } from '../../../packages/engine/src/prompt/known-texts.ts';
import { chooseSampling, createPromptBuilder } from '../../../packages/engine/src/prompt/prompt.ts';
import { createMakeSafe } from '../../../packages/engine/src/safety/safe-request.ts';

const ENTRIES = 20_000;
const secret = new Uint8Array(32);
const collect = globalThis.gc;
if (!collect) throw new Error('start it with node --expose-gc');

function heap(): number {
  for (let i = 0; i < 4; i++) collect!();
  return process.memoryUsage().heapUsed;
}

/** Let go of at the end only, so that one measurement does not free what another took. */
const alive: unknown[] = [];
/** Texts of prompts are not remembered: what they take is not the caches'. */
const texts = createKnownTexts(1);
const prompts = createPromptBuilder({ texts });
const makeSafe = createMakeSafe(undefined, texts);
const keys = createCacheKeys(secret);
const model = { name: 'fast', template: 'plain', contextTokens: 16_384 };

function promptOf(i: number, suffix: string) {
  const prefix = `${'const line = 1;\n'.repeat(20)}const value${i} = `;
  const request = { prefix, suffix, language: 'typescript', path: `src/${i >> 5}.ts`, trigger: 'automatic' } as const;
  const prompt = prompts.build(
    makeSafe(request, () => false),
    chooseSampling(request),
    model,
    {
      affinity: '',
      tenant: '',
      traceparent: undefined,
    },
  );
  return { prompt, key: keys(prompt, { org: 'acme', epoch: 'epoch' }) };
}

/** As a stream puts it together, or as it comes from the shared cache. */
function answerOf(i: number, chars: number, wide: boolean, from: 'stream' | 'shared'): Answer {
  let text = wide ? '變' : '';
  while (text.length < chars) text += `t${i % 10}${text.length % 7} `;
  const answer: Answer = {
    author: `author${i % 50}-0123456789012`.slice(0, 22),
    madeAt: 1_760_000_000_000 + i,
    model: 'fast',
    endpoint: 'eu-a',
    region: 'eu-west',
    choices: [{ text: flatCopy(text.slice(0, chars)), reason: 'stop' }],
    usage: { prompt_tokens: 3000 + (i % 100), completion_tokens: 20 },
    usageEstimated: false,
  };
  return from === 'stream' ? answer : decodeAnswer(encodeAnswer(answer))!;
}

function cacheOf(maxBytes: number) {
  return createPromptCache({
    cache: {},
    maxBytes,
    sealer: createSealer(secret, [], Date.now),
    now: () => 1000,
    date: () => 1_760_000_000_000,
    random: () => 0.5,
    onCacheError: () => {},
  });
}

// Code that is compiled, and what it remembers, is there from now on.
for (let i = 0; i < ENTRIES; i++) promptOf(i, ';\n'.repeat(500) + (i >> 5));

for (const [chars, wide, from] of [
  [16, false, 'stream'],
  [256, false, 'stream'],
  [256, true, 'stream'],
  [256, false, 'shared'],
] as const) {
  const before = heap();
  const cache = cacheOf(1e12);
  alive.push(cache);
  for (let i = 0; i < ENTRIES; i++) cache.store(promptOf(i, '').key, answerOf(i, chars, wide, from));
  const taken = (heap() - before) / ENTRIES;
  const { bytes, entries } = cache.stats();
  const texts = chars * (wide ? 2 : 1);
  console.log(
    `cache, ${chars} characters${wide ? ' beyond Latin-1' : ''}, ${from}: ${taken.toFixed(0)} bytes an entry, ${(taken - texts).toFixed(0)} besides its text; counted as ${(bytes / entries).toFixed(0)}`,
  );
}

for (const perFile of [32, 1]) {
  const before = heap();
  const continuations = createContinuations(1e12, () => 1000);
  alive.push(continuations);
  for (let i = 0; i < ENTRIES; i++) {
    const { prompt, key } = promptOf(i, ';\n'.repeat(500) + (perFile === 1 ? i : i >> 5));
    const owner = { org: 'acme', user: 'alice', workspace: perFile === 1 ? `w${i}` : 'w' };
    continuations.note(owner, prompt, key, answerOf(i, 256, false, 'stream'), 1000);
  }
  const taken = (heap() - before) / ENTRIES;
  const { bytes } = continuations.stats();
  console.log(
    `by text, ${perFile} to a file: ${taken.toFixed(0)} bytes an entry with answer and its share of the suffix; counted as ${(bytes / ENTRIES).toFixed(0)}`,
  );
}

console.log(alive.length > 0 ? '' : 'nothing');
