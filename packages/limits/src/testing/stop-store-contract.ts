import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stop, StopStore } from '../spending/stops.ts';

/** A store that remembers nothing, not even that nothing is stopped. */
export interface StopStoreUnderTest {
  readonly store: StopStore;
  close?(): Promise<void> | void;
}

const everything: Stop = { scope: { kind: 'everything' }, reason: 'Enough.', by: 'hand', who: 'acme/ada', at: 1 };
const user: Stop = {
  scope: { kind: 'user', org: 'a/b', user: 'ü: "{}"' },
  reason: 'Zeile\n👻',
  by: 'rule',
  at: 2,
  until: 3,
};
const organisation: Stop = { scope: { kind: 'organisation', org: 'acme' }, reason: '', by: 'hand', at: 4 };

/** The contract of `StopStore`, for each implementation. `open` is called before each test. */
export function describeStopStore(name: string, open: () => Promise<StopStoreUnderTest> | StopStoreUnderTest): void {
  describe(`${name} as a store of stops`, () => {
    let subject: StopStoreUnderTest;
    let store: StopStore;
    beforeEach(async () => {
      subject = await open();
      ({ store } = subject);
    });
    afterEach(() => subject?.close?.());

    const read = async () => (await store.read())?.toSorted((a, b) => a.at - b.at);

    it('can tell that nothing is stopped from knowing nothing', async () => {
      expect(await store.read()).toBeUndefined();
      await store.put([]);
      expect(await store.read()).toEqual([]);
    });

    it('gives back what was put, beside what was there', async () => {
      await store.put([everything]);
      await store.put([user, organisation]);
      expect(await read()).toEqual([everything, user, organisation]);
    });

    it('has one stop for each scope, the last', async () => {
      await store.put([user]);
      await store.put([{ ...user, reason: 'Another one.' }]);
      expect(await read()).toEqual([{ ...user, reason: 'Another one.' }]);
    });

    it('forgets what was removed and nothing else, and that it knows', async () => {
      await store.put([everything, user]);
      await store.remove(user.scope);
      await store.remove(organisation.scope);
      expect(await read()).toEqual([everything]);
      await store.remove(everything.scope);
      expect(await store.read()).toEqual([]);
    });

    it('loses nothing of what is put at the same time', async () => {
      await Promise.all([store.put([everything]), store.put([user]), store.put([organisation])]);
      expect(await read()).toEqual([everything, user, organisation]);
    });
  });
}
