import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKey, listKeys, revokeKey } from '../keys/administration.ts';
import { digestOf } from '../keys/api-key.ts';
import type { JournalEntry } from '../keys/journal.ts';
import type { KeyStore } from '../keys/key-store.ts';

/** Two handles on one store that is empty, as a gateway and the command line have them. */
export interface KeyStoreUnderTest {
  readonly first: KeyStore;
  readonly second: KeyStore;
  close?(): Promise<void> | void;
}

/** `run` does it, `expected` is what it answers. */
interface KeyStoreCase {
  readonly name: string;
  readonly run: (pair: KeyStoreUnderTest) => Promise<unknown>;
  readonly expected: unknown;
}

const T = Date.UTC(2026, 10, 21, 9);
const now = () => T;
const alice = {
  id: 'alice',
  org: 'acme',
  team: 'web',
  user: 'alice',
  roles: ['developer'],
  expires: undefined,
} as const;
const bob = { ...alice, id: 'bob', user: 'bob', roles: ['developer', 'admin'], expires: T + 1000 } as const;
const signal = () => AbortSignal.timeout(5000);

const CASES: readonly KeyStoreCase[] = [
  {
    name: 'is empty where nothing was ever written',
    run: async ({ first }) => ({
      list: await listKeys(first, signal()),
      uses: [...(await first.lastUsed(signal()))],
      entries: (await first.read(undefined, signal())).entries,
    }),
    expected: { list: [], uses: [], entries: [] },
  },
  {
    name: 'lists through one handle what was created through another, the oldest first',
    run: async ({ first, second }) => {
      const made = [await createKey(first, alice, signal(), now), await createKey(second, bob, signal(), now)];
      const listed = await listKeys(first, signal());
      return {
        firsts: made.map((outcome) => outcome.kind === 'created' && outcome.first),
        listed,
        digests: made.map((outcome, i) => outcome.kind === 'created' && digestOf(outcome.secret) === listed[i]?.sha256),
      };
    },
    expected: {
      firsts: [true, false],
      listed: [
        { ...alice, sha256: expectDigest(), created: T, revoked: undefined, lastUsed: undefined },
        { ...bob, sha256: expectDigest(), created: T, revoked: undefined, lastUsed: undefined },
      ],
      digests: [true, true],
    },
  },
  {
    name: 'keeps no secret, only its digest',
    run: async ({ first }) => {
      const outcome = await createKey(first, alice, signal(), now);
      if (outcome.kind !== 'created') throw new Error(outcome.kind);
      const text = JSON.stringify(await first.read(undefined, signal()));
      const random = outcome.secret.slice(-49);
      return { digest: text.includes(digestOf(outcome.secret)), secret: text.includes(random) };
    },
    expected: { digest: true, secret: false },
  },
  {
    name: 'gives an id once, also when it was revoked',
    run: async ({ first, second }) => {
      await createKey(first, alice, signal(), now);
      const again = await createKey(second, alice, signal(), now);
      await revokeKey(first, 'alice', signal(), now);
      const afterwards = await createKey(second, alice, signal(), now);
      return [again.kind, afterwards.kind];
    },
    expected: ['id-taken', 'id-taken'],
  },
  {
    name: 'lets one of many win who create the same id at once',
    run: async ({ first, second }) => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) => createKey(i % 2 === 0 ? first : second, alice, signal(), now)),
      );
      const won = outcomes.filter((outcome) => outcome.kind === 'created');
      const [listed] = await listKeys(first, signal());
      return { won: won.length, listed: won[0] && listed?.sha256 === digestOf(won[0].secret) };
    },
    expected: { won: 1, listed: true },
  },
  {
    name: 'loses none of many entries that come at once through two handles',
    run: async ({ first, second }) => {
      const ids = Array.from({ length: 50 }, (_, i) => `key-${i}`);
      await Promise.all(ids.map((id, i) => (i % 2 === 0 ? first : second).append(created(id), signal())));
      const { entries, foreign } = await first.read(undefined, signal());
      return { ids: entries.map(({ id }) => id).toSorted(), foreign };
    },
    expected: { ids: Array.from({ length: 50 }, (_, i) => `key-${i}`).toSorted(), foreign: 0 },
  },
  {
    name: 'revokes once, and says which ids there are when asked for another',
    run: async ({ first, second }) => {
      await createKey(first, alice, signal(), now);
      const outcomes = [
        await revokeKey(second, 'alice', signal(), now),
        await revokeKey(first, 'alice', signal(), () => T + 5),
        await revokeKey(first, 'alicia', signal(), now),
      ];
      return { outcomes, revoked: (await listKeys(first, signal()))[0]?.revoked };
    },
    expected: {
      outcomes: [{ kind: 'revoked' }, { kind: 'already-revoked', at: T }, { kind: 'unknown', known: ['alice'] }],
      revoked: T,
    },
  },
  {
    name: 'reads on from a cursor: only what came since',
    run: async ({ first, second }) => {
      const start = await first.read(undefined, signal());
      await second.append(created('alice'), signal());
      const one = await first.read(start.cursor, signal());
      const none = await first.read(one.cursor, signal());
      await second.append({ v: 1, type: 'revoked', at: new Date(T).toISOString(), id: 'alice' }, signal());
      const two = await first.read(none.cursor, signal());
      return { read: [start, one, none, two].map(typesOf), whole: [none.whole, two.whole] };
    },
    expected: { read: [[], ['created'], [], ['revoked']], whole: [false, false] },
  },
  {
    name: 'reads thousands of entries in one go',
    run: async ({ first }) => {
      for (let i = 0; i < 2500; i += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, n) => first.append(created(`key-${i + n}`), signal())));
      }
      const { entries, cursor } = await first.read(undefined, signal());
      return { entries: entries.length, more: (await first.read(cursor, signal())).entries.length };
    },
    expected: { entries: 2500, more: 0 },
  },
  {
    name: 'remembers last uses, the latest of each key, whoever wrote them',
    run: async ({ first, second }) => {
      await createKey(first, alice, signal(), now);
      await first.touch(
        new Map([
          ['alice', T + 10],
          ['configured', T + 1],
        ]),
        signal(),
      );
      await second.touch(new Map([['alice', T + 5]]), signal());
      await second.touch(new Map(), signal());
      return {
        uses: [...(await first.lastUsed(signal()))].toSorted(),
        listed: (await listKeys(second, signal()))[0]?.lastUsed,
      };
    },
    expected: {
      uses: [
        ['alice', T + 10],
        ['configured', T + 1],
      ],
      listed: T + 10,
    },
  },
  {
    name: 'takes last uses of thousands of keys at once',
    run: async ({ first }) => {
      await first.touch(new Map(Array.from({ length: 2500 }, (_, i) => [`key-${i}`, T + i])), signal());
      const uses = await first.lastUsed(signal());
      return [uses.size, uses.get('key-0'), uses.get('key-2499')];
    },
    expected: [2500, T, T + 2499],
  },
  {
    name: 'begins nothing for a caller who has gone',
    run: async ({ first }) => {
      const gone = AbortSignal.abort(new Error('gone'));
      const refused = await Promise.allSettled([first.append(created('alice'), gone), first.read(undefined, gone)]);
      return { refused: refused.map(({ status }) => status), entries: (await first.read(undefined, signal())).entries };
    },
    expected: { refused: ['rejected', 'rejected'], entries: [] },
  },
];

/** The contract of `KeyStore`, for each implementation. `open` is called before each test. */
export function describeKeyStore(name: string, open: () => Promise<KeyStoreUnderTest> | KeyStoreUnderTest): void {
  describe(`${name} as a key store`, () => {
    let subject: KeyStoreUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject?.close?.());

    it.each(CASES)('$name', async ({ run, expected }) => {
      expect(await run(subject)).toEqual(expected);
    });
  });
}

function typesOf({ entries }: { readonly entries: readonly JournalEntry[] }): string[] {
  return entries.map(({ type }) => type);
}

function created(id: string): JournalEntry {
  const at = new Date(T).toISOString();
  return {
    v: 1,
    type: 'created',
    at,
    id,
    sha256: digestOf(id),
    org: 'acme',
    team: 'web',
    user: id,
    roles: ['developer'],
  };
}

/** Any digest. */
function expectDigest(): unknown {
  return expect.stringMatching(/^[0-9a-f]{64}$/);
}
