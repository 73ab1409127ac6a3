import { createEngine } from '@ghostline/engine';
import type { CacheOptions } from '@ghostline/engine';
import { createMemorySharedCache } from '@ghostline/engine/testing';
import type { Inference } from '@ghostline/inference';
import { createSimulatedClock } from './cache/clock.ts';
import { type Answered, work } from './cache/developer.ts';
import { createSituations, say } from './cache/oracle.ts';
import { createRandom } from './cache/random.ts';
import { createRepository } from './cache/repository.ts';

/** A draw moves hit rates by a tenth. */
const SEEDS = [1, 2, 3];
const DEVELOPERS = 60;
const REPOSITORIES = ['shop', 'fleet', 'atlas'];
const HOURS = 2;
const HOUR = 60 * 60 * 1000;
const MINUTE = 60 * 1000;
const SECOND = 1000;
/** A queue, a prompt and the tokens of a line on a GPU near by. */
const FIRST_TOKEN = { median: 180, spread: 0.4 };
const MS_PER_TOKEN = 8;
const CHARS_PER_TOKEN = 3.6;

/** Upper ends of the ages by which staleness is told. */
const AGES = [
  10 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  20 * MINUTE,
  40 * MINUTE,
  90 * MINUTE,
  3 * HOUR,
];

interface Run {
  readonly answers: readonly Answered[];
  readonly cancelled: number;
  /** Prompts the model has read, and tokens it has said, for answers that were cancelled as well. */
  readonly asked: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/**
 * Sixty developers on three repositories for two hours, before two gateways that share a cache; the model of it is in
 * test/bench/cache/, with its numbers. They type into the real engine, and their clients answer what clients answer by
 * themselves. The scripted model says what is right by the state of the repository, so an answer that was kept can be
 * compared with what would be said now. The floor is what one gateway finds of exactly the same prompts.
 */
export async function cache(): Promise<unknown> {
  // Kept for as long as the run: whatever is found has its age, and a shorter time would not have found the older ones.
  const kept = await runs({ ttlMs: 24 * HOUR }, true);
  const standard = await runs({}, true);
  const forgetful = await runs({}, false);
  const results = {
    seeds: SEEDS,
    developers: DEVELOPERS,
    hours: HOURS,
    standard: summary(standard),
    forgetfulClients: summary(forgetful),
    keptForAll: summary(kept),
    staleness: AGES.map((upTo, index) => hitsOfAge(kept, AGES[index - 1] ?? 0, upTo)),
    byTtl: AGES.map((ttlMs) => hitsOfAge(kept, 0, ttlMs)),
  };
  print(results);
  return results;
}

async function runs(options: CacheOptions, clientsRemember: boolean): Promise<Run> {
  const all: Run[] = [];
  for (const seed of SEEDS) all.push(await run(seed, options, clientsRemember));
  const sum = (of: (each: Run) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    answers: all.flatMap(({ answers }) => answers),
    cancelled: sum(({ cancelled }) => cancelled),
    asked: sum(({ asked }) => asked),
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
  };
}

async function run(seed: number, options: CacheOptions, clientsRemember: boolean): Promise<Run> {
  const clock = createSimulatedClock();
  const random = createRandom(seed);
  const thinking = createRandom(seed + 1000);
  const repositories = REPOSITORIES.map((name) => createRepository(name, random));
  const situations = createSituations();
  const answers: Answered[] = [];
  let cancelled = 0;
  let asked = 0;
  let promptTokens = 0;
  let completionTokens = 0;

  const inference: Inference = {
    async *stream(prompt, _model, signal) {
      asked += 1;
      promptTokens += Math.ceil((prompt.prefix.length + prompt.suffix.length) / CHARS_PER_TOKEN);
      // The engine hands its own prompt on, which knows the file's path.
      const { path } = prompt as typeof prompt & { readonly path: string };
      await clock.wait(thinking.around(FIRST_TOKEN.median, FIRST_TOKEN.spread));
      signal.throwIfAborted();
      const partial = prompt.prefix.slice(prompt.prefix.lastIndexOf('\n') + 1);
      const text = say(situations.at(path, prompt.prefix), partial);
      const tokens = Math.ceil(text.length / CHARS_PER_TOKEN);
      yield { type: 'start', endpoint: 'scripted', region: 'local', queueMs: 0 };
      for (let token = 0; token < tokens; token++) {
        await clock.wait(MS_PER_TOKEN);
        signal.throwIfAborted();
        completionTokens += 1;
        const from = Math.round((token * text.length) / tokens);
        yield { type: 'text', index: 0, text: text.slice(from, Math.round(((token + 1) * text.length) / tokens)) };
      }
      yield { type: 'end', index: 0, reason: 'stop' };
      yield { type: 'usage', promptTokens: Math.floor(clock.now()), completionTokens: tokens };
    },
  };

  const sharedCache = createMemorySharedCache(clock.now);
  const gateways = [0, 1].map(() =>
    createEngine({
      inference,
      models: [{ name: 'scripted', template: 'plain', contextTokens: 16_384 }],
      cacheSecret: new Uint8Array(32),
      newCompletionId: () => 'cmp_benchmark',
      sharedCache,
      // Nothing here takes time, but the machine may: a lookup is waited for, however long it takes.
      cache: { sharedDeadlineMs: 60_000, ...options },
      now: clock.now,
      date: clock.now,
      random: () => 0.5,
    }),
  );
  const until = clock.now() + HOURS * HOUR;
  const office = {
    clock,
    gateways,
    repositories,
    situations,
    clientsRemember,
    until,
    note(answered: Answered | 'cancelled') {
      if (answered === 'cancelled') cancelled += 1;
      else answers.push(answered);
    },
  };
  for (let user = 0; user < DEVELOPERS; user++)
    void work(`u${user}`, user % REPOSITORIES.length, createRandom(seed * 10_000 + user), office);
  await clock.run();
  return { answers, cancelled, asked, promptTokens, completionTokens };
}

function isHit({ cache: from }: Answered): boolean {
  return from === 'memory' || from === 'redis' || from === 'continuation';
}

function ageOf({ at, madeAt }: Answered): number {
  return at - madeAt;
}

function isStale({ text, now }: Answered): boolean {
  return text.trimEnd() !== now.trimEnd();
}

interface HitsOfAge extends Quality {
  readonly fromMs: number;
  readonly upToMs: number;
  /** Of all answers. */
  readonly hitShare: number;
}

function hitsOfAge({ answers }: Run, fromMs: number, upToMs: number): HitsOfAge {
  const hits = answers.filter((answer) => isHit(answer) && ageOf(answer) > fromMs && ageOf(answer) <= upToMs);
  return { fromMs, upToMs, hitShare: share(hits.length, answers.length), ...qualityOf(hits) };
}

interface Quality {
  readonly hits: number;
  /** Shares of the hits: those that differ from what would be said now; those that are what was wanted, and would be now. */
  readonly stale: number;
  readonly right: number;
  readonly rightNow: number;
}

function qualityOf(hits: readonly Answered[]): Quality {
  const of = (test: (answer: Answered) => boolean) => share(hits.filter(test).length, hits.length);
  return {
    hits: hits.length,
    stale: of(isStale),
    right: of(({ text, wanted }) => text === wanted),
    rightNow: of(({ now, wanted }) => now === wanted),
  };
}

function summary({ answers, cancelled, asked, promptTokens, completionTokens }: Run) {
  const of = (kind: Answered['cache']) =>
    share(answers.filter(({ cache: from }) => from === kind).length, answers.length);
  const hits = answers.filter(isHit);
  const saved = (chars: (answer: Answered) => number, spent: number) => {
    const tokens = hits.reduce((sum, hit) => sum + chars(hit), 0) / CHARS_PER_TOKEN;
    return share(tokens, tokens + spent);
  };
  return {
    requests: answers.length + cancelled,
    answered: answers.length,
    askedOfTheModel: asked,
    share: {
      memory: of('memory'),
      redis: of('redis'),
      continuation: of('continuation'),
      inflight: of('inflight'),
      miss: of('miss'),
    },
    hitsToFloor: share(hits.length, hits.filter(({ cache: from }) => from === 'memory').length),
    /** Of what the model would have read and said without any cache. */
    savedPromptTokens: saved(({ promptChars }) => promptChars, promptTokens),
    savedCompletionTokens: saved(({ text }) => text.length, completionTokens),
    ...qualityOf(hits),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

interface Report {
  readonly standard: ReturnType<typeof summary>;
  readonly forgetfulClients: ReturnType<typeof summary>;
  readonly keptForAll: ReturnType<typeof summary>;
  readonly staleness: readonly HitsOfAge[];
  readonly byTtl: readonly HitsOfAge[];
}

function print({ standard, forgetfulClients, keptForAll, staleness, byTtl }: Report): void {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`.padStart(8);
  const minutes = (ms: number) => (ms < MINUTE ? `${ms / SECOND} s` : `${ms / MINUTE} min`).padStart(8);
  const parts = {
    'as configured by default': standard,
    'with clients that keep nothing': forgetfulClients,
    'kept all the time': keptForAll,
  };
  for (const [what, each] of Object.entries(parts)) {
    const { requests, answered, askedOfTheModel } = each;
    console.log(`\n${what}: ${requests} requests, ${answered} answered, ${askedOfTheModel} asked of the model`);
    for (const [kind, value] of Object.entries(each.share)) console.log(`  ${kind.padEnd(14)}${percent(value)}`);
    console.log(`  hits: ${each.hitsToFloor.toFixed(2)} × the floor (the same prompt again at the same gateway)`);
    console.log(
      `  GPU tokens saved:${percent(each.savedPromptTokens)} of prompts,${percent(each.savedCompletionTokens)} of answers`,
    );
    console.log(`  hits that differ from what the model would say now:${percent(each.stale)}`);
  }
  const quality = ({ stale, right, rightNow }: Quality) => percent(stale) + percent(right) + percent(rightNow);
  console.log('\nage of a hit                  hits  differ   right  were asked now');
  for (const { fromMs, upToMs, ...of } of staleness)
    console.log(`${minutes(fromMs)} – ${minutes(upToMs)}${String(of.hits).padStart(8)}${quality(of)}`);
  console.log('\n     kept    hits  differ   right  were asked now');
  for (const { upToMs, hitShare, ...of } of byTtl) console.log(minutes(upToMs) + percent(hitShare) + quality(of));
}
