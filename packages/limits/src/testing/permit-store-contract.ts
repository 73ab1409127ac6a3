import { seeded } from '@ghostline/seeded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolState, exchange } from '../stores/exchange.ts';
import type { ExchangeReply, ExchangeRequest, PermitStore, PoolRule } from '../stores/permit-store.ts';

/** A fresh store, and the clock that counts in it. */
export interface PermitStoreUnderTest {
  readonly store: PermitStore;
  /** Moves the store's time on by so many ms. */
  advance(ms: number): void | Promise<void>;
  close?(): Promise<void>;
}

const bucket: PoolRule = { slot: 'acme', name: 'requests', capacity: 10, refillPerMs: 0.01, holdMs: 1_000 };
const streams: PoolRule = { slot: 'acme', name: 'streams', capacity: 4, refillPerMs: 0, holdMs: 1_000 };

/** The contract of `PermitStore`, for each implementation. `open` is called before each test. */
export function describePermitStore(
  name: string,
  open: () => Promise<PermitStoreUnderTest> | PermitStoreUnderTest,
): void {
  describe(`${name} as a permit store`, () => {
    let subject: PermitStoreUnderTest;
    let budget: PoolRule;
    beforeEach(async () => {
      subject = await open();
      // Redis forgets a key whose time is over by its own clock.
      budget = { ...streams, name: 'budget', capacity: 1_000, rememberUntil: Date.now() + 3_600_000 };
    });
    afterEach(() => subject.close?.());

    const say = async (
      rule: PoolRule,
      holder: string,
      request: Partial<ExchangeRequest> = {},
    ): Promise<ExchangeReply> =>
      subject.store.exchange(rule, {
        holder,
        held: 0,
        spent: 0,
        known: 0,
        born: '',
        want: 0,
        need: 0,
        keep: 0,
        ...request,
      });

    it('grants what there is, and says how long the rest takes', async () => {
      expect(await say(bucket, 'a', { want: 6, need: 6 })).toMatchObject({ granted: 6, available: 4, waitMs: 0 });
      expect(await say(bucket, 'b', { want: 8, need: 5 })).toMatchObject({ granted: 4, available: 0, waitMs: 100 });
      expect(await say(bucket, 'b', { held: 4, want: 1, need: 1 })).toMatchObject({ granted: 0, waitMs: 100 });
    });

    it('drains nothing on a denial', async () => {
      await say(bucket, 'a', { want: 10, need: 10 });
      for (let i = 0; i < 5; i++) expect(await say(bucket, 'b', { want: 1, need: 1 })).toMatchObject({ granted: 0 });
      await subject.advance(100);
      expect(await say(bucket, 'b', { want: 5, need: 1 })).toMatchObject({ granted: 1, available: 0 });
    });

    it('refills at its rate, up to its capacity', async () => {
      await say(bucket, 'a', { want: 10 });
      await say(bucket, 'a', { spent: 10 });
      await subject.advance(250);
      expect(await say(bucket, 'a', { spent: 10, known: 10 })).toMatchObject({ available: 2 });
      await subject.advance(60_000);
      expect(await say(bucket, 'a', { spent: 10, known: 10 })).toMatchObject({ available: 10 });
    });

    it('takes back what a holder does not hold any more and has not spent', async () => {
      await say(bucket, 'a', { want: 8 });
      expect(await say(bucket, 'a', { held: 3, spent: 1 })).toMatchObject({ available: 6, heldByAll: 3 });
    });

    it('is not confused by an answer that never arrived', async () => {
      await say(bucket, 'a', { want: 5 });
      // The holder knows nothing of the five: it still has none.
      expect(await say(bucket, 'a', { want: 5 })).toMatchObject({ granted: 5, available: 5 });
      await say(bucket, 'a', { held: 2, spent: 3 });
      expect(await say(bucket, 'a', { held: 2, spent: 3 })).toMatchObject({ available: 5 });
    });

    it('gives back what a holder held of whom nothing is heard', async () => {
      await say(streams, 'crashed', { want: 3 });
      await subject.advance(900);
      expect(await say(streams, 'b', { want: 4 })).toMatchObject({ granted: 1, heldByAll: 4 });
      await subject.advance(200);
      expect(await say(streams, 'b', { held: 1, want: 3 })).toMatchObject({ granted: 3, available: 0, heldByAll: 4 });
    });

    it('keeps what is renewed', async () => {
      await say(streams, 'a', { want: 3 });
      for (let i = 0; i < 4; i++) {
        await subject.advance(600);
        expect(await say(streams, 'a', { held: 3 })).toMatchObject({ available: 1, heldByAll: 3 });
      }
    });

    it('says of permits that do not refill that waiting is no use', async () => {
      await say(streams, 'a', { want: 4 });
      expect(await say(streams, 'b', { want: 1, need: 1 })).toMatchObject({ granted: 0, waitMs: -1 });
    });

    it('leaves for others what must be kept', async () => {
      expect(await say(bucket, 'a', { want: 10, need: 1, keep: 2 })).toMatchObject({ granted: 8, available: 2 });
      expect(await say(bucket, 'a', { held: 8, want: 1, need: 1, keep: 2 })).toMatchObject({ granted: 0, waitMs: 100 });
      expect(await say(bucket, 'b', { want: 1, need: 1 })).toMatchObject({ granted: 1, available: 1 });
    });

    it('remembers an overdraft', async () => {
      await say(bucket, 'a', { spent: 15 });
      expect(await say(bucket, 'a', { spent: 15, known: 15, want: 1, need: 1 })).toMatchObject({
        granted: 0,
        available: -5,
        waitMs: 600,
      });
    });

    it('keeps what was spent of a budget, whoever goes', async () => {
      await say(budget, 'a', { want: 300 });
      await say(budget, 'a', { held: 100, spent: 200 });
      await subject.advance(5_000);
      expect(await say(budget, 'b', { want: 1_000 })).toMatchObject({ granted: 800, available: 0 });
    });

    it('counts all of it again when the store has lost it', async () => {
      const { born } = await say(budget, 'a', { want: 300 });
      await say(budget, 'a', { spent: 300, born });
      await subject.advance(1);
      const afresh = { ...budget, name: 'budget-after-the-loss' };
      const known = { spent: 320, known: 300 };
      expect(await say(afresh, 'a', { ...known, born })).toMatchObject({ available: 680 });
      // Said again, as the answer did not arrive.
      expect(await say(afresh, 'a', { ...known, born })).toMatchObject({ available: 680 });
      // Where it was not lost, only what is new counts.
      expect(await say(budget, 'a', { ...known, born })).toMatchObject({ available: 680 });
    });

    it('follows a change of capacity', async () => {
      await say(budget, 'a', { spent: 900 });
      const known = { spent: 900, known: 900 };
      expect(await say({ ...budget, capacity: 500 }, 'a', known)).toMatchObject({ available: -400 });
      expect(await say({ ...budget, capacity: 2_000 }, 'a', known)).toMatchObject({ available: 1_100 });
    });

    it('keeps the pools of organisations apart, whatever they are called', async () => {
      await say(bucket, 'a', { want: 10 });
      for (const slot of ['other', '{acme}', 'acme}', 'acme:requests']) {
        expect(await say({ ...bucket, slot }, 'a', { want: 1 })).toMatchObject({ granted: 1, available: 9 });
      }
    });

    it('counts the gateways that live', async () => {
      expect(await subject.store.beat('a')).toBe(1);
      expect(await subject.store.beat('b')).toBe(2);
      expect(await subject.store.beat('a')).toBe(2);
      await subject.advance(9_000);
      expect(await subject.store.beat('a')).toBe(2);
      await subject.advance(9_000);
      expect(await subject.store.beat('a')).toBe(1);
    });

    it('decides as the pure function does, whatever comes', async () => {
      const random = seeded(11);
      for (const rule of [bucket, streams, budget]) {
        const model: PoolState = { debt: 0, at: 0, born: 'model', holders: new Map() };
        let time = 0;
        const spent = new Map<string, number>();
        for (let step = 0; step < 120; step++) {
          const ms = Math.floor(random() * 400);
          time += ms;
          await subject.advance(ms);
          const holder = `holder-${Math.floor(random() * 3)}`;
          const before = spent.get(holder) ?? 0;
          spent.set(holder, before + Math.floor(random() * 3));
          const request = {
            holder,
            held: Math.floor(random() * 4),
            spent: spent.get(holder)!,
            known: before,
            born: '',
            want: Math.floor(random() * 6),
            need: Math.floor(random() * 3),
            keep: Math.floor(random() * 2),
          };
          const { born: _life, ...reply } = await subject.store.exchange(
            { ...rule, name: `${rule.name}-model` },
            request,
          );
          const { born: _model, ...expected } = exchange(model, rule, request, time);
          expect(reply, `${rule.name}, step ${step}`).toEqual(expected);
        }
      }
    });
  });
}
