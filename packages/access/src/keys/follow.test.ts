import { createManualClock } from '@ghostline/clock/testing';
import { describe, expect, it, vi } from 'vitest';
import { createMemoryKeyStore } from '../testing/memory-key-store.ts';
import { createKey, revokeKey } from './administration.ts';
import { digestOf } from './api-key.ts';
import type { KeyMirror } from './file-key-store.ts';
import { LOOK_EVERY_MS, WRITE_USES_EVERY_MS, followKeys } from './follow.ts';
import type { JournalEntry } from './journal.ts';

const signal = new AbortController().signal;

function harness({ mirror = undefined as KeyMirror | undefined, store = createMemoryKeyStore() } = {}) {
  const clock = createManualClock(Date.UTC(2026, 10, 21));
  const onNews = vi.fn<() => void>();
  const follower = followKeys(
    { store, ...(mirror && { mirror }) },
    { now: clock.now, setTimer: clock.setTimer, onNews },
  );
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    store,
    clock,
    follower,
    onNews,
    /** The next look, and all that follows from it. */
    async look() {
      await clock.advance(LOOK_EVERY_MS);
      for (let i = 0; i < 5; i++) await turn();
    },
    async make(id: string) {
      const key = { id, org: 'acme', team: 'web', user: id, roles: ['developer'], expires: undefined } as const;
      const outcome = await createKey(store, key, signal, clock.now);
      if (outcome.kind !== 'created') throw new Error(outcome.kind);
      return digestOf(outcome.secret);
    },
  };
}

function memoryMirror(entries: JournalEntry[] = []) {
  const saved = { entries, failing: false };
  const mirror: KeyMirror = {
    load: async () => saved.entries,
    async save(news) {
      if (saved.failing) throw new Error('the disk is full');
      saved.entries = news.whole ? [...news.entries] : [...saved.entries, ...news.entries];
    },
  };
  return { saved, mirror };
}

describe('following a store of keys', () => {
  it('knows what is there at the start', async () => {
    const { store, make } = harness();
    const digest = await make('alice');
    const { follower } = harness({ store });
    await follower.ready;
    expect(follower.find(digest)).toMatchObject({ principal: { keyId: 'alice', org: 'acme', user: 'alice' } });
    expect(follower.state()).toEqual({ kind: 'following', foreign: 0 });
  });

  it('knows a second later what was created and revoked since', async () => {
    const { follower, make, look, store, onNews } = harness();
    await follower.ready;
    const digest = await make('alice');
    expect(follower.find(digest)).toBeUndefined();
    await look();
    expect(follower.find(digest)).toMatchObject({ revoked: undefined });
    await revokeKey(store, 'alice', signal, () => 5);
    await look();
    expect(follower.find(digest)).toMatchObject({ revoked: 5 });
    const told = onNews.mock.calls.length;
    await look();
    expect(onNews).toHaveBeenCalledTimes(told);
  });

  it('goes on with what it knows while the store is away, and says since when', async () => {
    const { follower, make, look, store, clock } = harness();
    await follower.ready;
    const digest = await make('alice');
    await look();
    const since = clock.now();
    store.failure = 'connection refused';
    await look();
    await look();
    expect(follower.find(digest)).toBeDefined();
    expect(follower.state()).toEqual({ kind: 'away', since, reason: 'connection refused' });
    store.failure = undefined;
    await look();
    expect(follower.state()).toEqual({ kind: 'following', foreign: 0 });
  });

  it('tells a store that was never read from an empty one', async () => {
    const store = createMemoryKeyStore();
    store.failure = 'connection refused';
    const { follower } = harness({ store });
    await follower.ready;
    expect(follower.state()).toEqual({ kind: 'unread', reason: 'connection refused' });
  });

  it('takes one that cannot be read for one with keys, where that is asked for', async () => {
    const store = createMemoryKeyStore();
    const cautious = (closedWhenUnread: boolean) => {
      const clock = createManualClock(Date.UTC(2026, 10, 21));
      return followKeys({ store, closedWhenUnread }, { now: clock.now, setTimer: clock.setTimer, onNews: () => {} });
    };
    store.failure = 'permission denied';
    const [closed, open] = [cautious(true), cautious(false)];
    await Promise.all([closed.ready, open.ready]);
    expect([closed.closes(), open.closes()]).toEqual([true, false]);
    store.failure = undefined;
    const empty = cautious(true);
    await empty.ready;
    expect(empty.closes()).toBe(false);
  });

  it('forgets what was taken out of the journal by hand', async () => {
    const { follower, make, look, store } = harness();
    const alice = await make('alice');
    const bob = await make('bob');
    await look();
    expect(follower.find(alice)).toBeDefined();
    store.journal.shift();
    await look();
    expect(follower.find(alice)).toBeUndefined();
    expect(follower.find(bob)).toBeDefined();
  });

  it('stops looking when it is closed', async () => {
    const { follower, clock } = harness();
    await follower.ready;
    await follower.close();
    expect(clock.waiting).toEqual([]);
  });
});

describe('a mirror of the store', () => {
  it('is what a start goes on with while the store is away', async () => {
    const first = harness();
    const digest = await first.make('alice');
    const { mirror } = memoryMirror([...first.store.journal]);
    first.store.failure = 'connection refused';
    const { follower, onNews } = harness({ store: first.store, mirror });
    await follower.ready;
    expect(follower.find(digest)).toBeDefined();
    expect(follower.state()).toMatchObject({ kind: 'away', reason: 'connection refused' });
    expect(onNews).toHaveBeenCalled();
  });

  it('has everything that was read, also when it could not be written for a while', async () => {
    const { saved, mirror } = memoryMirror();
    const { follower, make, look, store } = harness({ mirror });
    await follower.ready;
    await make('alice');
    saved.failing = true;
    await look();
    expect(follower.state().kind).toBe('following');
    saved.failing = false;
    await make('bob');
    await look();
    expect(saved.entries).toEqual(store.journal);
  });

  it('gives back to the store what that lost, revocations included', async () => {
    const { saved, mirror } = memoryMirror();
    const { follower, make, look, store } = harness({ mirror });
    await follower.ready;
    const alice = await make('alice');
    await revokeKey(store, 'alice', signal);
    const bob = await make('bob');
    await look();
    // The store comes back from an old copy, in which Alice's key was good, and Bob had none; then Carol gets one.
    store.journal.splice(1);
    await look();
    const carol = await make('carol');
    await look();
    expect(follower.find(alice)?.revoked).toBeDefined();
    expect(follower.find(bob)).toBeDefined();
    expect(follower.find(carol)).toBeDefined();
    expect(store.journal.map(({ type, id }) => `${type} ${id}`)).toEqual([
      'created alice',
      'revoked alice',
      'created bob',
      'created carol',
    ]);
    expect(saved.entries.map(({ id }) => id)).toContain('carol');
  });

  it('gives it back later when the store takes nothing at first', async () => {
    const { mirror } = memoryMirror();
    const { follower, make, look, store } = harness({ mirror });
    await follower.ready;
    const alice = await make('alice');
    await look();
    store.journal.length = 0;
    const append = vi.spyOn(store, 'append').mockRejectedValueOnce(new Error('read only'));
    await look();
    expect(store.journal).toEqual([]);
    expect(follower.find(alice)).toBeDefined();
    append.mockRestore();
    await look();
    expect(store.journal).toMatchObject([{ id: 'alice' }]);
  });
});

describe('last uses', () => {
  it('are written once a minute, the latest of each key', async () => {
    const { follower, clock, store } = harness();
    await follower.ready;
    follower.used('alice', 1000);
    follower.used('alice', 2000);
    follower.used('bob', 1500);
    expect(store.uses.size).toBe(0);
    await clock.advance(WRITE_USES_EVERY_MS);
    await vi.waitFor(() =>
      expect([...store.uses]).toEqual([
        ['alice', 2000],
        ['bob', 1500],
      ]),
    );
  });

  it('are kept until the store takes them', async () => {
    const { follower, clock, store } = harness();
    await follower.ready;
    store.failure = 'away';
    follower.used('alice', 1000);
    await clock.advance(WRITE_USES_EVERY_MS);
    await new Promise((resolve) => setImmediate(resolve));
    follower.used('bob', 1500);
    store.failure = undefined;
    await clock.advance(WRITE_USES_EVERY_MS);
    await vi.waitFor(() =>
      expect([...store.uses].toSorted()).toEqual([
        ['alice', 1000],
        ['bob', 1500],
      ]),
    );
  });

  it('are written at the end', async () => {
    const { follower, store } = harness();
    await follower.ready;
    follower.used('alice', 1000);
    await follower.close();
    expect([...store.uses]).toEqual([['alice', 1000]]);
  });
});
