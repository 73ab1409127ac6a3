import {
  type CompletionRequest,
  type EmptyReason,
  type FinishReason,
  type StreamEvent,
  problem,
} from '@ghostline/protocol';
import { type SetTimer, pause } from '../../timer.ts';
import { TransportError } from '../../transport/error.ts';
import { broken, problemError, silent, unreachable } from '../../transport/failures.ts';
import type { Transport } from '../../types.ts';

export interface UnrulyServerOptions {
  readonly random: (below: number) => number;
  readonly setTimer: SetTimer;
  /** What its organisation keeps in the editor. */
  readonly excludedPaths: readonly string[];
  /** What it would say if it behaved. */
  readonly answer: (request: CompletionRequest) => string;
}

/** A transport to a server that does everything that a server should not, at random. */
export interface UnrulyServer extends Transport {
  /** While true it answers as it should. */
  isWell: boolean;
  readonly requests: readonly CompletionRequest[];
  /** Streams that were opened and neither ended nor were left. */
  readonly open: number;
  /** What it did, how often. */
  readonly did: ReadonlyMap<string, number>;
}

const SILENCE_MS = 10_000;
const ADDRESS = { url: 'http://unruly', setting: 'test' };
const EMPTY: readonly EmptyReason[] = ['silent', 'excluded', 'filtered', 'superseded', 'shed', 'use_local', 'deadline'];
const FINISH: readonly FinishReason[] = ['stop', 'length', 'block_end', 'filtered', 'time'];
const USAGE = { prompt_tokens: 1, completion_tokens: 1 };
const TIMINGS = { auth_ms: 0, prompt_ms: 0, cache_ms: 0, queue_ms: 0, first_token_ms: 0, total_ms: 0 };
/** What must never be shown: an escape sequence, text turned around, half a character. */
const HARMFUL = ['\u001b[2J', '\u202e', '\0', '\u2066x', '\ud83d', '\ude00'] as const;

const delta = (text: string, index = 0): StreamEvent => ({ event: 'delta', data: { index, text } });
const finish = (reason: FinishReason = 'stop', index = 0): StreamEvent => ({
  event: 'finish',
  data: { index, reason },
});
const done = (reason?: EmptyReason): StreamEvent => ({
  event: 'done',
  data: { usage: USAGE, timings: TIMINGS, ...(reason && { reason }) },
});

export function createUnrulyServer({ random, setTimer, excludedPaths, answer }: UnrulyServerOptions): UnrulyServer {
  const requests: CompletionRequest[] = [];
  const did = new Map<string, number>();
  let open = 0;
  let completions = 0;

  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
  function start(): StreamEvent {
    completions += 1;
    const completion_id = `cmp_unruly${String(completions).padStart(6, '0')}`;
    return {
      event: 'start',
      data: { completion_id, model: 'unruly', region: 'nowhere', endpoint: 'chaos', cache: 'miss' },
    };
  }
  /** In pieces that fall anywhere, the middle of a character included. */
  function pieces(text: string): string[] {
    const all: string[] = [];
    for (let at = 0; at < text.length;) {
      const next = at + 1 + random(12);
      all.push(text.slice(at, next));
      at = next;
    }
    return all;
  }

  const failure = (): TransportError =>
    pick([
      () => unreachable(ADDRESS, new Error('ECONNREFUSED')),
      () => silent(ADDRESS, SILENCE_MS),
      () => broken(ADDRESS, 'broke off'),
      () => broken(ADDRESS, 'is malformed'),
      () => problemError(problem('rate-limited', 'Too many.', { retry_after_ms: 1 + random(5000) })),
      () => problemError(problem('overloaded', 'No endpoint can take it.', { retry_after_ms: 500 })),
      () => problemError(problem('unauthenticated', 'A key is needed.')),
      () => problemError(problem('too-large', 'The prefix is too long.')),
      () => problemError(problem('internal', 'Something went wrong.')),
      () =>
        new TransportError({ reason: 'protocol', detail: 'Somebody else’s page.', retryable: false }, { status: 404 }),
    ])();

  /** Everything it can do, by name: what to send, what to throw, how long to wait. */
  const behaviours: Record<string, (text: string) => readonly (StreamEvent | number | Error | 'hang')[]> = {
    'answers at once': (text) => [start(), delta(text), finish(), done()],
    'answers in pieces': (text) => {
      const wait = random(300);
      const begun = [start(), ...pieces(text).flatMap((piece) => [random(60), delta(piece)])];
      const reason = pick(FINISH);
      // What is filtered ends before a line, or within the one that nobody should see.
      return [wait, ...begun, ...(reason === 'filtered' ? [delta('\nconst t = "')] : []), finish(reason), done()];
    },
    'is empty': () => [random(200), start(), done(pick(EMPTY))],
    'is silent': () => [random(100), start(), done('silent')],
    fails: () => [random(200), failure()],
    'fails in the middle': (text) => [
      start(),
      ...pieces(text.slice(0, random(text.length + 1))).map((p) => delta(p)),
      failure(),
    ],
    hangs: () => ['hang'],
    'hangs in the middle': (text) => [start(), delta(text.slice(0, random(text.length + 1))), 'hang'],
    'ends too soon': (text) => [start(), delta(text.slice(0, random(text.length + 1)))],
    'ends without a word': () => [],
    'does not begin': (text) => [delta(text), finish(), done()],
    'ends twice': (text) => [start(), delta(text), finish(), done(), done('shed'), delta('more'), failure()],
    'begins twice': (text) => [start(), delta(text.slice(0, 4)), start(), delta(text.slice(4)), finish(), done()],
    'goes on after the end of a choice': (text) => [start(), delta(text), finish('length'), delta(text), done()],
    'says nothing to a choice that has an end': () => [start(), finish(), done()],
    'never ends a choice': (text) => [start(), delta(text), done()],
    'offers what nobody asked for': (text) => [start(), delta(text, 4), delta(text, 99), finish('stop', 99), done()],
    'says far too much': (text) => [
      start(),
      ...Array.from({ length: 40 }, () => delta(`${text}\n`.repeat(20))),
      done(),
    ],
    'does harm': (text) => {
      const at = random(text.length + 1);
      return [
        start(),
        delta(text.slice(0, at)),
        random(20),
        delta(pick(HARMFUL)),
        delta(text.slice(at)),
        finish(),
        done(),
      ];
    },
    'does harm at once': (text) => [start(), delta(pick(HARMFUL) + text), finish(), done()],
    'is a bug': () => [new TypeError('cannot read properties of undefined')],
    'breaks line ends': (text) => [start(), delta('\r'), delta(`\n${text}\r`), delta('\nlast\r'), finish(), done()],
    'sends empty pieces': (text) => [start(), delta(''), delta(''), delta(text), delta(''), finish(), done()],
  };
  const names = Object.keys(behaviours);

  const server: UnrulyServer = {
    isWell: false,
    requests,
    did,
    get open() {
      return open;
    },
    complete(request, signal) {
      requests.push(request);
      const text = answer(request);
      const name = server.isWell || random(3) === 0 ? pick(['answers at once', 'answers in pieces']) : pick(names);
      did.set(name, (did.get(name) ?? 0) + 1);
      // Not even a generator: what is called may fail at once.
      if (name === 'is a bug' && random(2) === 0) throw new RangeError('thrown where a stream was expected');
      return play(behaviours[name]!(text), random(8) === 0, signal);
    },
    async check(signal) {
      await pause(random(500), setTimer, signal);
      if (!server.isWell && random(2) === 0) throw failure();
    },
    async policy(signal) {
      if (!server.isWell && random(6) === 0) {
        // What hangs is given up by the transport.
        await pause(SILENCE_MS, setTimer, signal);
        throw silent(ADDRESS, SILENCE_MS);
      }
      await pause(random(300), setTimer, signal);
      if (!server.isWell && random(3) === 0) throw failure();
      return { excluded_paths: [...excludedPaths] };
    },
    async sendTelemetry(events) {
      return { accepted: events.length, duplicates: 0, rejected: [] };
    },
  };

  /** `isDeaf`: does not hear of an abort before it has something to say. */
  async function* play(
    steps: readonly (StreamEvent | number | Error | 'hang')[],
    isDeaf: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<StreamEvent, void, undefined> {
    open += 1;
    try {
      for (const step of steps) {
        if (step === 'hang') await untilAborted(signal);
        else if (typeof step === 'number') await pause(step, setTimer, isDeaf ? new AbortController().signal : signal);
        else if (step instanceof Error) throw step;
        else yield step;
      }
    } finally {
      open -= 1;
    }
  }
  return server;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
