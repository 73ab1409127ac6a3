import { createManualClock } from '@ghostline/clock/testing';
import { seeded } from '@ghostline/seeded';
import { describe, expect, it } from 'vitest';
import { createLimiter } from './limiter.ts';
import { createStopBoard } from './spending/stops.ts';
import { createMemoryPermitStore } from './stores/memory-store.ts';
import { type RemoteStore, createRemoteStore, createMemoryStopStore } from './testing/index.ts';

const NOON = Date.parse('2026-11-15T12:00:00Z');
const principal = { keyId: 'k', org: 'o', team: 't', user: 'u' };
const GATEWAYS = 3;
const SECONDS = 30;

/** Gateways at several times the limit, and a store that is well, late, silent or refusing as `random` has it. */
async function run(seed: number) {
  const random = seeded(seed);
  const clock = createManualClock();
  const date = () => NOON + clock.now();
  const remote = createRemoteStore(createMemoryPermitStore({ now: date }), clock);
  const perSecond = 8 + Math.floor(random() * 30);
  const settings = {
    limits: { everything: { requestsPerMinute: perSecond * 60, concurrentStreams: 12 } },
    budgets: { everything: { day: 0.0007 * SECONDS * perSecond } },
    stopWhen: {},
  };
  const limiters = Array.from({ length: GATEWAYS }, (_, index) =>
    createLimiter({
      store: remote,
      stops: createStopBoard({ store: createMemoryStopStore() }),
      settings,
      holder: `gateway-${index}`,
      now: clock.now,
      date,
      setTimer: clock.setTimer,
    }),
  );
  for (const limiter of limiters) limiter.start();
  await clock.advance(1_500);

  const seen = { passed: 0, streams: 0, mostStreams: 0, spent: 0, longestMs: 0 };
  const ask = async () => {
    const limiter = limiters[Math.floor(random() * GATEWAYS)]!;
    const began = clock.now();
    const admission = await limiter.admit(principal, { trigger: 'manual', tokens: 0, cost: 2_000 });
    seen.longestMs = Math.max(seen.longestMs, clock.now() - began);
    if (admission.kind === 'refused') return;
    const { ticket } = admission;
    seen.passed += 1;
    seen.streams += 1;
    seen.mostStreams = Math.max(seen.mostStreams, seen.streams);
    clock.setTimer(
      () => {
        const cost = ticket.spend === 'nothing' ? 0 : Math.floor(random() * 2_000);
        seen.spent += cost;
        seen.streams -= 1;
        ticket.settle({ tokens: 0, cost });
      },
      20 + random() * 400,
    );
  };
  const conditions: RemoteStore['condition'][] = [
    { kind: 'here', latencyMs: 0.3 },
    { kind: 'here', latencyMs: 0.3 },
    { kind: 'here', latencyMs: 4 },
    { kind: 'here', latencyMs: 40 },
    { kind: 'here', latencyMs: 1_000 },
    { kind: 'refusing' },
    { kind: 'silent' },
  ];
  for (let ms = 0; ms < SECONDS * 1_000; ms += 4) {
    if (ms % 1_200 === 0) remote.condition = conditions[Math.floor(random() * conditions.length)]!;
    if (random() < (perSecond * 4 * 4) / 1_000) void ask();
    await clock.advance(4);
  }
  remote.condition = { kind: 'here', latencyMs: 0.3 };
  await clock.advance(40_000);
  return { ...seen, perSecond, budget: settings.budgets.everything.day * 1_000_000, limiters, clock, remote };
}

describe('whatever becomes of the store', () => {
  it.each(Array.from({ length: 6 }, (_, seed) => seed))(
    'limits hold, and nobody waits for long (seed %i)',
    async (seed) => {
      const { passed, mostStreams, spent, longestMs, perSecond, budget, limiters } = await run(seed);
      const burst = perSecond * 6;
      expect(passed).toBeLessThanOrEqual((burst + perSecond * (SECONDS + 1.5)) * 1.02 + GATEWAYS);
      // Streams that began under a lease go on beside those of the insurance.
      expect(mostStreams).toBeLessThanOrEqual(18);
      expect(spent).toBeLessThanOrEqual(budget);
      expect(longestMs).toBeLessThanOrEqual(5.001);
      expect(limiters.every((limiter) => !limiter.state().away && limiter.state().gateways === GATEWAYS)).toBe(true);
    },
  );
});
