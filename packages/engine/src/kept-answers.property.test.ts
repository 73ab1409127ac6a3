import type { InferenceEvent } from '@ghostline/inference';
import { type InferenceStep, createScriptedInference } from '@ghostline/inference/testing';
import type { CompletionRequest } from '@ghostline/protocol';
import { seeded } from '@ghostline/seeded';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from './engine.ts';
import { createMemorySharedCache } from './testing/index.ts';
import type { CompletionEvent } from './types.ts';

const SECRET = `ghp_${'aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xY2zA4'}`;
const PIECES = ['a', 'b();', '\n', '  ', '{', '}', ')', '~redacted~', '<|fim_prefix|>', '<|endoftext|>', ' '];
const NATURAL = new Set(['stop', 'block_end']);
const acme = { org: 'acme', user: 'alice' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Case {
  readonly request: CompletionRequest;
  readonly steps: readonly InferenceStep[];
  /** The reader leaves, or aborts, after so many events. */
  readonly leavesAfter: number;
  readonly leaves: 'stays' | 'leaves' | 'aborts';
  /** Nothing in it but text and natural ends, read to the end. */
  readonly isPlain: boolean;
}

function randomCase(random: () => number): Case {
  const below = (bound: number) => Math.floor(random() * bound);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)]!;
  const candidates = pick([1, 1, 2, 3]);
  const steps: InferenceStep[] = [{ type: 'start', endpoint: 'a', region: 'eu', queueMs: 0 }];
  let isPlain = true;
  for (let i = below(12); i > 0; i--)
    steps.push({ type: 'text', index: below(candidates), text: random() < 0.4 ? pick(['a', 'b']) : pick(PIECES) });
  for (let index = 0; index < candidates; index++) {
    const end: InferenceEvent = { type: 'end', index, reason: random() < 0.8 ? 'stop' : 'length' };
    if (random() < 0.9) steps.push(end);
    if (end.reason === 'length' || !steps.includes(end)) isPlain = false;
  }
  if (random() < 0.5) steps.push({ type: 'usage', promptTokens: 1, completionTokens: 1 });
  const trouble = below(8);
  const at = 1 + below(steps.length);
  if (trouble === 0) steps.splice(at, 0, new Error('broken'));
  if (trouble === 1) steps.splice(at, 0, new Promise(() => {}));
  if (trouble === 2) steps.splice(at, steps.length - at);
  const isSecretive = random() < 0.1;
  const leaves = pick(['stays', 'stays', 'stays', 'leaves', 'aborts'] as const);
  const texts = steps.flatMap((step) => ('type' in step && step.type === 'text' ? step.text : []));
  isPlain &&= trouble > 2 && !isSecretive && leaves === 'stays' && texts.every((text) => /^[ab]$/.test(text));
  const request: CompletionRequest = {
    prefix: isSecretive ? `const token = "${SECRET}";\nconst x = ` : 'const x = ',
    suffix: '',
    language: 'typescript',
    trigger: 'automatic',
    max_candidates: candidates,
    multiline: pick(['always', 'never']),
  };
  return { request, steps, leavesAfter: below(6), leaves, isPlain };
}

describe('what is kept of random answers', () => {
  it('is whole, as it was shown, and ended by itself', { timeout: 60_000 }, async () => {
    const random = seeded(17);
    let kept = 0;
    let plain = 0;
    for (let round = 0; round < 250; round++) {
      const { request, steps, leavesAfter, leaves, isPlain } = randomCase(random);
      const sharedCache = createMemorySharedCache();
      const inference = createScriptedInference((_prompt, call) => (call === 1 ? steps : [new Error('asked again')]));
      const engine = createEngine({
        inference,
        models: [{ name: 'fast', template: 'qwen2.5-coder', contextTokens: 4096 }],
        cacheSecret: new Uint8Array(32),
        newCompletionId: () => 'cmp_12345678',
        sharedCache,
        maxStreamMs: 50,
      });
      const first = read(engine, request, { leaves, leavesAfter });
      await vi.advanceTimersByTimeAsync(60);
      const { events, outcome } = await first;
      const isKept = engine.stats().stored > 0;
      const what = `round ${round}: ${JSON.stringify({ steps, outcome, leaves, events })}`;
      expect(sharedCache.entries.size, what).toBe(Number(isKept));
      if (isPlain) {
        plain += 1;
        expect(isKept, what).toBe(true);
      }
      if (!isKept) continue;
      kept += 1;
      const reasons = events.flatMap((event) => (event.type === 'finish' ? event.reason : []));
      expect(
        reasons.filter((reason) => !NATURAL.has(reason)),
        what,
      ).toEqual([]);
      expect(request.prefix, what).not.toContain(SECRET);
      if (outcome !== 'ended') continue;
      const again = read(engine, request, { leaves: 'stays', leavesAfter: 0 });
      await vi.advanceTimersByTimeAsync(60);
      expect(textsOf((await again).events), what).toEqual(textsOf(events));
    }
    expect(kept).toBeGreaterThan(25);
    expect(plain).toBeGreaterThan(4);
  });
});

async function read(
  engine: ReturnType<typeof createEngine>,
  request: CompletionRequest,
  { leaves, leavesAfter }: Pick<Case, 'leaves' | 'leavesAfter'>,
) {
  const abort = new AbortController();
  const events: CompletionEvent[] = [];
  try {
    for await (const event of engine.complete(request, acme, abort.signal)) {
      events.push(event);
      if (leaves === 'stays' || events.length < leavesAfter) continue;
      if (leaves === 'leaves') return { events, outcome: 'left' };
      abort.abort(new Error('gone'));
    }
    return { events, outcome: 'ended' };
  } catch {
    return { events, outcome: 'failed' };
  }
}

/** The texts in order. The end of a line is said as soon as it is there; a whole answer has no line after it. */
function textsOf(events: readonly CompletionEvent[]): string[] {
  const texts: string[] = [];
  for (const event of events) if (event.type === 'delta') texts[event.index] = (texts[event.index] ?? '') + event.text;
  return Object.values(texts).map((text) => text.replace(/\n$/, ''));
}
