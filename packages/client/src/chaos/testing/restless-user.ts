import type { TelemetryEvent } from '@ghostline/protocol';
import { randomFrom } from '@ghostline/seeded';
import { type CompletionClientOptions, createCompletionClient } from '../../complete.ts';
import { createScriptedLocalModel } from '../../testing/scripted-local-model.ts';
import { eolOf, splitsPair, withEol } from '../../text/lines.ts';
import type { SetTimer } from '../../timer.ts';
import type { ClientSettings, CompletionClient, DocumentSnapshot, Gate, Outcome, Suggestion } from '../../types.ts';
import { type UnrulyServer, createUnrulyServer } from './unruly-server.ts';
import { type UnsteadyClock, createUnsteadyClock } from './unsteady-clock.ts';

const CODE = [
  'const total = prices.reduce((sum, price) => sum + price, 0);',
  'if (total > limit) {',
  '  throw new RangeError(`too much: ${total}`);',
  '}',
  'return "😀👩‍👩‍👧 " + format(total, { currency: "€" });',
  '\tfor (let i = 0; i < rows.length; i++) rows[i].paint(table[i]);',
  '// add up what was paid, and what is left',
  'export function paid(orders: Order[]): number {',
  '  return orders.filter((order) => order.isPaid).length;',
] as const;
/** What stands around it: line ends of both kinds, both directions of writing, halves of characters, nothing. */
const PAGES = [
  '',
  'import { prices } from "./prices.ts";\n\n',
  'import { prices } from "./prices.ts";\r\n\r\n',
  '// \u05e9\u05dc\u05d5\u05dd \u202bעולם\u202c\nconst a = "שלום";\n',
  '\ud83d\ude00'.repeat(40) + '\n\ud83d\n',
  'a\u0301\u0302\u0303'.repeat(30) + '\n',
  '\t\t \t{\n\t  \t[\n',
  'const nul = "\0\0";\n',
] as const;
const AFTER = ['', '\n', '\n}\n', ')', ');\n', '\r\n}\r\n', ' // end\n', '"\n'] as const;
const KEYS = ['x', ' ', '(', '"', '\n', ';', '😀', '\t', ')'] as const;

/** What the organisation keeps in the editor. */
const EXCLUDED = 'secret/';

/** Promises that wait for each other, from a signal to the caller: as many as the code has steps. */
const SETTLED_AFTER = 30;

/** `unsteady`: what the clock on the wall shows jumps; `lost`: and the editor has no other one. */
export type Clocks = 'steady' | 'unsteady' | 'lost';

export interface Call {
  readonly trigger: 'automatic' | 'manual';
  outcome: Outcome | undefined;
  error: unknown;
}

interface Page {
  readonly uri: string;
  readonly language: string;
  text: string;
  cursor: number;
}

/** What should still be on screen, or leave: never something else. */
interface Shown {
  readonly uri: string;
  readonly suggestion: Suggestion;
  /** What of the suggestion is not typed yet. */
  readonly rest: string;
}

export interface RestlessUser {
  readonly client: CompletionClient;
  readonly clock: UnsteadyClock;
  readonly server: UnrulyServer;
  readonly events: readonly TelemetryEvent[];
  readonly calls: readonly Call[];
  /** Every signal that a call was given. */
  readonly signals: readonly AbortSignal[];
  /** What should not have been seen on screen, as sentences. */
  readonly complaints: readonly string[];
  /** How often text was shown, and shown again while it was typed along. */
  readonly shown: { readonly times: number; readonly typedAlong: number };
  readonly settings: ClientSettings;
  /** One thing after another. */
  act(times: number): Promise<void>;
  /** Stops typing, mends the server and asks once more. */
  comeToRest(): Promise<Outcome>;
  /** Closes the editor; what is left over has no reason to be. */
  close(): Promise<void>;
}

/** Somebody who types, accepts, dismisses, jumps, changes settings and files, at random, in front of an unruly server. */
export function openRestlessUser(
  seed: number,
  { clocks, options = {} }: { readonly clocks: Clocks; readonly options?: Partial<CompletionClientOptions> },
): RestlessUser {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
  const clock = createUnsteadyClock();
  const events: TelemetryEvent[] = [];
  const calls: Call[] = [];
  const signals: AbortSignal[] = [];
  const complaints: string[] = [];
  const old: Suggestion[] = [];
  const pages: Page[] = ['file:///a.ts', 'file:///b.py', `file:///${EXCLUDED}c.ts`].map((uri) => {
    const head = pick(PAGES);
    const language = uri.endsWith('py') ? 'python' : 'typescript';
    return { uri, language, text: head + pick(AFTER), cursor: head.length };
  });
  let page = pages[0]!;
  let line = 0;
  /** What the settings keep in the editor, and have kept since the last reset. */
  let staysAt = '';
  let settings: ClientSettings = { multiline: 'always', delayMs: 0 };
  let token = new AbortController();
  let on: Shown | undefined;
  let times = 0;
  let typedAlong = 0;
  let asked: Call | undefined;
  let isResting = false;
  /** Rises with what takes text off the screen: an answer that was on its way then says nothing about what comes after. */
  let epoch = 0;

  /** The client's own: the server's are the server's business. */
  const timers = new Set<object>();
  const setTimer: SetTimer = (run, ms) => {
    const timer = {};
    timers.add(timer);
    const cancel = clock.setTimer(() => {
      timers.delete(timer);
      run();
    }, ms);
    return () => {
      timers.delete(timer);
      cancel();
    };
  };

  const server = createUnrulyServer({
    random,
    setTimer: clock.setTimer,
    excludedPaths: [`${EXCLUDED}**`],
    // Mostly what will be typed.
    answer(request) {
      const { prefix } = request;
      const sent = [request.path ?? '', ...(request.snippets ?? []).map(({ path }) => path)];
      for (const path of sent) {
        if (path.startsWith(EXCLUDED) || (staysAt !== '' && path.endsWith(staysAt)))
          complaints.push(`${path} was sent`);
      }
      const typed = prefix.slice(prefix.lastIndexOf('\n') + 1);
      const known = CODE.find((code) => typed !== '' && code.startsWith(typed)) ?? CODE[line % CODE.length]!;
      const rest = known.startsWith(typed) ? known.slice(typed.length) : known;
      const next = CODE[(CODE.indexOf(known) + 1) % CODE.length]!;
      if (isResting) return rest;
      return random(4) === 0 ? pick(CODE) : random(3) === 0 ? rest : `${rest}\n${next}\n`;
    },
  });
  const localModel =
    random(2) === 0
      ? undefined
      : createScriptedLocalModel({
          answer({ prefix }) {
            const behaviour = random(4);
            if (behaviour === 0) throw new Error('the worker is gone');
            if (behaviour === 1) return [];
            const typed = prefix.slice(prefix.lastIndexOf('\n') + 1);
            const known = CODE.find((code) => typed !== '' && code.startsWith(typed));
            return [{ text: known ? known.slice(typed.length) : 'local();', confidence: random(100) / 100 }];
          },
        });
  const client = createCompletionClient({
    transport: server,
    record: (event) => void events.push(event),
    clientInfo: { name: 'test' },
    ...(localModel && { localModel }),
    onStreamEvent: interfere,
    onStreamEnd: interfere,
    textOf: (uri) => (random(10) === 0 ? undefined : pages.find((one) => one.uri === uri)?.text),
    now: clock.now,
    ...(clocks !== 'lost' && { elapsed: clock.steady }),
    setTimer,
    settings: () => settings,
    ...options,
  });
  client.onStateChange(interfere);
  client.onKeystroke(interfere);
  client.onExtended(() => {
    if (isResting) return;
    // An editor asks again at once, in the middle of the announcement, or a little later.
    if (random(3) === 0) clock.setTimer(() => void ask('automatic'), random(40));
    else void ask('automatic');
  });

  /** In the middle of whatever it is that tells of something. */
  function interfere(): void {
    if (isResting || random(100) > 0) return;
    leave();
    client.reset();
  }

  function leap(): void {
    if (clocks !== 'steady' && random(4) === 0) clock.leap((random(3) - 1) * 3_600_000 + random(1000));
  }

  function snapshot(): DocumentSnapshot {
    const { uri, language, text, cursor } = page;
    return { uri, path: uri.slice('file:///'.length), language, text, cursor };
  }

  /** A question that is given up is settled at once: without a timer, and without an answer of anybody. */
  function giveUp(): void {
    token.abort();
    const call = asked;
    if (call) void expectSettled(call);
  }
  async function expectSettled(call: Call): Promise<void> {
    for (let turn = 0; turn < SETTLED_AFTER; turn++) await Promise.resolve();
    if (!isSettled(call)) complaints.push(`goes on ${SETTLED_AFTER} microtasks after it was given up`);
  }

  function leave(): void {
    on = undefined;
    epoch += 1;
  }

  async function ask(trigger: Call['trigger']): Promise<Outcome | undefined> {
    leap();
    token = new AbortController();
    const { signal } = token;
    signals.push(signal);
    const call: Call = { trigger, outcome: undefined, error: undefined };
    calls.push(call);
    asked = call;
    const document = snapshot();
    const epochBefore = epoch;
    const place = isResting ? 2 : random(60);
    const situation = place === 0 ? { cursors: 2 } : place === 1 ? { off: 'paused' as const } : {};
    const query = {
      document,
      trigger,
      situation,
      openDocuments: () =>
        pages.map(({ uri, language, text }) => ({ uri, path: uri.slice('file:///'.length), language, text })),
      definitions: () =>
        pick([async () => [], () => Promise.reject(new Error('none')), () => new Promise<never>(() => {})])(),
    };
    try {
      call.outcome = await client.complete(query, signal);
    } catch (error) {
      call.error = error ?? 'nothing was thrown';
      return undefined;
    }
    leap();
    if (signal.aborted || document.text !== page.text || document.cursor !== page.cursor || document.uri !== page.uri) {
      return call.outcome;
    }
    draw(call.outcome, document, trigger);
    if (epoch !== epochBefore) on = undefined;
    return call.outcome;
  }

  /** What the editor would show. */
  function draw(outcome: Outcome, document: DocumentSnapshot, trigger: Call['trigger']): void {
    if (outcome.kind === 'cancelled') return;
    const before = on?.uri === document.uri ? on : undefined;
    if (outcome.kind !== 'suggested') {
      const why = outcome.kind === 'empty' ? outcome.reason : outcome.failure.reason;
      const mayLeave: readonly (Gate | string)[] = ['paused', 'several-cursors', 'trimmed', 'excluded', 'dismissed'];
      if (before && trigger === 'automatic' && before.rest !== '' && !mayLeave.includes(why)) {
        complaints.push(`left for ${why}: ${JSON.stringify(before.rest)}`);
      }
      if (on) client.dismissed(on.suggestion.viewId, 'ignored', 'inferred');
      leave();
      return;
    }
    for (const suggestion of outcome.suggestions) judge(suggestion, document);
    const [first] = outcome.suggestions;
    if (before && trigger === 'automatic' && !first.text.startsWith(before.rest)) {
      complaints.push(`${JSON.stringify(before.rest)} became ${JSON.stringify(first.text)}`);
    }
    times += 1;
    if (before) typedAlong += 1;
    on = { uri: document.uri, suggestion: first, rest: first.text };
    old.push(...outcome.suggestions);
    client.shown(first, random(2) === 0 ? 'measured' : 'inferred');
  }

  function judge({ text, range, latencyMs }: Suggestion, document: DocumentSnapshot): void {
    const covered = document.text.slice(range.start, range.end);
    if (range.start !== document.cursor || range.end < range.start)
      complaints.push(`stands at ${range.start}–${range.end}`);
    if (/[\r\n]/.test(covered)) complaints.push(`covers a line break: ${JSON.stringify(covered)}`);
    if (text === '' || text === covered) complaints.push('says nothing');
    if (/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/u.test(text))
      complaints.push(`is harmful: ${JSON.stringify(text)}`);
    if (text !== withEol(text, eolOf(document.text)))
      complaints.push(`has other line breaks than its document: ${JSON.stringify(text)}`);
    if (!Number.isFinite(latencyMs) || latencyMs < 0) complaints.push(`took ${latencyMs} ms`);
  }

  function edit(offset: number, deleted: number, inserted: string): void {
    giveUp();
    const typed = on && on.uri === page.uri && deleted === 0 && offset === page.cursor && on.rest.startsWith(inserted);
    const isWhole = on?.suggestion.range.start === on?.suggestion.range.end;
    if (on)
      on =
        typed && isWhole && inserted !== '' && on.rest !== inserted
          ? { ...on, rest: on.rest.slice(inserted.length) }
          : undefined;
    page.text = page.text.slice(0, offset) + inserted + page.text.slice(offset + deleted);
    page.cursor = offset + inserted.length;
    client.changed({ uri: page.uri, offset, deleted, inserted });
  }
  function type(text: string): void {
    edit(page.cursor, 0, text);
  }

  const actions: readonly (readonly [weight: number, act: () => unknown])[] = [
    [
      60,
      () => {
        // As the suggestion says, as planned, or anything.
        const typed = page.text.slice(page.text.lastIndexOf('\n', page.cursor - 1) + 1, page.cursor);
        const code = CODE[line % CODE.length]!;
        if (on && on.rest !== '' && random(3) > 0) type(firstOf(on.rest));
        else if (code !== typed && code.startsWith(typed)) type(firstOf(code.slice(typed.length)));
        else if (random(2) === 0) {
          line += 1;
          type(eolOf(page.text));
        } else type(pick(KEYS));
        void ask('automatic');
      },
    ],
    [
      6,
      () => {
        if (page.cursor === 0) return;
        const before = page.text.slice(0, page.cursor);
        const length = before.endsWith('\r\n') || splitsPair(before, before.length - 1) ? 2 : 1;
        edit(page.cursor - length, length, '');
        void ask('automatic');
      },
    ],
    [
      5,
      () => {
        if (!on) return;
        const { suggestion } = on;
        const { range, text } = suggestion;
        if (range.start !== page.cursor || on.rest !== text) return;
        leave();
        edit(range.start, range.end - range.start, text);
        client.accepted(suggestion.viewId, pick(['measured', 'inferred']));
        void ask('automatic');
      },
    ],
    [
      3,
      () => {
        if (!on || on.rest !== on.suggestion.text || on.suggestion.range.end !== page.cursor) return;
        const { suggestion } = on;
        const length = Math.max(1, suggestion.text.search(/\W/));
        const cut = splitsPair(suggestion.text, length) || suggestion.text.startsWith('\r\n', length - 1);
        const part = suggestion.text.slice(0, cut ? length + 1 : length);
        if (part === suggestion.text) return;
        type(part);
        client.partiallyAccepted(suggestion, part.length);
        void ask('automatic');
      },
    ],
    [
      3,
      () => {
        if (on) client.dismissed(on.suggestion.viewId, pick(['rejected', 'ignored']), pick(['measured', 'inferred']));
        leave();
      },
    ],
    [
      3,
      () => {
        giveUp();
        if (on) client.dismissed(on.suggestion.viewId, 'ignored', 'inferred');
        leave();
        page = pick(pages);
        page.cursor = random(page.text.length + 1);
        if (splitsPair(page.text, page.cursor) || page.text.startsWith('\r\n', page.cursor - 1)) page.cursor += 1;
        void ask('automatic');
      },
    ],
    // More is wanted than what is there.
    [2, () => (leave(), void ask('manual'))],
    // Twice without a cancellation, and with one that comes at once or before.
    [2, () => (void ask('automatic'), void ask('automatic'))],
    [3, () => (void ask('automatic'), giveUp())],
    [
      2,
      () => {
        const was = pick(old);
        if (!was) return;
        // Of what has long ended, in any order.
        pick([
          () => client.shown(was, 'measured'),
          () => client.accepted(was.viewId, 'measured'),
          () => client.dismissed(was.viewId, 'rejected', 'measured'),
          () => client.partiallyAccepted(was, pick([0, 1, -5, 10_000, Number.NaN])),
          () => client.changed({ uri: 'file:///nobody.ts', offset: 99, deleted: 3, inserted: 'x' }),
        ])();
        leave();
      },
    ],
    [
      1,
      () => {
        leave();
        settings = {
          pace: pick(['calm', 'balanced', 'eager']),
          ...(random(2) === 0 && { delayMs: random(200) }),
          multiline: pick(['auto', 'never', 'always']),
          maxCandidates: pick([1, 3, 5]),
          local: pick(['off', 'fallback', 'instant']),
          afterDeletion: random(2) === 0,
          ahead: random(2) === 0,
          prose: random(2) === 0,
          exclude: random(3) === 0 ? ['*.py'] : [],
        };
        staysAt = '';
        if (random(2) === 0) return;
        client.reset();
        staysAt = settings.exclude?.length ? '.py' : '';
      },
    ],
    [1, () => (leave(), client.reset())],
    [1, () => client.check()],
    [1, () => client.forgetTexts()],
    [
      1,
      () =>
        client
          .preview({ document: snapshot(), trigger: 'automatic', openDocuments: () => [] }, token.signal)
          .catch(() => undefined),
    ],
  ];
  const weights = actions.reduce((sum, [weight]) => sum + weight, 0);

  function next(): () => unknown {
    let at = random(weights);
    for (const [weight, act] of actions) if ((at -= weight) < 0) return act;
    return () => undefined;
  }

  return {
    client,
    clock,
    server,
    events,
    calls,
    signals,
    complaints,
    get shown() {
      return { times, typedAlong };
    },
    get settings() {
      return settings;
    },
    async act(count) {
      for (let done = 0; done < count; done++) {
        leap();
        void next()();
        // Mostly a key, sometimes a thought, sometimes two keys in one breath.
        if (random(6) > 0) await clock.advance(random(12) === 0 ? random(3000) : random(200));
      }
    },
    async comeToRest() {
      giveUp();
      await clock.settle();
      isResting = true;
      server.isWell = true;
      settings = { delayMs: 0, multiline: 'always', local: 'off' };
      staysAt = '';
      leave();
      // Whatever the server has asked for is over by then, however the clock was set meanwhile.
      await clock.advance(10_000);
      page = { uri: 'file:///rest.ts', language: 'typescript', text: 'const total = ', cursor: 14 };
      pages.push(page);
      const asked = ask('automatic');
      await clock.advance(30_000);
      const outcome = await asked;
      if (!outcome) throw new Error('the last question was not answered');
      return outcome;
    },
    async close() {
      giveUp();
      client.dispose();
      isResting = true;
      const recorded = events.length;
      // Nobody tells the editor's events that there is no client any more.
      for (const was of old.slice(-3)) {
        client.shown(was, 'measured');
        client.partiallyAccepted(was, 1);
        client.accepted(was.viewId, 'measured');
        client.dismissed(was.viewId, 'rejected', 'measured');
      }
      client.changed({ uri: page.uri, offset: 0, deleted: 0, inserted: 'x' });
      client.check();
      client.reset();
      await clock.settle();
      if (timers.size > 0) complaints.push(`${timers.size} timers wait for nobody`);
      await clock.advance(3_600_000);
      if (events.length > recorded) complaints.push(`${events.length - recorded} events came after the end`);
    },
  };
}

export function isSettled({ outcome, error }: Call): boolean {
  return outcome !== undefined || error !== undefined;
}

/** A whole character from the front. */
function firstOf(text: string): string {
  return text.startsWith('\r\n') ? '\r\n' : String.fromCodePoint(text.codePointAt(0)!);
}
