import type { CompletionRequest, StreamEvent } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, createManualClock } from '../testing/manual-clock.ts';
import { TransportError } from '../transport/error.ts';
import { type RegionStatus, type RegionalTransportOptions, createRegionalTransport } from './regional-transport.ts';
import { createScriptedRegions } from './testing/scripted-regions.ts';

const HOME = 'http://127.0.0.1:1';
const NEAR = 'http://127.0.0.1:2';
const FAR = 'http://127.0.0.1:3';
const TEXT = 'const answer = 42;';
const answers = { kind: 'answers', text: TEXT } as const;
const request: CompletionRequest = {
  prefix: 'a',
  suffix: 'b',
  language: 'typescript',
  trigger: 'automatic',
  session_id: 's',
  sequence: 1,
};
const never = new AbortController().signal;
const here = { name: 'home', url: null, health: 'ok' } as const;
const near = { name: 'near', url: NEAR, health: 'ok' } as const;
const far = { name: 'far', url: FAR, health: 'ok' } as const;

let clock: ManualClock;
beforeEach(() => (clock = createManualClock()));

/** Home alone, or with other regions that its list names. */
function world(listed: readonly (typeof near | typeof far)[] = [], options: Partial<RegionalTransportOptions> = {}) {
  const scripted = createScriptedRegions(clock);
  const home = scripted.region(HOME, answers);
  home.list = [here, ...listed];
  const second = scripted.region(NEAR, answers);
  const third = scripted.region(FAR, answers);
  const transport = createRegionalTransport({
    home: () => HOME,
    transportTo: scripted.transportTo,
    setTimer: clock.setTimer,
    now: clock.now,
    random: () => 0,
    ...options,
  });
  toDispose.push(() => transport.dispose());
  return { transport, home, near: second, far: third, scripted };
}
let toDispose: (() => void)[] = [];
afterEach(() => {
  for (const dispose of toDispose) dispose();
  toDispose = [];
});

type Transport = ReturnType<typeof world>['transport'];

/** Time goes on until `work` is over. */
async function passing<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const watch = work.then(
    () => over.abort(),
    () => over.abort(),
  );
  for (let step = 0; !over.signal.aborted && step < 10_000; step++) await clock.advance(20);
  await watch;
  return work;
}

/** Begins to read; time is for the caller to pass. */
async function begin(transport: Transport, over: Partial<CompletionRequest> = {}, signal = never) {
  const events: StreamEvent[] = [];
  let failure: unknown;
  try {
    for await (const event of transport.complete({ ...request, ...over }, signal)) events.push(event);
  } catch (error) {
    failure = error;
  }
  return {
    events,
    failure,
    names: events
      .map(({ event }) => event)
      .filter((name, index, all) => name !== 'delta' || all[index - 1] !== 'delta'),
    text: events.map((event) => (event.event === 'delta' ? event.data.text : '')).join(''),
  };
}

function read(...what: Parameters<typeof begin>): ReturnType<typeof begin> {
  return passing(begin(...what));
}

async function ready(transport: Transport): Promise<void> {
  await passing(transport.check(never));
  await clock.advance(100);
}

const WHOLE = ['start', 'delta', 'finish', 'done'];

describe('with one region', () => {
  it('asks nothing but the completion', async () => {
    const { transport, home } = world();
    expect(await read(transport)).toMatchObject({ text: TEXT, names: WHOLE, failure: undefined });
    expect(home.requests).toEqual([request]);
    expect(home.asked).toEqual([]);
    expect(transport.region()).toMatchObject({ url: HOME, isHome: true, isUp: true, networkMs: 10 });
  });

  it('learns its name with the check, and looks at nothing', async () => {
    const { transport, home } = world();
    const changes: RegionStatus[] = [];
    transport.onRegionChange((region) => changes.push(region));
    await ready(transport);
    await read(transport);
    expect(home.asked).toEqual(['regions']);
    expect(changes[0]).toMatchObject({ name: 'home', isHome: true });
    expect(transport.regions()).toHaveLength(1);
  });

  it('fails at once when the server is not there', async () => {
    const { transport, home } = world();
    home.does = { kind: 'refuses' };
    const { failure } = await read(transport);
    expect(failure).toMatchObject({ failure: { reason: 'unreachable', retryable: true } });
    expect(home.requests).toHaveLength(1);
  });

  it('asks again at once when a connection kept open was gone, and once only', async () => {
    const { transport, home } = world();
    home.does = { kind: 'resets' };
    const reading = begin(transport);
    await clock.settle();
    expect(home.requests).toHaveLength(2);
    expect((await passing(reading)).failure).toBeInstanceOf(TransportError);
    expect(home.requests.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('is not asked again about what it refuses, nor before it wants to be', async () => {
    const { transport, home } = world();
    for (const name of ['too-large', 'unauthenticated', 'rate-limited', 'upstream-rejected', 'internal'] as const) {
      home.does = { kind: 'problem', name };
      expect((await read(transport)).failure).toBeInstanceOf(TransportError);
    }
    expect(home.requests).toHaveLength(5);
  });
});

describe('a stream that breaks', () => {
  it.each([2, 6, TEXT.length])('after %i characters goes on without gap or repetition', async (at) => {
    const { transport, home } = world();
    home.does = { kind: 'breaks', text: TEXT, at };
    const reading = begin(transport);
    await clock.advance(10 + 100 + 5 * at);
    home.does = answers;
    const { text, names, failure, events } = await passing(reading);
    expect({ text, names, failure }).toEqual({ text: TEXT, names: WHOLE, failure: undefined });
    // The id that was shown stays.
    expect(events[0]).toMatchObject({ event: 'start', data: { completion_id: 'cmp_0000010001' } });
    if (at === TEXT.length) expect(home.requests).toHaveLength(1);
    else {
      expect(home.requests[1]).toEqual({
        ...request,
        sequence: 2,
        resume: { completion_id: 'cmp_0000010001', text: TEXT.slice(0, at) },
      });
    }
  });

  it('ends by itself when all but its last word had come', async () => {
    const { transport, home } = world();
    home.does = { kind: 'finishes-only', text: TEXT };
    expect(await read(transport)).toMatchObject({ text: TEXT, names: WHOLE, failure: undefined });
    expect(home.requests).toHaveLength(1);
  });

  it('again and again is asked for twice more, and then failed with what it was', async () => {
    const { transport, home } = world();
    home.does = { kind: 'breaks', text: TEXT, at: 4 };
    const { text, names, failure } = await read(transport);
    expect(text).toBe(TEXT.slice(0, 4));
    expect(names).toEqual(['start', 'delta']);
    expect(failure).toMatchObject({ failure: { reason: 'protocol', retryable: true } });
    expect(home.requests).toHaveLength(3);
    expect(home.requests.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('is not gone on with when its text is seconds old', async () => {
    const { transport, home } = world();
    home.does = { kind: 'breaks', text: TEXT.repeat(100), at: 1200 };
    const { failure } = await read(transport);
    expect(failure).toBeInstanceOf(TransportError);
    expect(home.requests).toHaveLength(1);
  });

  it('is not gone on with for one of several alternatives', async () => {
    const { transport, home } = world();
    home.does = { kind: 'breaks', text: TEXT, at: 4 };
    const { text, failure } = await read(transport, { max_candidates: 2 });
    expect(text).toBe(TEXT.slice(0, 4));
    expect(failure).toBeInstanceOf(TransportError);
    expect(home.requests).toHaveLength(1);
  });

  it('goes on in another region when the first has gone', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    home.does = { kind: 'breaks', text: TEXT, at: 6 };
    const reading = begin(transport);
    await clock.advance(10 + 100 + 30);
    home.does = { kind: 'refuses' };
    const { text, names, failure } = await passing(reading);
    expect({ text, names, failure }).toEqual({ text: TEXT, names: WHOLE, failure: undefined });
    expect(home.requests).toHaveLength(2);
    expect(second.requests).toEqual([
      { ...request, sequence: 3, resume: { completion_id: 'cmp_0000010001', text: TEXT.slice(0, 6) } },
    ]);
  });

  it('goes on in another region when the first is silent about it', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    home.does = { kind: 'breaks', text: TEXT, at: 6 };
    const reading = begin(transport);
    await clock.advance(10 + 100 + 30);
    home.does = { kind: 'hangs' };
    expect(await passing(reading)).toMatchObject({ text: TEXT, failure: undefined });
    expect(second.requests).toHaveLength(1);
  });

  it('stops for good when it is aborted during the pause', async () => {
    const { transport, home } = world();
    home.does = { kind: 'breaks', text: TEXT, at: 4 };
    const controller = new AbortController();
    const reading = begin(transport, {}, controller.signal);
    await clock.advance(10 + 100 + 20);
    expect(home.requests).toHaveLength(1);
    controller.abort(new Error('typed on'));
    const { failure, text } = await passing(reading);
    expect(failure).toMatchObject({ message: 'typed on' });
    expect(text).toBe(TEXT.slice(0, 4));
    expect(home.requests).toHaveLength(1);
  });
});

describe('with several regions', () => {
  it('looks at all of them with the check, and goes to the clearly nearest', async () => {
    const { transport, home, near: second, far: third } = world([near, far]);
    home.networkMs = 120;
    second.networkMs = 15;
    third.networkMs = 300;
    await passing(transport.check(never));
    await clock.advance(500);
    expect(transport.region()).toMatchObject({ name: 'near', url: NEAR, isHome: false, networkMs: 15 });
    await read(transport);
    expect([home, second, third].map(({ requests }) => requests.length)).toEqual([0, 1, 0]);
    expect(transport.regions().map(({ name }) => name)).toEqual(['home', 'near', 'far']);
  });

  it('asks only home when it is told to', async () => {
    const { transport, home, near: second } = world([near], { follow: () => false });
    home.networkMs = 120;
    await ready(transport);
    home.does = { kind: 'refuses' };
    expect((await read(transport)).failure).toBeInstanceOf(TransportError);
    expect([second.requests, second.asked]).toEqual([[], []]);
  });

  it.each([
    [{ kind: 'refuses' } as const],
    [{ kind: 'proxy', status: 503 } as const],
    [{ kind: 'problem', name: 'overloaded' } as const],
    [{ kind: 'resets' } as const],
  ])('goes to the next one in the same call when home %o', async (does) => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    home.does = does;
    expect(await read(transport)).toMatchObject({ text: TEXT, names: WHOLE, failure: undefined });
    expect(second.requests).toHaveLength(1);
    expect(second.requests[0]).not.toHaveProperty('resume');
    expect(second.requests[0]!.sequence).toBeGreaterThan(1);
  });

  it('goes to the next one when home says nothing for far longer than usual', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    await read(transport);
    home.does = { kind: 'hangs' };
    const began = clock.now();
    expect(await read(transport)).toMatchObject({ text: TEXT, failure: undefined });
    expect(clock.now() - began).toBeLessThan(2500);
    expect(home.left).toBe(1);
    // And the next keystroke does not wait for it again.
    expect(transport.region()).toMatchObject({ name: 'near' });
    await read(transport);
    expect(second.requests).toHaveLength(2);
  });

  it('does not take a refusal of home elsewhere, but one of another region home', async () => {
    const { transport, home, near: second } = world([near]);
    home.networkMs = 120;
    await passing(transport.check(never));
    await clock.advance(500);
    second.does = { kind: 'problem', name: 'unauthenticated' };
    expect(await read(transport)).toMatchObject({ text: TEXT, failure: undefined });
    expect([home, second].map(({ requests }) => requests.length)).toEqual([1, 1]);
    home.does = { kind: 'problem', name: 'unauthenticated' };
    const { failure } = await read(transport);
    expect(failure).toMatchObject({ failure: { reason: 'unauthenticated' } });
    expect(second.requests).toHaveLength(1);
  });

  it('keeps to a quota: 429 is not asked elsewhere', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    home.does = { kind: 'problem', name: 'rate-limited', retryAfterMs: 1000 };
    expect((await read(transport)).failure).toMatchObject({ failure: { reason: 'rate-limited', retryAfterMs: 1000 } });
    expect(second.requests).toHaveLength(0);
  });

  it('tells the failure of the last one when nobody is there', async () => {
    const { transport, home, near: second, far: third } = world([near, far]);
    await ready(transport);
    for (const region of [home, second, third]) region.does = { kind: 'refuses' };
    const { failure } = await read(transport);
    expect(failure).toMatchObject({ failure: { reason: 'unreachable' } });
    expect([home, second, third].map(({ requests }) => requests.length)).toEqual([1, 1, 1]);
  });

  it('stays where it went, and returns home when that has been back for half a minute', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    const seen: (string | undefined)[] = [];
    transport.onRegionChange(({ name, isUp }) => {
      if (isUp && seen.at(-1) !== name) seen.push(name);
    });
    home.does = { kind: 'refuses' };
    await read(transport);
    await read(transport);
    expect(transport.region().name).toBe('near');
    home.does = answers;
    const asked = home.requests.length;
    for (let second_ = 0; second_ < 60; second_++) {
      await read(transport);
      await clock.advance(1000);
    }
    expect(transport.region().name).toBe('home');
    expect(seen).toEqual(['near', 'home']);
    expect(home.requests.length).toBeGreaterThan(asked);
    expect(second.requests.length).toBeGreaterThan(25);
    expect(second.requests.length).toBeLessThan(60);
  });

  it('notices a region that hangs though every keystroke gives up before its time', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    await read(transport);
    home.does = { kind: 'hangs' };
    for (let keystroke = 0; keystroke < 8; keystroke++) {
      const controller = new AbortController();
      const reading = begin(transport, {}, controller.signal);
      await clock.advance(700);
      controller.abort(new Error('typed on'));
      await passing(reading);
    }
    expect(transport.region().name).toBe('near');
    expect(second.requests.length).toBeGreaterThan(0);
  });

  it('does not take a model that is slow today for a region that is away', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    await read(transport);
    home.modelMs = 1500;
    for (let keystroke = 0; keystroke < 8; keystroke++) {
      const controller = new AbortController();
      const reading = begin(transport, {}, controller.signal);
      await clock.advance(700);
      controller.abort(new Error('typed on'));
      await passing(reading);
    }
    expect(transport.region().name).toBe('home');
    expect(second.requests).toHaveLength(0);
  });

  it('looks at regions again every few minutes of use, and never while nobody types', async () => {
    const { transport, near: second } = world([near]);
    await ready(transport);
    expect(second.asked).toEqual(['probe']);
    await clock.advance(60 * 60_000);
    expect(second.asked).toEqual(['probe']);
    await read(transport);
    expect(second.asked).toEqual(['probe', 'probe']);
    await read(transport);
    expect(second.asked).toEqual(['probe', 'probe']);
  });

  it('asks for the list again now and then, and forgets a region that it does not name any more', async () => {
    const { transport, home } = world([near]);
    home.networkMs = 120;
    await passing(transport.check(never));
    await clock.advance(500);
    expect(transport.region().name).toBe('near');
    home.list = [here];
    await clock.advance(15 * 60_000);
    await read(transport);
    await clock.advance(500);
    expect(transport.regions().map(({ name }) => name)).toEqual(['home']);
    expect(transport.region().name).toBe('home');
  });

  it('sends telemetry home, wherever completions come from', async () => {
    const { transport, home, near: second } = world([near]);
    home.networkMs = 120;
    await passing(transport.check(never));
    await clock.advance(500);
    await passing(transport.sendTelemetry([], never));
    expect(home.asked).toContain('telemetry');
    expect(second.asked).not.toContain('telemetry');
  });

  it('is there while any of them is', async () => {
    const { transport, home, near: second } = world([near]);
    await ready(transport);
    home.does = { kind: 'refuses' };
    await passing(transport.check(never));
    expect(transport.region().name).toBe('near');
    second.does = { kind: 'refuses' };
    await expect(passing(transport.check(never))).rejects.toMatchObject({ failure: { reason: 'unreachable' } });
    home.does = { kind: 'problem', name: 'unauthenticated' };
  });

  it('says once why a region of the list is not used', async () => {
    const refused: string[] = [];
    const { transport, home } = world([], { onRefused: (sentence) => refused.push(sentence) });
    home.list = [here, { name: 'spy', url: 'http://spy.example.com', health: 'ok' }];
    await ready(transport);
    await ready(transport);
    expect(refused).toEqual(['Region spy is not used: it is not reached over https.']);
  });

  it('forgets all of them when the server of the settings is another', async () => {
    let url = HOME;
    const { transport, home, near: second, far: third } = world([near], { home: () => url });
    await ready(transport);
    url = FAR;
    expect(transport.region()).toMatchObject({ name: undefined, url: FAR, isHome: true });
    await read(transport);
    expect([home, second, third].map(({ requests }) => requests.length)).toEqual([0, 0, 1]);
  });
});

describe('the sequence', () => {
  it('rises with every attempt, whatever the numbers of the requests are', async () => {
    const { transport, home } = world();
    await read(transport, { sequence: 5 });
    home.does = { kind: 'resets' };
    await read(transport, { sequence: 6 });
    home.does = answers;
    await read(transport, { sequence: 7 });
    expect(home.requests.map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8]);
  });

  it('is left out where it is not wanted', async () => {
    const { transport, home } = world();
    const { sequence: _, ...plain } = request;
    const reading = (async () => {
      for await (const event of transport.complete(plain, never)) if (event.event === 'done') return;
    })();
    await passing(reading);
    expect(home.requests).toEqual([plain]);
  });
});
