import { createManualClock } from '@ghostline/clock/testing';
import { describe, expect, it } from 'vitest';
import { type Limiter, createLimiter } from './limiter.ts';
import { createStopBoard } from './spending/stops.ts';
import { createMemoryPermitStore } from './stores/memory-store.ts';
import type { PermitStore } from './stores/permit-store.ts';
import { createMemoryStopStore, createRemoteStore, createReplicatedStore } from './testing/index.ts';

const NOON = Date.parse('2026-11-15T12:00:00Z');
const principal = { keyId: 'k', org: 'o', team: 't', user: 'u' };
const GATEWAYS = 4;
const PER_SECOND = 100;
/** A tenth of a minute. */
const BURST = 600;

/** Four gateways that know of each other, over a network of 0.2 ms. */
async function gatewaysOn<S extends PermitStore>(open: (date: () => number) => S) {
  const clock = createManualClock();
  const date = () => NOON + clock.now();
  const store = open(date);
  const remote = createRemoteStore(store, clock);
  const limiters: Limiter[] = [];
  for (let index = 0; index < GATEWAYS; index++) {
    const limiter = createLimiter({
      store: remote,
      stops: createStopBoard({ store: createMemoryStopStore() }),
      settings: { limits: { everything: { requestsPerMinute: PER_SECOND * 60 } }, budgets: {}, stopWhen: {} },
      holder: `gateway-${index}`,
      now: clock.now,
      date,
      setTimer: clock.setTimer,
    });
    limiter.start();
    limiters.push(limiter);
    // Each hears at another time that the store is back.
    await clock.advance(230);
  }
  await clock.advance(1_500);

  /** As many requests every ms, to one gateway after the other; how many passed. */
  async function flood(forMs: number, perMs = 1): Promise<number> {
    let passed = 0;
    let asked = 0;
    const one = async () => {
      const limiter = limiters[(asked += 1) % GATEWAYS]!;
      const { kind } = await limiter.admit(principal, { trigger: 'manual', tokens: 0, cost: 0 });
      if (kind === 'admitted') passed += 1;
    };
    for (let ms = 0; ms < forMs; ms++) {
      for (let i = 0; i < perMs; i++) void one();
      await clock.advance(1);
    }
    await clock.advance(0.01);
    return passed;
  }
  const counts = () => limiters.map((limiter) => limiter.state().gateways);
  const away = () => limiters.some((limiter) => limiter.state().away);
  return { clock, store, remote, flood, counts, away };
}

const inMemory = (date: () => number) => createMemoryPermitStore({ now: date });

describe('a store that answers later than anybody waits', () => {
  it.each([6, 9, 14, 40, 200])('lets nobody have a second burst meanwhile (%i ms late)', async (latencyMs) => {
    const { remote, flood } = await gatewaysOn(inMemory);
    remote.condition = { kind: 'here', latencyMs };
    const passed = await flood(1_000, 16);
    expect(passed).toBeLessThanOrEqual(BURST + PER_SECOND);
    expect(passed).toBeGreaterThan((BURST + PER_SECOND) * 0.98);
  });

  it('lets nobody have one when it goes away before the burst was used', async () => {
    const { remote, flood } = await gatewaysOn(inMemory);
    await flood(100);
    remote.condition = { kind: 'here', latencyMs: 40 };
    // In a burst of its own everybody has the share of what was left when they last heard; others have leased since.
    expect(await flood(900, 16)).toBeLessThanOrEqual((BURST + PER_SECOND) * 1.05 - 100);
  });
});

describe('a store that has lost its data', () => {
  it('does not make each gateway believe that it is alone', async () => {
    let store = createMemoryPermitStore();
    const { clock, counts, remote, away, flood } = await gatewaysOn((date) => {
      store = inMemory(date);
      return { exchange: (...given) => store.exchange(...given), beat: (holder) => store.beat(holder) };
    });
    remote.condition = { kind: 'refusing' };
    await flood(1_000);
    expect(away()).toBe(true);
    store = createMemoryPermitStore({ now: () => NOON + clock.now() });
    remote.condition = { kind: 'here', latencyMs: 0.2 };
    while (away()) await clock.advance(10);
    expect(counts()).toEqual([4, 4, 4, 4]);
    // So that, when it is late or away again, they do not have its whole limit each.
    remote.condition = { kind: 'here', latencyMs: 40 };
    expect(await flood(1_000, 16)).toBeLessThanOrEqual((BURST + PER_SECOND) * 1.02);
  });
});

describe('a part of a cluster that others reach again later', () => {
  it('is overdrawn by no more than what those have used, and that is paid back', async () => {
    for (let downMs = 5_000; downMs < 7_000; downMs += 250) {
      const clock = createManualClock();
      const date = () => NOON + clock.now();
      const [part, elsewhere] = [inMemory(date), inMemory(date)];
      const ways = [0, 1].map(() => createRemoteStore(part, clock));
      const limiters = ways.map((way, index) =>
        createLimiter({
          store: { exchange: (...given) => way.exchange(...given), beat: async (holder) => elsewhere.beat(holder) },
          stops: createStopBoard({ store: createMemoryStopStore() }),
          settings: { limits: { everything: { requestsPerMinute: PER_SECOND * 60 } }, budgets: {}, stopWhen: {} },
          holder: `gateway-${index}`,
          now: clock.now,
          date,
          setTimer: clock.setTimer,
        }),
      );
      for (const limiter of limiters) {
        limiter.start();
        await clock.advance(400);
      }
      await clock.advance(2_000);
      const began = clock.now();
      const allowed = () => BURST + (PER_SECOND * (clock.now() - began)) / 1_000;
      let passed = 0;
      const flood = async (forMs: number) => {
        for (let ms = 0; ms < forMs; ms++) {
          const asked = limiters[ms % 2]!.admit(principal, { trigger: 'manual', tokens: 0, cost: 0 });
          void Promise.resolve(asked).then(({ kind }) => (passed += kind === 'admitted' ? 1 : 0));
          await clock.advance(1);
        }
      };
      await flood(1_000);
      for (const way of ways) way.condition = { kind: 'refusing' };
      await flood(downMs);
      ways[0]!.condition = { kind: 'here', latencyMs: 0.2 };
      await flood(1_000);
      ways[1]!.condition = { kind: 'here', latencyMs: 0.2 };
      for (let step = 0; step < 30; step++) {
        await flood(100);
        // What the other one has used of its share, and could not tell.
        expect(passed, `${downMs} ms without it, ${step / 10} s later`).toBeLessThanOrEqual(allowed() + BURST / 2);
      }
      // But for what one had leased when the other had last heard.
      expect(passed, `${downMs} ms without it, at the end`).toBeLessThanOrEqual(allowed() + BURST * 0.1);
    }
  });
});

/**
 * A replica that takes over has not heard of all that was written, and nobody reaches it for a while. Of those that it knows it hears what
 * they have spent in all with their next word, so nothing of that is lost, and so much is let through at the end as with one
 * store. What it had not heard counts as spent then: of the refill in between, `lagMs` and the time without a store, it credits nothing
 * where it believes that there was nothing to refill.
 */
describe('a replica that takes over', () => {
  const SECONDS = 4;
  const ALLOWED = BURST + PER_SECOND * SECONDS;

  async function takeOver({ afterMs, lagMs, downMs }: { afterMs: number; lagMs: number; downMs: number }) {
    const { store, flood, away } = await gatewaysOn(createReplicatedStore);
    const before = await flood(afterMs);
    store.demote();
    const during = await flood(downMs);
    store.promote(lagMs);
    const after = await flood(SECONDS * 1_000 - afterMs - downMs);
    expect(away()).toBe(false);
    return before + during + after;
  }

  it.each([0, 10, 200, 800])('has no more than the limit let through, and no less (%i ms behind)', async (lagMs) => {
    for (const downMs of [50, 500, 1_500]) {
      const passed = await takeOver({ afterMs: 1_000, lagMs, downMs });
      expect(passed, `${downMs} ms without a store`).toBeLessThanOrEqual(ALLOWED);
      expect(passed, `${downMs} ms without a store`).toBeGreaterThan(ALLOWED * 0.98);
    }
  });

  it('has no more let through at any time when only a part of a cluster was away, which the heartbeat did not notice', async () => {
    for (const downMs of [500, 2_000, 4_000, 5_900, 7_300]) {
      const elsewhere = (date: () => number) => {
        const [replicated, beats] = [createReplicatedStore(date), inMemory(date)];
        return { ...replicated, beat: (holder: string) => beats.beat(holder) };
      };
      const { clock, store, flood } = await gatewaysOn(elsewhere);
      const began = clock.now();
      let passed = await flood(1_000);
      store.demote();
      passed += await flood(downMs);
      store.promote(10);
      for (let step = 0; step < 50; step++) {
        passed += await flood(100);
        const allowed = BURST + (PER_SECOND * (clock.now() - began)) / 1_000;
        expect(passed, `${downMs} ms without it, ${step / 10} s later`).toBeLessThanOrEqual(allowed * 1.02);
      }
      expect(passed).toBeGreaterThan((BURST + (PER_SECOND * (clock.now() - began)) / 1_000) * 0.95);
    }
  });

  it('that is behind by nearly all there was costs its refill, and lets no more through', async () => {
    for (const downMs of [50, 500, 1_500]) {
      const passed = await takeOver({ afterMs: 1_000, lagMs: 990, downMs });
      expect(passed).toBeLessThanOrEqual(ALLOWED);
      // A heartbeat, up to a second later, finds the new one.
      expect(passed).toBeGreaterThan(ALLOWED - (PER_SECOND * (990 + downMs + 1_000)) / 1_000);
    }
  });

  it('that knows nothing begins with a whole burst, and no more than that', async () => {
    for (const downMs of [50, 500, 1_500]) {
      const passed = await takeOver({ afterMs: 1_000, lagMs: 60_000, downMs });
      expect(passed).toBeLessThanOrEqual(ALLOWED + BURST);
    }
  });
});
