import type { CompletionRequest, StreamEvent } from '@ghostline/protocol';
import { describe, expect, it } from 'vitest';
import { createManualClock, createScriptedTransport } from '../../testing/index.ts';
import { estimateCosts } from './costs.ts';
import { layOut } from './prompt.ts';
import { type EngineOptions, createScriptedServer } from './scripted-server.ts';
import { tokensOf } from './tokens.ts';

const PREFIX = Array.from({ length: 40 }, (_, i) => `const value${i} = compute(${i});\n`).join('');
const request = (over: Partial<CompletionRequest> = {}): CompletionRequest => ({
  prefix: PREFIX,
  suffix: '\n',
  language: 'typescript',
  trigger: 'automatic',
  ...over,
});
const ENGINE = { baseMs: 40, prefillTokensPerMs: 10, decodeMs: 10 } satisfies EngineOptions;

function serve(text: string | readonly string[], options: EngineOptions = ENGINE) {
  const clock = createManualClock(0);
  const texts = typeof text === 'string' ? [text] : text;
  const server = createScriptedServer({ continuation: (_, candidate) => texts[candidate] ?? '' }, clock, options);
  function ask(asked = request()) {
    const events: { at: number; event: StreamEvent }[] = [];
    const controller = new AbortController();
    const ended = (async () => {
      try {
        for await (const event of server.transport.complete(asked, controller.signal)) {
          events.push({ at: clock.now(), event });
        }
      } catch (error) {
        if (!controller.signal.aborted) throw error;
      }
    })();
    const said = (index = 0) =>
      events
        .map(({ event }) => (event.event === 'delta' && event.data.index === index ? event.data.text : ''))
        .join('');
    return { events, ended, said, abort: () => controller.abort() };
  }
  return { clock, ask, costs: server.costs };
}

const sizeOf = (asked: CompletionRequest) => tokensOf(layOut(asked, 'prefix-suffix-middle')).length;

describe('the scripted server', () => {
  it('answers after the way, the prefill and one token, then token by token', async () => {
    const { clock, ask, costs } = serve('compute(1);\nnever');
    const call = ask();
    await clock.advance(2000);
    const prefillMs = Math.ceil(sizeOf(request()) / 10);
    const deltas = call.events.filter(({ event }) => event.event === 'delta');
    expect(deltas.map(({ at }) => at)).toEqual(deltas.map((_, i) => 40 + prefillMs + 10 * (i + 1)));
    expect(call.said()).toBe('compute(1);');
    expect(call.events.at(-1)?.event).toMatchObject({ event: 'done' });
    expect(costs[0]).toMatchObject({
      promptTokens: sizeOf(request()),
      cachedTokens: 0,
      prefillTokens: sizeOf(request()),
      end: 'done',
    });
  });

  it('computes of a prompt only what is not in its cache', async () => {
    const { clock, ask, costs } = serve('x');
    ask();
    await clock.advance(1000);
    const longer = request({ prefix: `${PREFIX}const next = ` });
    ask(longer);
    await clock.advance(1000);
    const { promptTokens, cachedTokens, prefillTokens } = costs[1]!;
    expect(promptTokens).toBe(sizeOf(longer));
    expect(cachedTokens + prefillTokens).toBe(promptTokens);
    expect(cachedTokens).toBeGreaterThan(0.9 * sizeOf(request()) - 16);
    expect(prefillTokens).toBeLessThan(32);
  });

  it('reads the suffix again after each key when it stands behind the prefix, and not when it stands before it', async () => {
    const suffix = `\n${PREFIX}`;
    const reads = async (order: 'prefix-suffix-middle' | 'suffix-prefix-middle') => {
      const { clock, ask, costs } = serve('x', { ...ENGINE, order });
      ask(request({ suffix }));
      await clock.advance(1000);
      ask(request({ suffix, prefix: `${PREFIX}a` }));
      await clock.advance(1000);
      return costs[1]!.prefillTokens;
    };
    expect(await reads('prefix-suffix-middle')).toBeGreaterThan(sizeOf(request()) - 32);
    expect(await reads('suffix-prefix-middle')).toBeLessThan(32);
  });

  it('counts of an aborted request what was computed until then', async () => {
    const { clock, ask, costs } = serve('a b c d e f g h i j');
    const early = ask();
    await clock.advance(40 + 5);
    early.abort();
    await clock.settle();
    expect(costs[0]).toMatchObject({ prefillTokens: 50, decodedTokens: 0, end: 'aborted' });
    const late = ask();
    await clock.advance(40 + Math.ceil((sizeOf(request()) - 48) / 10) + 35);
    late.abort();
    await clock.settle();
    expect(costs[1]).toMatchObject({ cachedTokens: 48, decodedTokens: 3, end: 'aborted' });
    await early.ended;
    await late.ended;
  });

  it('costs nothing when it is aborted on its way', async () => {
    const { clock, ask, costs } = serve('x');
    const call = ask();
    await clock.advance(20);
    call.abort();
    await call.ended;
    expect(costs[0]).toMatchObject({ cachedTokens: 0, prefillTokens: 0, decodedTokens: 0, end: 'aborted' });
  });

  it('reads one prompt after the other', async () => {
    const { clock, ask } = serve('x');
    const other = request({ prefix: `// other\n${PREFIX}` });
    const [first, second] = [ask(), ask(other)];
    await clock.advance(2000);
    const firstAt = first.events[0]!.at;
    const secondMs = Math.ceil(sizeOf(other) / 10);
    expect(second.events[0]!.at).toBe(firstAt + secondMs);
  });

  it('writes a block where one is opened, one line elsewhere, and what it is told to', async () => {
    const text = '\n  one();\n  two();\n}';
    const answer = async (asked: CompletionRequest) => {
      const { clock, ask } = serve(text);
      const call = ask(asked);
      await clock.advance(5000);
      return call.said();
    };
    const open = request({ prefix: 'function f() {' });
    expect(await answer(open)).toBe(text);
    expect(await answer({ ...open, multiline: 'never' })).toBe('\n  one();');
    expect(await answer({ ...open, max_tokens: 3 })).toBe('\n  one');
  });

  it('says so when the limit ends it, and when there is nothing to say', async () => {
    const { clock, ask } = serve('one two three');
    const cut = ask(request({ max_tokens: 2 }));
    await clock.advance(2000);
    expect(cut.events.map(({ event }) => event)).toContainEqual({
      event: 'finish',
      data: { index: 0, reason: 'length' },
    });
    const silent = serve('');
    const none = silent.ask();
    await silent.clock.advance(2000);
    expect(none.events.map(({ event }) => event.event)).toEqual(['start', 'done']);
    expect(none.events.at(-1)?.event).toMatchObject({ data: { reason: 'silent' } });
  });

  it('decodes each candidate', async () => {
    const { clock, ask, costs } = serve(['one', 'two three']);
    const call = ask(request({ max_candidates: 2 }));
    await clock.advance(2000);
    expect([call.said(0), call.said(1)]).toEqual(['one', 'two three']);
    // Each with the token that ends it.
    expect(costs[0]?.decodedTokens).toBe(2 + 3);
  });
});

describe('the estimated costs of a live server', () => {
  it('are those of an engine with a cache of its own', async () => {
    const live = createScriptedTransport({ answer: () => 'compute(2)' });
    const { transport, costs } = estimateCosts(live, () => 0);
    for (const prefix of [PREFIX, `${PREFIX}x`]) {
      for await (const _event of transport.complete(request({ prefix }), new AbortController().signal));
    }
    expect(costs[0]).toMatchObject({ promptTokens: sizeOf(request()), cachedTokens: 0, decodedTokens: 4, end: 'done' });
    expect(costs[1]!.prefillTokens).toBeLessThan(32);
  });

  it('end with the reader, and cost nothing where the server had the answer', async () => {
    const live = createScriptedTransport();
    const { transport, costs } = estimateCosts(live, () => 0);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _event of transport.complete(request(), controller.signal));
    })();
    const call = await live.nextCall();
    call.text('half');
    controller.abort();
    await expect(reading).rejects.toThrow();
    expect(costs[0]?.end).toBe('aborted');

    const cached = estimateCosts(
      {
        ...live,
        async *complete() {
          yield {
            event: 'start',
            data: { completion_id: 'cmp_12345678', model: 'm', region: 'r', endpoint: 'e', cache: 'memory' },
          };
          yield { event: 'delta', data: { index: 0, text: 'free' } };
        },
      },
      () => 0,
    );
    for await (const _event of cached.transport.complete(request(), new AbortController().signal));
    expect(cached.costs[0]).toMatchObject({ prefillTokens: 0, decodedTokens: 0 });
  });
});
