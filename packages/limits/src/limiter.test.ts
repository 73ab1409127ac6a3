import { createManualClock } from '@ghostline/clock/testing';
import { describe, expect, it } from 'vitest';
import { type Admission, type Limiter, type LimiterOptions, createLimiter } from './limiter.ts';
import type { Ask, BudgetSettings, LimitSettings, Principal, StopRules } from './settings.ts';
import { createStopBoard } from './spending/stops.ts';
import { createMemoryPermitStore } from './stores/memory-store.ts';
import type { PermitStore } from './stores/permit-store.ts';
import { createRemoteStore, createMemoryStopStore } from './testing/index.ts';

const alice: Principal = { keyId: 'alice-laptop', org: 'acme', team: 'web', user: 'alice' };
const bob: Principal = { keyId: 'bob-laptop', org: 'acme', team: 'web', user: 'bob' };
const ask: Ask = { trigger: 'manual', tokens: 0, cost: 0 };
/** Noon of a day in the middle of a month, as a rule. */
const NOON = Date.parse('2026-11-15T12:00:00Z');

interface Setting {
  readonly limits?: LimitSettings;
  readonly budgets?: BudgetSettings;
  readonly stopWhen?: StopRules;
  readonly options?: Partial<LimiterOptions>;
}

/** A gateway of its own. */
function single({ limits = {}, budgets = {}, stopWhen = {}, options = {} }: Setting = {}) {
  const clock = createManualClock();
  const date = () => NOON + clock.now();
  const stopStore = createMemoryStopStore();
  const stops = createStopBoard({ store: stopStore });
  const store = createMemoryPermitStore({ now: date });
  const limiter = createLimiter({
    store,
    stops,
    settings: { limits, budgets, stopWhen },
    now: clock.now,
    date,
    setTimer: clock.setTimer,
    ...options,
  });
  limiter.start();
  return { limiter, clock, stops, stopStore, store, date };
}

/** Gateways that share a store over a network, with what moves time for all of them. */
function several(count: number, { limits = {}, budgets = {}, stopWhen = {} }: Setting = {}) {
  const clock = createManualClock();
  const date = () => NOON + clock.now();
  const remote = createRemoteStore(createMemoryPermitStore({ now: date }), clock);
  const waits: number[] = [];
  const limiters = Array.from({ length: count }, (_, index) => {
    const limiter = createLimiter({
      store: remote,
      stops: createStopBoard({ store: createMemoryStopStore() }),
      settings: { limits, budgets, stopWhen },
      holder: `gateway-${index}`,
      now: clock.now,
      date,
      setTimer: clock.setTimer,
      onWait: (ms) => waits.push(ms),
    });
    limiter.start();
    return limiter;
  });
  return { limiters, clock, remote, waits };
}

async function admit(limiter: Limiter, principal = alice, request: Partial<Ask> = {}): Promise<Admission> {
  return limiter.admit(principal, { ...ask, ...request });
}

function passes(admission: Admission): boolean {
  return admission.kind === 'admitted';
}

/** How many of `tries` requests, made at the same moment, pass. */
async function passing(limiter: Limiter, tries: number, principal = alice, request: Partial<Ask> = {}) {
  let passed = 0;
  for (let i = 0; i < tries; i++) if (passes(await admit(limiter, principal, request))) passed += 1;
  return passed;
}

function ticketOf(admission: Admission | Promise<Admission>) {
  if (admission instanceof Promise || admission.kind !== 'admitted') throw new Error('not admitted at once');
  return admission.ticket;
}

function refusalOf(admission: Admission) {
  if (admission.kind !== 'refused') throw new Error('not refused');
  return admission.refusal;
}

describe('requests a minute', () => {
  const limits = { perKey: { requestsPerMinute: 60 } };

  it('pass in bursts of a tenth, then at the rate, for each key of its own', async () => {
    const { limiter, clock } = single({ limits });
    expect(await passing(limiter, 20)).toBe(6);
    expect(await passing(limiter, 20, bob)).toBe(6);
    await clock.advance(3_000);
    expect(await passing(limiter, 20)).toBe(3);
  });

  it('are refused with the limit, whose it is, when it ends, and what to do', async () => {
    const { limiter } = single({ limits });
    await passing(limiter, 6);
    expect(refusalOf(await admit(limiter))).toMatchObject({
      pool: { limit: 'requestsPerMinute', scope: 'key' },
      retryAfterMs: 1_000,
      detail:
        'More than 60 requests a minute with the key "alice-laptop". An admin can raise limits.perKey.requestsPerMinute.',
    });
  });

  it('cost a gateway of its own no promise', () => {
    const { limiter } = single({ limits });
    for (let i = 0; i < 10; i++) expect(limiter.admit(alice, ask)).not.toBeInstanceOf(Promise);
  });

  it('are known to be too many before anything of them was read', async () => {
    const { limiter, clock } = single({ limits });
    expect(limiter.glance(alice)).toBeUndefined();
    await passing(limiter, 7);
    expect(limiter.glance(alice)).toMatchObject({ refusal: { pool: { scope: 'key' } } });
    expect(limiter.glance(bob)).toBeUndefined();
    await clock.advance(1_000);
    expect(limiter.glance(alice)).toBeUndefined();
  });

  it('that are few lose nothing of their rate', async () => {
    const { limiter, clock } = single({ limits: { perKey: { requestsPerMinute: 3 } } });
    let passed = 0;
    // Asked for again and again, by both.
    for (let second = 0; second < 600; second++) {
      passed += await passing(limiter, 1, alice, { trigger: second % 3 === 0 ? 'manual' : 'automatic' });
      await clock.jump(1_000);
    }
    expect(passed).toBe(30);
  });

  it('may be other ones for an organisation', async () => {
    const { limiter } = single({
      limits: {
        perOrganisation: { requestsPerMinute: 60 },
        organisations: { acme: { perOrganisation: { requestsPerMinute: 120 } } },
      },
    });
    expect(await passing(limiter, 20)).toBe(12);
    expect(await passing(limiter, 20, { ...alice, org: 'other' })).toBe(6);
  });

  it('may be changed while they are counted', async () => {
    const { limiter } = single({ limits });
    expect(await passing(limiter, 20)).toBe(6);
    limiter.reconfigure({ limits: { perKey: { requestsPerMinute: 120 } }, budgets: {}, stopWhen: {} });
    await admit(limiter).catch(() => undefined);
    limiter.step();
    expect(limiter.state().pools).toBe(1);
  });
});

describe('several limits', () => {
  it('take from all pools or from none', async () => {
    const limits = { perKey: { requestsPerMinute: 600 }, perTeam: { requestsPerMinute: 20 } };
    const { limiter, clock } = single({ limits });
    expect(await passing(limiter, 50)).toBe(2);
    // Had the refused ones taken from the key's 60, ten of another team's would not be left for it.
    expect(await passing(limiter, 30, { ...alice, team: 'other' })).toBe(2);
    await clock.advance(60_000);
    const free = single({ limits: { perKey: { requestsPerMinute: 600 } } });
    expect(await passing(free.limiter, 100)).toBe(60);
  });

  it('name the one that refuses', async () => {
    const limits = { perKey: { requestsPerMinute: 600 }, everything: { requestsPerMinute: 10 } };
    const { limiter } = single({ limits });
    await admit(limiter);
    expect(refusalOf(await admit(limiter, bob)).detail).toBe(
      'More than 10 requests a minute of everybody together. An admin can raise limits.everything.requestsPerMinute.',
    );
  });
});

describe('tokens a minute', () => {
  const limits = { perUser: { tokensPerMinute: 4_000 } };

  it('are reserved by estimate, and what was too much comes back', async () => {
    const { limiter } = single({ limits });
    const first = ticketOf(await admit(limiter, alice, { tokens: 900 }));
    expect(refusalOf(await admit(limiter, alice, { tokens: 900 }))).toMatchObject({
      pool: { limit: 'tokensPerMinute', scope: 'user', owner: 'alice' },
    });
    first.settle({ tokens: 100, cost: 0 });
    expect(passes(await admit(limiter, alice, { tokens: 900 }))).toBe(true);
  });

  it('are paid later when there were more than estimated', async () => {
    const { limiter, clock } = single({ limits });
    ticketOf(await admit(limiter, alice, { tokens: 100 })).settle({ tokens: 3_000, cost: 0 });
    await clock.advance(1_000);
    expect(passes(await admit(limiter, alice, { tokens: 100 }))).toBe(false);
    await clock.advance(32_000);
    expect(passes(await admit(limiter, alice, { tokens: 100 }))).toBe(true);
  });

  it('never lock out a request that is larger than a burst', async () => {
    const { limiter } = single({ limits });
    expect(passes(await admit(limiter, alice, { tokens: 50_000 }))).toBe(true);
  });

  it('count once, however often a ticket is settled', async () => {
    const { limiter } = single({ limits });
    const ticket = ticketOf(await admit(limiter, alice, { tokens: 900 }));
    ticket.settle({ tokens: 0, cost: 0 });
    ticket.settle({ tokens: 5_000, cost: 0 });
    expect(passes(await admit(limiter, alice, { tokens: 1_000 }))).toBe(true);
  });
});

describe('completions at a time', () => {
  it('are as many as allowed, until one ends', async () => {
    const { limiter } = single({ limits: { perUser: { concurrentStreams: 2 } } });
    const first = ticketOf(await admit(limiter));
    await admit(limiter);
    expect(refusalOf(await admit(limiter)).detail).toBe(
      'More than 2 completions at a time of the user "alice". An admin can raise limits.perUser.concurrentStreams.',
    );
    first.settle({ tokens: 10, cost: 0 });
    expect(passes(await admit(limiter))).toBe(true);
  });

  it('are held as long as they go on', async () => {
    const { limiter, clock } = single({ limits: { perUser: { concurrentStreams: 1 } } });
    const first = ticketOf(await admit(limiter));
    await clock.advance(120_000);
    expect(passes(await admit(limiter))).toBe(false);
    first.settle({ tokens: 0, cost: 0 });
    expect(passes(await admit(limiter))).toBe(true);
  });

  it('of a gateway that crashed are free again after a while', async () => {
    const { limiters, clock } = several(2, { limits: { everything: { concurrentStreams: 3 } } });
    const [crashing, other] = limiters as [Limiter, Limiter];
    const begun = [admit(crashing), admit(crashing), admit(crashing)];
    await clock.advance(10);
    expect((await Promise.all(begun)).map(passes)).toEqual([true, true, true]);
    // Nothing is heard of it any more.
    void crashing.close();
    const asked = admit(other);
    await clock.advance(10);
    expect(passes(await asked)).toBe(false);
    await clock.advance(31_000);
    const again = admit(other);
    await clock.advance(10);
    expect(passes(await again)).toBe(true);
  });
});

describe('when little is left', () => {
  it('speculative requests go first, then automatic ones, and the last are for those asked by hand', async () => {
    const { limiter } = single({ limits: { perKey: { requestsPerMinute: 1_000 } } });
    expect(await passing(limiter, 200, alice, { trigger: 'speculative' })).toBe(80);
    expect(await passing(limiter, 200, alice, { trigger: 'automatic' })).toBe(15);
    expect(await passing(limiter, 200, alice, { trigger: 'manual' })).toBe(5);
  });

  it('a speculative request is shed rather than told of a limit that is not reached', async () => {
    const { limiter } = single({ limits: { perKey: { requestsPerMinute: 1_000 } } });
    await passing(limiter, 80, alice, { trigger: 'speculative' });
    expect(refusalOf(await admit(limiter, alice, { trigger: 'speculative' })).shed).toBe(true);
    await passing(limiter, 21);
    expect(refusalOf(await admit(limiter, alice, { trigger: 'speculative' })).shed).toBe(false);
  });

  it('small limits keep nothing back', async () => {
    const { limiter } = single({ limits: { perKey: { concurrentStreams: 2 } } });
    expect(await passing(limiter, 5, alice, { trigger: 'speculative' })).toBe(2);
  });
});

describe('gateways that share a store', () => {
  const limits = { everything: { requestsPerMinute: 6_000 } };

  /** Requests at ten times the limit, spread over the gateways, for so many ms. */
  async function flood(limiters: readonly Limiter[], advance: (ms: number) => Promise<void>, forMs: number) {
    let passed = 0;
    const one = async (limiter: Limiter) => {
      if (passes(await limiter.admit(alice, ask))) passed += 1;
    };
    for (let ms = 0; ms < forMs; ms++) {
      void one(limiters[ms % limiters.length]!);
      await advance(1);
    }
    return passed;
  }

  it('let pass what the limit says, however much comes', async () => {
    const { limiters, clock, remote } = several(4, { limits });
    const passed = await flood(limiters, clock.advance, 10_000);
    const allowed = 600 + 100 * 10;
    expect(passed).toBeLessThanOrEqual(allowed);
    expect(passed).toBeGreaterThan(allowed * 0.98);
    // A flood of requests is no flood on the store.
    expect(remote.calls).toBeLessThan(4_000);
  });

  it('answer without it, within the limit, when it goes away', async () => {
    const { limiters, clock, remote, waits } = several(4, { limits });
    const before = await flood(limiters, clock.advance, 5_000);
    remote.condition = { kind: 'silent' };
    waits.length = 0;
    const without = await flood(limiters, clock.advance, 10_000);
    expect(without).toBeLessThanOrEqual(100 * 10 + 100);
    expect(without).toBeGreaterThan(100 * 10 * 0.9);
    expect(Math.max(0, ...waits)).toBeLessThanOrEqual(5.001);
    expect(limiters.every((limiter) => limiter.state().away)).toBe(true);
    remote.condition = { kind: 'here', latencyMs: 0.2 };
    await clock.advance(1_100);
    expect(limiters.some((limiter) => limiter.state().away)).toBe(false);
    const after = await flood(limiters, clock.advance, 5_000);
    expect(before + without + after).toBeLessThanOrEqual(600 + 100 * 22);
  });

  it('do not ask a store again that refuses', async () => {
    const { limiters, clock, remote } = several(1, { limits });
    remote.condition = { kind: 'refusing' };
    await flood(limiters, clock.advance, 1_000);
    expect(remote.calls).toBeLessThan(20);
  });

  it('wait five milliseconds at most for a slow one, a few times, and then not at all', async () => {
    const { limiters, clock, remote, waits } = several(1, { limits });
    remote.condition = { kind: 'here', latencyMs: 1_000 };
    const passed = await flood(limiters, clock.advance, 3_000);
    expect(passed).toBeGreaterThan(600);
    expect(passed).toBeLessThanOrEqual(600 + 300 + 1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5.001);
    expect(waits.length).toBeLessThan(60);
  });

  it('give back what they do not need within a second', async () => {
    const { limiters, clock } = several(2, { limits: { perKey: { concurrentStreams: 8 } } });
    const [first, second] = limiters as [Limiter, Limiter];
    const begun = Promise.all(Array.from({ length: 8 }, () => admit(first)));
    await clock.advance(20);
    for (const admission of await begun) ticketOf(admission).settle({ tokens: 0, cost: 0 });
    await clock.advance(1_000);
    const elsewhere = Promise.all(Array.from({ length: 8 }, () => admit(second)));
    await clock.advance(20);
    expect((await elsewhere).filter(passes)).toHaveLength(8);
  });

  it('serve a crowd that comes at once', async () => {
    const { limiters, clock } = several(1, { limits });
    const crowd = Promise.all(Array.from({ length: 300 }, () => admit(limiters[0]!)));
    await clock.advance(20);
    expect((await crowd).filter(passes)).toHaveLength(300);
  });
});

describe('budgets', () => {
  const budgets: BudgetSettings = { perUser: { day: 1 } };
  const dear = { cost: 10_000 };
  const spend = async (limiter: Limiter, times: number, principal = alice) => {
    const seen: string[] = [];
    for (let i = 0; i < times; i++) {
      const admission = await admit(limiter, principal, { ...dear, trigger: 'automatic' });
      if (admission.kind === 'refused') seen.push('refused');
      else {
        seen.push(admission.ticket.spend);
        admission.ticket.settle({ tokens: 1, cost: admission.ticket.spend === 'nothing' ? 0 : 10_000 });
      }
    }
    return seen;
  };
  const count = (seen: readonly string[]) => Object.groupBy(seen, (one) => one);

  it('are spent freely to four fifths, then saved, then nothing may cost any more', async () => {
    const { limiter } = single({ budgets });
    const seen = count(await spend(limiter, 120));
    expect(seen['any']).toHaveLength(80);
    expect(seen['cheapest']).toHaveLength(15);
    expect(seen['nothing']).toHaveLength(25);
    expect(count(await spend(limiter, 10, bob))['any']).toHaveLength(10);
  });

  it('say so once, and which', async () => {
    const heard: string[] = [];
    const { limiter } = single({
      budgets,
      options: { onBudget: ({ kind, pool }) => heard.push(`${kind} ${pool.owner}`) },
    });
    await spend(limiter, 120);
    expect(heard).toEqual(['budget-low alice', 'budget-spent alice']);
  });

  it('begin again at midnight', async () => {
    const { limiter, clock } = single({ budgets });
    await spend(limiter, 120);
    await clock.jump(12 * 3_600_000 + 1);
    expect(count(await spend(limiter, 10))['any']).toHaveLength(10);
  });

  it('of the month go on the next day', async () => {
    const { limiter, clock } = single({ budgets: { perTeam: { month: 1 } } });
    await spend(limiter, 120);
    await clock.jump(24 * 3_600_000);
    expect(count(await spend(limiter, 10, bob))['nothing']).toHaveLength(10);
    await clock.jump(16 * 24 * 3_600_000);
    expect(count(await spend(limiter, 10, bob))['any']).toHaveLength(10);
  });

  it('refuse, when that is wanted, with the budget and until when', async () => {
    const { limiter } = single({ budgets: { ...budgets, hard: 'refuse' } });
    await spend(limiter, 100);
    const admissions: Admission[] = [];
    for (let i = 0; i < 10; i++) admissions.push(await admit(limiter, alice, dear));
    expect(refusalOf(admissions.at(-1)!)).toMatchObject({
      retryAfterMs: 12 * 3_600_000,
      detail:
        'The budget of 1.00 a day of the user "alice" is spent until 2026-11-16T00:00:00Z. An admin can raise budgets.perUser.day.',
    });
  });

  it('shed what is asked ahead when they are low', async () => {
    const { limiter } = single({ budgets });
    await spend(limiter, 81);
    expect(refusalOf(await admit(limiter, alice, { ...dear, trigger: 'speculative' })).shed).toBe(true);
  });

  it('are never overdrawn by several gateways together', async () => {
    const { limiters, clock } = several(3, { budgets });
    let spent = 0;
    for (let i = 0; i < 300; i++) {
      const asked = admit(limiters[i % 3]!, alice, { ...dear, trigger: 'manual' });
      await clock.advance(7);
      const admission = await asked;
      if (admission.kind !== 'admitted') continue;
      const cost = admission.ticket.spend === 'nothing' ? 0 : 10_000;
      spent += cost;
      admission.ticket.settle({ tokens: 1, cost });
    }
    expect(spent).toBeLessThanOrEqual(1_000_000);
    expect(spent).toBeGreaterThanOrEqual(980_000);
  });

  it('allow what was leased while the store is away, and then nothing', async () => {
    const { limiters, clock, remote } = several(2, { budgets: { perUser: { day: 100 } } });
    const [limiter] = limiters as [Limiter];
    const once = async () => {
      const asked = admit(limiter, alice, dear);
      await clock.advance(10);
      return ticketOf(await asked);
    };
    for (let i = 0; i < 100; i++) (await once()).settle({ tokens: 1, cost: 10_000 });
    remote.condition = { kind: 'refusing' };
    const seen: string[] = [];
    for (let i = 0; i < 3_000; i++) {
      const ticket = await once();
      seen.push(ticket.spend);
      ticket.settle({ tokens: 1, cost: ticket.spend === 'nothing' ? 0 : 10_000 });
    }
    const paid = seen.filter((spend) => spend !== 'nothing').length;
    expect(paid).toBeGreaterThan(0);
    // A quarter of this gateway's half, at most.
    expect(paid * 10_000).toBeLessThanOrEqual(100_000_000 / 8);
    expect(seen.at(-1)).toBe('nothing');
    expect((await admit(limiter, alice, dear)).kind).toBe('admitted');
  });
});

describe('stopped spending', () => {
  it('leaves what costs nothing, for whom it was stopped', async () => {
    const { limiter, stops, date } = single({ budgets: { perUser: { day: 1 } } });
    await stops.stop({
      scope: { kind: 'user', org: 'acme', user: 'alice' },
      reason: 'Enough.',
      by: 'hand',
      at: date(),
    });
    expect(ticketOf(await admit(limiter))).toMatchObject({ spend: 'nothing', saving: { kind: 'stopped' } });
    expect(ticketOf(await admit(limiter, bob))).toMatchObject({ spend: 'any' });
    await stops.stop({ scope: { kind: 'organisation', org: 'acme' }, reason: 'Enough.', by: 'hand', at: date() });
    expect(ticketOf(await admit(limiter, bob)).spend).toBe('nothing');
    expect(ticketOf(await admit(limiter, { ...bob, org: 'other' })).spend).toBe('any');
    await stops.stop({ scope: { kind: 'everything' }, reason: 'Enough.', by: 'hand', at: date() });
    expect(ticketOf(await admit(limiter, { ...bob, org: 'other' })).spend).toBe('nothing');
  });

  it('still counts requests', async () => {
    const { limiter, stops, date } = single({ limits: { perKey: { requestsPerMinute: 60 } } });
    await stops.stop({ scope: { kind: 'everything' }, reason: 'Enough.', by: 'hand', at: date() });
    expect(await passing(limiter, 20)).toBe(6);
  });

  it.each([
    ['perMinute', 'minute', 60_000],
    ['perHour', 'hour', 3_600_000],
  ] as const)('begins by itself when more than %s is spent', async (field, period, periodMs) => {
    const { limiter, clock, stops, date } = single({ stopWhen: { [field]: 2 } });
    const pay = async (cost: number) => ticketOf(await admit(limiter)).settle({ tokens: 1, cost });
    await pay(1_900_000);
    await clock.jump(periodMs);
    await pay(2_000_000);
    await clock.advance(2_000);
    expect(stops.all(date())).toEqual([]);
    await pay(1);
    await clock.advance(2_000);
    expect(stops.all(date())).toMatchObject([
      {
        scope: { kind: 'everything' },
        by: 'rule',
        reason: `More than 2 was spent within one ${period} (spending.stopWhen.${field}).`,
      },
    ]);
    expect(ticketOf(await admit(limiter)).spend).toBe('nothing');
  });

  it('begins by itself for what several gateways spend together', async () => {
    const { limiters, clock } = several(2, { stopWhen: { perMinute: 1 } });
    for (const limiter of limiters) ticketOf(await limiter.admit(alice, ask)).settle({ tokens: 1, cost: 600_000 });
    await clock.advance(2_000);
    const spends = await Promise.all(limiters.map(async (limiter) => ticketOf(await limiter.admit(alice, ask)).spend));
    expect(spends).toContain('nothing');
  });

  it('begins by itself for a user far from their habits, for half an hour', async () => {
    const rule = { samples: 10, floorTokens: 50_000 };
    const { limiter, clock, stops, date } = single({ stopWhen: { unusualUser: rule } });
    const use = async (tokens: number, principal = alice) =>
      ticketOf(await admit(limiter, principal)).settle({ tokens, cost: 0 });
    for (let i = 0; i < 12; i++) {
      await use(20_000 + (i % 3) * 1_000);
      await clock.jump(5 * 60_000);
    }
    await use(49_000);
    expect(stops.all(date())).toEqual([]);
    await use(49_000);
    expect(stops.all(date())).toMatchObject([{ scope: { kind: 'user', org: 'acme', user: 'alice' }, by: 'rule' }]);
    // Nobody knows bob yet.
    await use(1_000_000, bob);
    expect(stops.all(date())).toHaveLength(1);
    await clock.jump(31 * 60_000);
    expect(ticketOf(await admit(limiter)).spend).toBe('any');
  });
});

describe('what an answer says about limits', () => {
  it('is every policy, and the state of the one that is nearest to its end', async () => {
    const { limiter } = single({
      limits: {
        perKey: { requestsPerMinute: 600, concurrentStreams: 4 },
        perUser: { tokensPerMinute: 40_000 },
      },
    });
    const ticket = ticketOf(await admit(limiter, alice, { tokens: 1_000 }));
    expect(ticket.headers()).toEqual({
      policy:
        '"requests-key";q=600;w=60;qu="requests", "streams-key";q=4;qu="concurrent-requests", "tokens-user";q=40000;w=60;qu="tokens"',
      state: '"streams-key";r=3',
    });
  });

  it('is the pool that refuses, when one does', async () => {
    const { limiter } = single({ limits: { perKey: { requestsPerMinute: 60 } } });
    await passing(limiter, 6);
    const admission = await admit(limiter);
    expect(admission.kind === 'refused' && admission.headers?.state).toBe('"requests-key";r=0;t=6');
  });

  it('is nothing when nothing is limited', async () => {
    expect(ticketOf(await admit(single().limiter)).headers()).toBeUndefined();
  });
});

describe('a limiter', () => {
  it('forgets whom it has not heard of for a while', async () => {
    const { limiter, clock } = single({ limits: { perKey: { requestsPerMinute: 60 } } });
    for (let i = 0; i < 50; i++) await admit(limiter, { ...alice, keyId: `key-${i}` });
    expect(limiter.state().pools).toBe(50);
    await clock.advance(5 * 60_000);
    expect(limiter.state().pools).toBe(0);
  });

  it('gives everything back at its end', async () => {
    const clock = createManualClock();
    const store: PermitStore = createMemoryPermitStore({ now: clock.now });
    const options = {
      stops: createStopBoard({ store: createMemoryStopStore() }),
      now: clock.now,
      date: clock.now,
      setTimer: clock.setTimer,
    };
    const settings = { limits: { perKey: { requestsPerMinute: 60 } }, budgets: {}, stopWhen: {} };
    const first = createLimiter({ store, settings, ...options });
    expect(await passing(first, 2)).toBe(2);
    await first.close();
    const second = createLimiter({ store, settings, ...options });
    expect(await passing(second, 10)).toBe(4);
  });
});

describe('a rule that stopped spending', () => {
  const everybody = { kind: 'everything' } as const;
  const pay = async (limiter: Limiter, cost: number) => ticketOf(await admit(limiter)).settle({ tokens: 1, cost });

  it('leaves it to go on after somebody resumed it, also under a configuration that was read again', async () => {
    const stopWhen = { perHour: 1 };
    const { limiter, clock, stops, date } = single({ stopWhen });
    await pay(limiter, 2_000_000);
    await clock.advance(1_000);
    expect(stops.all(date())).toHaveLength(1);
    await stops.resume(everybody);
    limiter.reconfigure({ limits: {}, budgets: {}, stopWhen });
    await clock.advance(1_000);
    await pay(limiter, 10);
    await clock.advance(1_000);
    expect(stops.all(date())).toEqual([]);
    // Another amount is another rule.
    limiter.reconfigure({ limits: {}, budgets: {}, stopWhen: { perHour: 0.5 } });
    await pay(limiter, 10);
    await clock.advance(1_000);
    expect(stops.all(date())).toHaveLength(1);
  });

  /** Gateways that share everything, under a rule of 1 an hour. */
  function sharing(count: number) {
    const clock = createManualClock();
    const date = () => NOON + clock.now();
    const store = createMemoryPermitStore({ now: date });
    const stopStore = createMemoryStopStore();
    const gateways = Array.from({ length: count }, () => {
      const stops = createStopBoard({ store: stopStore });
      const settings = { limits: {}, budgets: {}, stopWhen: { perHour: 1 } };
      const limiter = createLimiter({ store, stops, settings, now: clock.now, date, setTimer: clock.setTimer });
      limiter.start();
      return { limiter, stopped: () => stops.all(date()), stops };
    });
    return { clock, gateways };
  }

  it('does not stop it again by another gateway that spends for the first time in the hour', async () => {
    const { clock, gateways } = sharing(2);
    const [first, second] = gateways;
    await pay(first!.limiter, 2_000_000);
    await clock.advance(3_000);
    expect(second!.stopped()).toHaveLength(1);
    await first!.stops.resume(everybody);
    await clock.advance(3_000);
    await pay(second!.limiter, 10);
    await clock.advance(3_000);
    expect(second!.stopped()).toEqual([]);
  });

  it('counts what gateways spend together after minutes without a request, too', async () => {
    const { clock, gateways } = sharing(2);
    for (const { limiter } of gateways) await pay(limiter, 100_000);
    await clock.advance(5 * 60_000);
    for (const { limiter } of gateways) await pay(limiter, 600_000);
    await clock.advance(3_000);
    for (const { stopped } of gateways) expect(stopped()).toHaveLength(1);
  });

  it('is gone with the configuration that had it', async () => {
    const { clock, gateways } = sharing(1);
    const { limiter, stopped } = gateways[0]!;
    await pay(limiter, 900_000);
    limiter.reconfigure({ limits: {}, budgets: {}, stopWhen: {} });
    await pay(limiter, 900_000);
    await clock.advance(3_000);
    expect(stopped()).toEqual([]);
    limiter.reconfigure({ limits: {}, budgets: {}, stopWhen: { perHour: 0.5 } });
    await pay(limiter, 1);
    await clock.advance(3_000);
    expect(stopped()).toHaveLength(1);
  });

  it('knows a user’s habits still when the configuration was read again', async () => {
    const stopWhen = { unusualUser: { deviations: 4, floorTokens: 1_000, samples: 6 } };
    const { limiter, clock, stops, date } = single({ stopWhen });
    const take = async (tokens: number) => ticketOf(await admit(limiter)).settle({ tokens, cost: 0 });
    for (let i = 0; i < 8; i++) {
      await take(500);
      await clock.advance(5 * 60_000);
    }
    limiter.reconfigure({ limits: {}, budgets: {}, stopWhen });
    await take(5_000);
    expect(stops.all(date())).toHaveLength(1);
  });
});

describe('limits that change under requests', () => {
  const perMinute = (tokensPerMinute: number) => ({
    limits: { perUser: { tokensPerMinute } },
    budgets: {},
    stopWhen: {},
  });

  it('give back all that a request held when they are lower at its end', async () => {
    const { limiter, clock } = single({ limits: { perUser: { tokensPerMinute: 40_000 } } });
    const ticket = ticketOf(limiter.admit(alice, { ...ask, tokens: 8_000 }));
    const other = ticketOf(limiter.admit(alice, { ...ask, tokens: 2_000 }));
    limiter.reconfigure(perMinute(4_000));
    await admit(limiter, alice, { tokens: 1 });
    ticket.settle({ tokens: 0, cost: 0 });
    other.settle({ tokens: 0, cost: 0 });
    await clock.advance(1_000);
    expect(await passing(limiter, 3, alice, { tokens: 500 })).toBe(2);
  });

  it('give back no more than a request held when they are higher at its end', async () => {
    const { limiter, clock } = single({ limits: { perUser: { tokensPerMinute: 4_000 } } });
    const ticket = ticketOf(limiter.admit(alice, { ...ask, tokens: 8_000 }));
    limiter.reconfigure(perMinute(40_000));
    await admit(limiter, alice, { tokens: 1 });
    ticket.settle({ tokens: 0, cost: 0 });
    await clock.advance(120_000);
    expect(await passing(limiter, 20, alice, { tokens: 1_000 })).toBe(10);
  });
});

describe('a refusal', () => {
  it('is forgotten when what others held comes back before it would have refilled', async () => {
    const { limiter, clock } = single({ limits: { perUser: { tokensPerMinute: 4_000 } } });
    const ticket = ticketOf(limiter.admit(alice, { ...ask, tokens: 900 }));
    expect(refusalOf(await admit(limiter, alice, { tokens: 900 })).retryAfterMs).toBe(12_000);
    // From a cache: it cost nothing.
    ticket.settle({ tokens: 0, cost: 0 });
    await clock.advance(1_000);
    expect(passes(await admit(limiter, alice, { tokens: 900 }))).toBe(true);
  });
});
