import { type Inference, type InferenceEvent, textOfPieces } from '@ghostline/inference';
import { type InferenceStep, type ScriptedInference, createScriptedInference } from '@ghostline/inference/testing';
import type { CompletionRequest } from '@ghostline/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from './engine.ts';
import { createMemorySharedCache } from './testing/index.ts';
import type { CompletionEvent, EngineOptions } from './types.ts';

/** What the model says: texts of candidate 0, other events, or something to wait for or to throw. */
type Step = string | InferenceStep;

const START: InferenceEvent = { type: 'start', endpoint: 'eu-a', region: 'eu', queueMs: 7 };
const STOP: InferenceEvent = { type: 'end', index: 0, reason: 'stop' };
const USAGE: InferenceEvent = { type: 'usage', promptTokens: 11, completionTokens: 3 };

/** Plays one script a call, the last one for all that follow. */
function scripted(...scripts: readonly Step[][]): ScriptedInference {
  return createScriptedInference((_prompt, call) =>
    (scripts[Math.min(call, scripts.length) - 1] ?? []).map((step) =>
      typeof step === 'string' ? { type: 'text', index: 0, text: step } : step,
    ),
  );
}

const says = (...texts: string[]): Step[] => [START, ...texts, STOP, USAGE];
const FOREVER = new Promise(() => {});

const base: CompletionRequest = { prefix: 'const x = ', suffix: '', language: 'typescript', trigger: 'automatic' };
const acme = { org: 'acme', user: 'alice' };

function engineOver(inference: Inference, options: Partial<EngineOptions> = {}) {
  let ids = 0;
  return createEngine({
    inference,
    models: [{ name: 'fast', template: 'qwen2.5-coder', contextTokens: 4096 }],
    cacheSecret: new Uint8Array(32),
    newCompletionId: (org) => `cmp_${org}_${++ids}`,
    ...options,
  });
}

type Complete = ReturnType<typeof engineOver>['complete'];

async function collect(
  engine: { complete: Complete },
  request: Partial<CompletionRequest> = {},
  tenant = acme,
  signal = new AbortController().signal,
): Promise<CompletionEvent[]> {
  const events: CompletionEvent[] = [];
  for await (const event of engine.complete({ ...base, ...request }, tenant, signal)) events.push(event);
  return events;
}

/** The request for a document with a drawn cursor. */
function at(drawn: string, language = 'typescript'): Partial<CompletionRequest> {
  const [prefix = '', suffix = ''] = drawn.split('█');
  return { prefix, suffix, language };
}

function textOf(events: readonly CompletionEvent[], index = 0): string {
  return events.map((event) => (event.type === 'delta' && event.index === index ? event.text : '')).join('');
}

function find<T extends CompletionEvent['type']>(events: readonly CompletionEvent[], type: T) {
  return events.find((event): event is Extract<CompletionEvent, { type: T }> => event.type === type);
}

/** `start miss · delta · finish stop · done` */
function outline(events: readonly CompletionEvent[]): string {
  return events
    .map((event) => {
      if (event.type === 'start') return `start ${event.cache}`;
      if (event.type === 'finish') return `finish ${event.reason}`;
      if (event.type === 'done') return event.reason ? `done ${event.reason}` : 'done';
      return 'delta';
    })
    .join(' · ');
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a completion', () => {
  it('is streamed: start with the first text, every piece, why it ended, what it cost', async () => {
    const events = await collect(engineOver(scripted(says('add', '(1, ', '2)'))));
    expect(events).toEqual([
      {
        type: 'start',
        completionId: 'cmp_acme_1',
        model: 'fast',
        region: 'eu',
        endpoint: 'eu-a',
        cache: 'miss',
        ownSession: true,
        timings: {
          promptMs: expect.any(Number),
          cacheMs: expect.any(Number),
          queueMs: 7,
          firstTokenMs: expect.any(Number),
        },
      },
      { type: 'delta', index: 0, text: 'add' },
      { type: 'delta', index: 0, text: '(1,' },
      { type: 'delta', index: 0, text: ' 2)' },
      { type: 'finish', index: 0, reason: 'stop' },
      { type: 'done', usage: { prompt_tokens: 11, completion_tokens: 3 }, timings: expect.anything() },
    ]);
  });

  it('is passed on before the next token comes', async () => {
    const iterator = engineOver(scripted([START, 'add', FOREVER])).complete(base, acme, new AbortController().signal);
    const events = iterator[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'start' });
    expect((await events.next()).value).toEqual({ type: 'delta', index: 0, text: 'add' });
    await events.return?.();
  });

  it('tells the endpoint the trace it belongs to', async () => {
    const inference = scripted(says('1'));
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const events = engineOver(inference).complete(base, acme, new AbortController().signal, { traceparent });
    for await (const event of events) if (event.type === 'done') break;
    expect(inference.prompts[0]?.traceparent).toBe(traceparent);
  });

  it('keeps to the rules it began under, when those change', async () => {
    const gate = Promise.withResolvers<void>();
    const inference = scripted([START, 'add', gate.promise, STOP, USAGE]);
    const engine = engineOver(inference);
    const running = collect(engine, { path: 'src/a.ts' });
    engine.prepare({
      safety: { excludedPaths: ['src/**'] },
      models: [{ name: 'other', template: 'starcoder2', contextTokens: 4096 }],
    })();
    expect(outline(await collect(engine, { path: 'src/a.ts' }))).toBe('start miss · done excluded');
    gate.resolve();
    const events = await running;
    expect(textOf(events)).toBe('add');
    expect(find(events, 'start')?.model).toBe('fast');
    expect(find(await collect(engine), 'start')?.model).toBe('other');
  });

  it('is found in the cache again when the rules are what they were', async () => {
    const inference = scripted(says('1'));
    const engine = engineOver(inference);
    await collect(engine);
    engine.prepare({ safety: { excludedPaths: ['legal/**'] } })();
    expect(find(await collect(engine), 'start')?.cache).toBe('miss');
    engine.prepare({ safety: {} })();
    expect(find(await collect(engine), 'start')?.cache).toBe('memory');
  });

  it('goes on under the old rules when the new ones cannot work', async () => {
    const engine = engineOver(scripted(says('1')));
    const models = [{ name: 'm', template: 'nonsense', contextTokens: 4096 }] as const;
    expect(() => engine.prepare({ models })).toThrow('nonsense');
    expect(find(await collect(engine), 'start')?.model).toBe('fast');
  });

  it('is asked of the first model, with names that give nobody away', async () => {
    const asked: string[] = [];
    const inference = scripted(says('1'));
    const stream: Inference['stream'] = (prompt, model, signal) => {
      asked.push(model);
      return inference.stream(prompt, model, signal);
    };
    await collect(engineOver({ stream }), { session_id: 's1' });
    expect(asked).toEqual(['fast']);
    const prompt = inference.prompts[0]!;
    expect(prompt.affinity).toBe('acme/s1');
    expect(prompt.tenant).not.toContain('acme');
    expect(textOfPieces(prompt.render('qwen2.5-coder').pieces)).toBe(
      '<|fim_prefix|>const x = <|fim_suffix|><|fim_middle|>',
    );
  });

  it('of nothing is an answer: start, then done', async () => {
    expect(outline(await collect(engineOver(scripted([START, STOP]))))).toBe('start miss · done silent');
    expect(outline(await collect(engineOver(scripted(says(' ', '\n')))))).toBe('start miss · done silent');
  });

  it('knows its times', async () => {
    let time = 0;
    const { open, opened } = gate();
    const slow = Promise.resolve().then(() => (time += 30));
    const engine = engineOver(scripted([slow, START, 'a', opened, STOP]), { now: () => time });
    const events: CompletionEvent[] = [];
    for await (const event of engine.complete(base, acme, new AbortController().signal)) {
      events.push(event);
      if (event.type !== 'delta') continue;
      time += 70;
      open();
    }
    expect(find(events, 'done')!.timings).toEqual({
      promptMs: 0,
      cacheMs: 0,
      queueMs: 7,
      firstTokenMs: 30,
      totalMs: 100,
    });
  });

  it('of an excluded file is never asked for', async () => {
    const inference = scripted(says('SECRET=1'));
    const engine = engineOver(inference, { safety: { excludedPaths: ['legal/'] } });
    for (const path of ['.env', 'legal/contract.ts', 'LEGAL\\a.ts'])
      expect(outline(await collect(engine, { path }))).toBe('start miss · done excluded');
    expect(inference.prompts).toHaveLength(0);
  });

  it('takes no snippet of an excluded file along', async () => {
    const inference = scripted(says('1'));
    await collect(engineOver(inference), {
      snippets: [
        { path: 'config/.env.local', text: 'A=1', source: 'open_file' },
        { path: 'b.ts', text: 'B', source: 'open_file' },
      ],
    });
    expect(inference.prompts[0]!.snippets).toEqual([{ name: 'b.ts', text: 'B' }]);
  });
});

describe('a deadline', () => {
  const START_LATE = { ...START, queueMs: 0 };

  function quickest(ms: number, steps: Step[]) {
    const inference = scripted(steps);
    return Object.assign(inference, { soonestMs: () => ms });
  }

  async function within(ms: number, engine: ReturnType<typeof engineOver>) {
    const events: CompletionEvent[] = [];
    const never = new AbortController().signal;
    for await (const event of engine.complete(base, acme, never, { deadlineAt: ms })) events.push(event);
    return outline(events);
  }

  it('that no endpoint can meet is told at once, and nobody is asked', async () => {
    const inference = quickest(200, [START_LATE, 'a\n', STOP]);
    const engine = engineOver(inference, { now: () => 0 });
    expect(await within(200, engine)).toBe('start miss · done deadline');
    expect(inference.prompts).toHaveLength(0);
    expect(await within(201, engine)).toBe('start miss · delta · finish block_end · done');
  });

  it('is met by what is remembered, and by what is under way', async () => {
    const { open, opened } = gate();
    const engine = engineOver(quickest(200, [START_LATE, opened, 'a\n', STOP]), { now: () => 0 });
    const first = collect(engine);
    const second = within(1, engine);
    open();
    await first;
    expect(await second).toBe('start inflight · delta · finish block_end · done');
    expect(await within(1, engine)).toBe('start memory · delta · finish block_end · done');
  });
});

describe('the end', () => {
  it('of one line cancels the rest upstream at once, and its cost is estimated', async () => {
    const inference = scripted([START, 'add(1, 2);\n', 'more', FOREVER]);
    const events = await collect(engineOver(inference), at('const x = █'));
    expect(outline(events)).toBe('start miss · delta · finish block_end · done');
    expect(textOf(events)).toBe('add(1, 2);');
    expect(find(events, 'done')).toMatchObject({ usageEstimated: true, usage: { completion_tokens: 4 } });
    expect(find(events, 'done')!.usage.prompt_tokens).toBeGreaterThan(3);
    expect(inference.aborts).toBe(1);
  });

  it('of a block does, too', async () => {
    const inference = scripted([START, 'return a', ' + b;\n}', '\n\nfunction', ' next', FOREVER]);
    const events = await collect(engineOver(inference), at('function add(a, b) {\n  █'));
    expect(textOf(events)).toBe('return a + b;\n}');
    expect(outline(events)).toMatch(/finish block_end · done$/);
    expect(inference.aborts).toBe(1);
  });

  it('by a control token of the model shows nothing of it', async () => {
    const events = await collect(engineOver(scripted([START, 'add(1)', '<|file', '_sep|>other.ts', FOREVER])));
    expect(textOf(events)).toBe('add(1)');
    expect(outline(events)).toMatch(/finish stop · done$/);
  });

  it('by the token limit is said', async () => {
    const events = await collect(engineOver(scripted([START, 'add(', { type: 'end', index: 0, reason: 'length' }])));
    expect(outline(events)).toBe('start miss · delta · finish length · done');
    expect(textOf(events)).toBe('add(');
  });

  it('comes when an endpoint ignores its token limit', async () => {
    const inference = scripted([START, ...Array.from({ length: 100 }, () => 'x'.repeat(100)), FOREVER]);
    const events = await collect(engineOver(inference));
    expect(outline(events)).toMatch(/finish length · done$/);
    expect(inference.aborts).toBe(1);
  });

  it('comes when an endpoint stops without naming an end', async () => {
    expect(outline(await collect(engineOver(scripted([START, 'add('])))).replace(' · delta', '')).toBe(
      'start miss · finish length · done',
    );
  });

  it('comes after five seconds of streaming', async () => {
    vi.useFakeTimers();
    const inference = scripted([START, 'add(', FOREVER]);
    const collected = collect(engineOver(inference));
    await vi.advanceTimersByTimeAsync(4999);
    expect(inference.aborts).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(outline(await collected)).toBe('start miss · delta · finish time · done');
    await vi.advanceTimersByTimeAsync(0);
    expect(inference.aborts).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    await collect(engineOver(scripted(says('a'))));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('several candidates', () => {
  const text = (index: number, said: string): InferenceEvent => ({ type: 'text', index, text: said });

  it('come interleaved, each with its own end; the rest is cancelled when the last has ended', async () => {
    const inference = scripted([
      START,
      text(0, 'a'),
      text(1, 'b'),
      text(0, 'c;\n'),
      text(1, 'd'),
      text(0, 'x'),
      text(1, '\n'),
      FOREVER,
    ]);
    const events = await collect(engineOver(inference), { max_candidates: 2 });
    expect([textOf(events, 0), textOf(events, 1)]).toEqual(['ac;', 'bd']);
    expect(events.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', index: 0, reason: 'block_end' },
      { type: 'finish', index: 1, reason: 'block_end' },
    ]);
    expect(inference.aborts).toBe(1);
  });

  it('do not keep an endpoint busy with one that is cut when the other has ended by itself', async () => {
    const inference = scripted([
      START,
      text(0, 'a\n'),
      text(1, 'b'),
      { type: 'end', index: 1, reason: 'stop' },
      FOREVER,
    ]);
    await collect(engineOver(inference), { max_candidates: 2 });
    expect(inference.aborts).toBe(1);
  });

  it('may be fewer than wanted, and are never more', async () => {
    const events = await collect(engineOver(scripted([START, text(0, 'a'), text(7, 'b'), text(-1, 'c'), STOP])), {
      max_candidates: 3,
    });
    expect(outline(events)).toBe('start miss · delta · finish stop · done');
  });
});

describe('secrets', () => {
  const token = `ghp_${'aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xY2zA4'}`;
  const secretive = { prefix: `const token = "${token}";\nfunction f() {\n  `, suffix: '' };

  it('stay here, and an answer that repeats a placeholder ends before that line', async () => {
    const inference = scripted([START, 'a();\n  b("', '~redac', 'ted~redacted");\n  c();', STOP]);
    const engine = engineOver(inference);
    const events = await collect(engine, secretive);
    expect(textOfPieces(inference.prompts[0]!.render('qwen2.5-coder').pieces)).not.toContain(token.slice(4, 20));
    expect(textOf(events)).toBe('a();\n');
    expect(outline(events)).toBe('start miss · delta · delta · finish filtered · done');
  });

  it('leave nothing of an answer that begins with a placeholder', async () => {
    const inference = scripted(says('~redacted~', 'redacted'));
    expect(outline(await collect(engineOver(inference), secretive))).toBe('start miss · done filtered');
  });

  it('keep answers out of the caches', async () => {
    const inference = scripted(says('a();'));
    const sharedCache = createMemorySharedCache();
    const engine = engineOver(inference, { sharedCache });
    expect(textOf(await collect(engine, secretive))).toBe('a();');
    await collect(engine, secretive);
    expect(inference.prompts).toHaveLength(2);
    expect(sharedCache.entries.size).toBe(0);
  });
});

describe('caches', () => {
  it('answer the same request again', async () => {
    const inference = scripted(says('add', '(1)'));
    const engine = engineOver(inference);
    await collect(engine);
    const again = await collect(engine);
    expect(outline(again)).toBe('start memory · delta · finish stop · done');
    expect(textOf(again)).toBe('add(1)');
    expect(find(again, 'start')).toMatchObject({ completionId: 'cmp_acme_2', endpoint: 'eu-a', region: 'eu' });
    expect(find(again, 'done')!.usage).toEqual({ prompt_tokens: 11, completion_tokens: 3 });
    expect(inference.prompts).toHaveLength(1);
    expect(engine.stats()).toMatchObject({ memoryHits: 1, misses: 1, stored: 1, entries: 1 });
  });

  it('answer silence with silence', async () => {
    const inference = scripted([START, STOP]);
    const engine = engineOver(inference);
    await collect(engine);
    expect(outline(await collect(engine))).toBe('start memory · done silent');
  });

  it('never cross an organisation', async () => {
    const inference = scripted(says('1'));
    const engine = engineOver(inference);
    await collect(engine, {}, { org: 'a', user: 'x' });
    expect(outline(await collect(engine, {}, { org: 'b', user: 'x' }))).toMatch(/^start miss/);
    expect(outline(await collect(engine, {}, { org: 'a', user: 'y' }))).toMatch(/^start memory/);
  });

  it('hold no answer that was cut short', async () => {
    const cut: Step[][] = [
      [START, 'add(', { type: 'end', index: 0, reason: 'length' }],
      [START, 'add('],
      [START, 'add(', new Error('broken')],
    ];
    for (const script of cut) {
      const engine = engineOver(scripted(script));
      await collect(engine).catch(() => {});
      expect(engine.stats().stored).toBe(0);
    }
  });

  it('hold no answer that ran out of time', async () => {
    vi.useFakeTimers();
    const engine = engineOver(scripted([START, 'add(', FOREVER]), { maxStreamMs: 10 });
    const collected = collect(engine);
    await vi.advanceTimersByTimeAsync(10);
    await collected;
    expect(engine.stats().stored).toBe(0);
  });

  it('hold no answer that nobody waited for', async () => {
    const inference = scripted([START, 'add(', FOREVER]);
    const engine = engineOver(inference);
    for await (const event of engine.complete(base, acme, new AbortController().signal))
      if (event.type === 'delta') break;
    expect(engine.stats()).toMatchObject({ stored: 0, inFlight: 0 });
    await vi.waitFor(() => expect(inference.aborts).toBe(1));
  });

  it('are shared between gateways', async () => {
    const sharedCache = createMemorySharedCache();
    await collect(engineOver(scripted(says('add(1)')), { sharedCache }));
    await vi.waitFor(() => expect(sharedCache.entries.size).toBe(1));
    const inference = scripted([]);
    const other = engineOver(inference, { sharedCache });
    const events = await collect(other);
    expect(outline(events)).toBe('start redis · delta · finish stop · done');
    expect(outline(await collect(other))).toMatch(/^start memory/);
    expect(inference.prompts).toHaveLength(0);
    const stranger = engineOver(scripted(says('2')), { sharedCache, cacheSecret: new Uint8Array(32).fill(9) });
    expect(outline(await collect(stranger))).toMatch(/^start miss/);
  });

  it('that fail or hang delay an answer by their deadline at most', async () => {
    const sharedCache = createMemorySharedCache();
    const errors: unknown[] = [];
    const onCacheError = (error: unknown) => errors.push(error);
    for (const mode of ['fail', 'hang'] as const) {
      sharedCache.mode = mode;
      const events = await collect(engineOver(scripted(says('1')), { sharedCache, onCacheError }));
      expect(outline(events)).toBe('start miss · delta · finish stop · done');
    }
    expect(errors.length).toBeGreaterThan(0);
  });

  it('lead to no inference for somebody who has left meanwhile', async () => {
    vi.useFakeTimers();
    const sharedCache = createMemorySharedCache();
    sharedCache.mode = 'hang';
    const inference = scripted(says('1'));
    const abort = new AbortController();
    const collected = collect(engineOver(inference, { sharedCache }), {}, acme, abort.signal);
    abort.abort(new Error('closed'));
    await expect(collected).rejects.toThrow('closed');
    await vi.advanceTimersByTimeAsync(10);
    expect(inference.prompts).toHaveLength(0);
  });
});

describe('identical requests in flight', () => {
  it('share one stream, each from its first character and with an id of its own', async () => {
    const { open, opened } = gate();
    const inference = scripted([START, 'add', opened, '(1)', STOP, USAGE]);
    const engine = engineOver(inference);
    const first = collect(engine);
    await vi.waitFor(() => expect(inference.prompts).toHaveLength(1));
    const second = collect(engine, {}, { org: 'acme', user: 'bob' });
    await vi.waitFor(() => expect(engine.stats().joined).toBe(1));
    open();
    const [one, two] = await Promise.all([first, second]);
    expect([textOf(one), textOf(two)]).toEqual(['add(1)', 'add(1)']);
    expect(outline(two)).toMatch(/^start inflight/);
    expect(find(one, 'start')!.completionId).not.toBe(find(two, 'start')!.completionId);
    expect(inference.prompts).toHaveLength(1);
    expect(engine.stats().inFlight).toBe(0);
  });

  it('are not shared between organisations', async () => {
    const inference = scripted([START, FOREVER]);
    const engine = engineOver(inference);
    const abort = new AbortController();
    const both = [
      collect(engine, {}, { org: 'a', user: 'u' }, abort.signal),
      collect(engine, {}, { org: 'b', user: 'u' }, abort.signal),
    ];
    await vi.waitFor(() => expect(inference.prompts).toHaveLength(2));
    abort.abort(new Error('over'));
    for (const each of both) await expect(each).rejects.toThrow('over');
  });

  it('go on for one when the other aborts; the last abort reaches the endpoint', async () => {
    const inference = scripted([START, 'a', FOREVER]);
    const engine = engineOver(inference);
    const aborts = [new AbortController(), new AbortController()] as const;
    const both = aborts.map((abort) => collect(engine, {}, acme, abort.signal));
    await vi.waitFor(() => expect(engine.stats().joined).toBe(1));
    aborts[0].abort(new Error('first left'));
    await expect(both[0]).rejects.toThrow('first left');
    expect(inference.aborts).toBe(0);
    aborts[1].abort(new Error('second left'));
    await expect(both[1]).rejects.toThrow('second left');
    await vi.waitFor(() => expect(inference.aborts).toBe(1));
  });

  it('do not share a failure with who came later', async () => {
    const { open, opened } = gate();
    const refused = Object.assign(new Error('429'), { retryable: true });
    const inference = scripted([opened, refused], says('second try'));
    const engine = engineOver(inference);
    const first = collect(engine);
    await vi.waitFor(() => expect(inference.prompts).toHaveLength(1));
    const second = collect(engine);
    await vi.waitFor(() => expect(engine.stats().joined).toBe(1));
    open();
    await expect(first).rejects.toThrow('429');
    expect(textOf(await second)).toBe('second try');
  });
});

describe('failures', () => {
  it('before the first text are thrown before start', async () => {
    const refused = new Error('all endpoints are down');
    await expect(collect(engineOver(scripted([refused])))).rejects.toBe(refused);
    await expect(collect(engineOver(scripted([START, refused])))).rejects.toBe(refused);
  });

  it('after it are thrown after what came', async () => {
    const broken = new Error('broken');
    const seen: CompletionEvent[] = [];
    const read = async () => {
      for await (const event of engineOver(scripted([START, 'add(', broken])).complete(
        base,
        acme,
        new AbortController().signal,
      ))
        seen.push(event);
    };
    await expect(read()).rejects.toBe(broken);
    expect(textOf(seen)).toBe('add(');
  });

  it('of configuration are thrown when the engine is made', () => {
    const inference = scripted([]);
    expect(() => engineOver(inference, { models: [{ name: 'm', template: 'qwen', contextTokens: 1 }] })).toThrow(
      'unknown FIM template "qwen"; known are qwen2.5-coder, starcoder2, ',
    );
    expect(() => engineOver(inference, { cacheSecret: new Uint8Array(8) })).toThrow('at least 32');
  });

  it('are the signal’s reason when it is aborted already, and nothing is asked', async () => {
    const inference = scripted(says('1'));
    await expect(collect(engineOver(inference), {}, acme, AbortSignal.abort(new Error('gone')))).rejects.toThrow(
      'gone',
    );
    expect(inference.prompts).toHaveLength(0);
  });
});

describe('an emoji of several characters', () => {
  it('stays whole, wherever packets divide it', async () => {
    const family = "'👩\u200d👩\u200d👧'";
    const events = await collect(engineOver(scripted([START, ...Array.from(family), STOP])));
    expect(textOf(events)).toBe(family);
  });
});

describe('a broken stream', () => {
  const resume = (text: string) => ({ resume: { completion_id: 'cmp_12345678', text } });

  it('goes on after its text, without gap or repetition, and is not cached', async () => {
    const inference = scripted(says('(1, 2);', '\nrest'));
    const engine = engineOver(inference);
    const events = await collect(engine, resume('add'));
    expect(inference.prompts[0]!.continuation).toBe('add');
    expect(inference.prompts[0]!.prefix).toBe('const x = ');
    expect(textOf(events)).toBe('(1, 2);');
    expect(engine.stats().stored).toBe(0);
  });

  it('says why nothing follows when its text was all there was to say', async () => {
    const natural = await collect(engineOver(scripted([START, STOP])), resume('add(1, 2);'));
    expect(natural.map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
    expect(natural[1]).toEqual({ type: 'finish', index: 0, reason: 'stop' });
    const block = { ...at('function f() {█\n'), ...resume('\n  a();\n}\n') };
    const ended = await collect(engineOver(scripted([START, 'more', STOP])), block);
    expect(ended.map(({ type }) => type)).toEqual(['start', 'finish', 'done']);
    expect(ended[1]).toEqual({ type: 'finish', index: 0, reason: 'block_end' });
  });

  it.each([
    ['plain text', '\n  if (a) {\n    b();\n  }\n}'],
    [
      'characters of several units, joined ones, and other line ends',
      "\r\n  if (ż) {\r\n    b('🙂👩\u200d👧é');\r\n  }\r\n}",
    ],
  ])('ends where the whole answer would have, in %s', async (_kind, shown) => {
    const drawn = at('function f() {█\n');
    const whole = `${shown}\n\nfunction g() {`;
    for (let cut = 0; cut < whole.length; cut++) {
      // No endpoint says half a character: its bytes are put together before.
      if (/[\uD800-\uDBFF]/.test(whole[cut - 1] ?? '')) continue;
      const first = textOf(await collect(engineOver(scripted([START, whole.slice(0, cut)])), drawn));
      const second = first === '' ? drawn : { ...drawn, ...resume(first) };
      const rest = textOf(await collect(engineOver(scripted([START, whole.slice(first.length), STOP])), second));
      expect(first + rest, `cut at ${cut}`).toBe(shown);
    }
  });
});

describe('a cache that is told to forget', () => {
  it('gives nothing from before, nor the rest of it, and all of it again under the epoch from before', async () => {
    const inference = scripted(says('add(1)'));
    const engine = engineOver(inference, { sharedCache: createMemorySharedCache() });
    const ask = async (more = '') =>
      find(await collect(engine, { prefix: `const x = ${more}`, path: 'a.ts', workspace: 'w' }), 'start')!.cache;
    expect(await ask()).toBe('miss');
    expect([await ask(), await ask('a')]).toEqual(['memory', 'continuation']);
    engine.prepare({ cache: { epoch: '2' } })();
    expect(await ask('a')).toBe('miss');
    expect(await ask()).toBe('miss');
    engine.prepare({})();
    expect(await ask()).toBe('memory');
  });

  it('forgets by itself when the weights behind a model’s name have changed', async () => {
    const engine = engineOver(scripted(says('1')));
    const models = [{ name: 'fast', template: 'qwen2.5-coder', contextTokens: 4096, revision: 'b' }] as const;
    await collect(engine);
    engine.prepare({ models })();
    expect(outline(await collect(engine))).toMatch(/^start miss/);
    expect(outline(await collect(engine))).toMatch(/^start memory/);
  });
});

describe('whose answer it was', () => {
  const own = (events: readonly CompletionEvent[]) => {
    const { cache, ownSession } = find(events, 'start')!;
    return `${cache} ${ownSession ? 'own' : 'another’s'}`;
  };

  it('is told with it: the session’s own, or another’s', async () => {
    const engine = engineOver(scripted(says('1')));
    expect(own(await collect(engine, { session_id: 'one' }))).toBe('miss own');
    expect(own(await collect(engine, { session_id: 'one' }))).toBe('memory own');
    expect(own(await collect(engine, { session_id: 'two' }))).toBe('memory another’s');
    expect(own(await collect(engine, { session_id: 'one' }, { org: 'acme', user: 'bob' }))).toBe('memory another’s');
    expect(own(await collect(engine))).toBe('memory another’s');
  });

  it('is told across gateways', async () => {
    const sharedCache = createMemorySharedCache();
    await collect(engineOver(scripted(says('1')), { sharedCache }), { session_id: 'one' });
    const elsewhere = engineOver(scripted([]), { sharedCache });
    expect(own(await collect(elsewhere, { session_id: 'two' }))).toBe('redis another’s');
    expect(own(await collect(elsewhere, { session_id: 'one' }))).toBe('memory own');
  });

  it('is told to those who join', async () => {
    const { open, opened } = gate();
    const engine = engineOver(scripted([START, opened, '1', STOP]));
    const asked = ['one', 'one', 'two'].map((session_id) => collect(engine, { session_id }));
    await vi.waitFor(() => expect(engine.stats().joined).toBe(2));
    open();
    expect((await Promise.all(asked)).map(own)).toEqual(['miss own', 'inflight own', 'inflight another’s']);
  });
});
