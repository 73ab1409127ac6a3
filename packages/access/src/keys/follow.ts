import type { SetTimer } from '@ghostline/clock';
import type { KeyMirror } from './file-key-store.ts';
import { type JournalEntry, apply, keysOf } from './journal.ts';
import { type HeldKey, createKeyRing } from './key-ring.ts';
import type { JournalNews, KeyStore } from './key-store.ts';

/** How often news are looked for: a revocation counts everywhere in a second or two. A look is one `stat`, or two commands. */
export const LOOK_EVERY_MS = 1000;
/** For one look; longer than a Redis that fails over takes to refuse. */
const LOOK_TIMEOUT_MS = 2000;
/** Uses are written this often: a minute is as exact as anyone needs who looks for keys that nobody uses any more. */
export const WRITE_USES_EVERY_MS = 60_000;

export interface FollowedStore {
  readonly store: KeyStore;
  /**
   * A copy on this machine, for a start while the store is away. What the store has lost since is put back from it: entries are
   * never taken back, so that the union of two journals is what both meant.
   */
  readonly mirror?: KeyMirror;
  /** True: one that is there and cannot be read is taken for one with keys in it, so that authentication is on. */
  readonly closedWhenUnread?: boolean;
}

/** `unread`: nothing is known of this store. `away` goes on with what was known at `since`, in milliseconds. */
export type FollowState =
  | { readonly kind: 'unread'; readonly reason: string | undefined }
  | { readonly kind: 'following'; readonly foreign: number }
  | { readonly kind: 'away'; readonly since: number; readonly reason: string };

export interface KeyFollower {
  readonly name: string;
  find(digest: string): HeldKey | undefined;
  /** Notes a use, to be written within a minute and waited for by nobody. */
  used(keyId: string, now: number): void;
  /** Keys there ever were, revoked and expired ones included. */
  count(): number;
  /** Whether it asks for authentication: there are keys, or there may be. */
  closes(): boolean;
  state(): FollowState;
  /** Resolves when the store was read for the first time, or found away. */
  readonly ready: Promise<void>;
  /** Writes the last uses and stops looking. */
  close(): Promise<void>;
}

/** Keeps what a store knows in this process, a second behind at most, and on when the store is away. */
export function followKeys(
  { store, mirror, closedWhenUnread = false }: FollowedStore,
  {
    now,
    setTimer,
    onNews,
  }: {
    now: () => number;
    setTimer: SetTimer;
    /** There are other keys than before, or it is known why there are none. */ onNews: () => void;
  },
): KeyFollower {
  const ring = createKeyRing();
  let keys = keysOf([]);
  let journal: JournalEntry[] = [];
  /** What the store has lost and is to get back. */
  let owed: JournalEntry[] = [];
  let mirrored: 'whole' | 'behind' = 'whole';
  let cursor: string | undefined;
  let state: FollowState = { kind: 'unread', reason: undefined };
  let readAt = now();
  let uses = new Map<string, number>();
  let closed = false;
  let cancelLook: (() => void) | undefined;
  let cancelWrite = setTimer(() => void writeUsesAndGoOn(), WRITE_USES_EVERY_MS);

  const begun = begin();
  return {
    name: store.name,
    find: ring.find,
    used: (keyId, at) => uses.set(keyId, at),
    count: () => keys.byId.size,
    closes: () => keys.byId.size > 0 || (closedWhenUnread && state.kind === 'unread' && state.reason !== undefined),
    state: () => state,
    ready: begun,
    async close() {
      closed = true;
      cancelLook?.();
      cancelWrite();
      await begun;
      await writeUses();
    },
  };

  async function begin(): Promise<void> {
    // A mirror that cannot be read is as good as none: the store is asked next.
    const entries = await mirror?.load().catch(() => []);
    if (entries && entries.length > 0) {
      take({ entries, whole: true });
      state = { kind: 'away', since: readAt, reason: 'not read since the start' };
      onNews();
    }
    await look();
  }

  async function look(): Promise<void> {
    try {
      const news = await store.read(cursor, AbortSignal.timeout(LOOK_TIMEOUT_MS));
      if (mirror && news.whole) owed = missingFrom(news.entries, journal);
      const changed = take(news.whole ? { whole: true, entries: [...news.entries, ...owed] } : news);
      cursor = news.cursor;
      readAt = now();
      const before = state.kind === 'following' && !news.whole ? state.foreign : 0;
      state = { kind: 'following', foreign: before + news.foreign };
      if (changed) onNews();
      if (changed) await copy(news);
      for (let entry = owed[0]; entry; entry = owed[0]) {
        await store.append(entry, AbortSignal.timeout(LOOK_TIMEOUT_MS));
        owed.shift();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const unread = state.kind === 'unread';
      state = unread ? { kind: 'unread', reason } : { kind: 'away', since: readAt, reason };
      if (unread) onNews();
    }
    if (!closed) cancelLook = setTimer(() => void look(), LOOK_EVERY_MS);
  }

  /** Takes news in; false when there were none. */
  function take({ entries, whole }: Pick<JournalNews, 'entries' | 'whole'>): boolean {
    if (!whole && entries.length === 0) return false;
    if (whole) {
      journal = [...entries];
      keys = keysOf(entries);
      ring.clear();
      for (const key of keys.byId.values()) ring.put(key);
      return true;
    }
    for (const entry of entries) {
      journal.push(entry);
      const key = apply(keys, entry);
      if (key) ring.put(key);
    }
    return true;
  }

  /** To the mirror; one that cannot be written now is written whole with the next news. */
  async function copy(news: JournalNews): Promise<void> {
    const whole = news.whole || mirrored === 'behind';
    try {
      await mirror?.save(whole ? { whole, entries: journal } : news);
      mirrored = 'whole';
    } catch {
      mirrored = 'behind';
    }
  }

  async function writeUsesAndGoOn(): Promise<void> {
    await writeUses();
    if (!closed) cancelWrite = setTimer(() => void writeUsesAndGoOn(), WRITE_USES_EVERY_MS);
  }

  async function writeUses(): Promise<void> {
    if (uses.size === 0) return;
    const written = uses;
    uses = new Map();
    try {
      await store.touch(written, AbortSignal.timeout(LOOK_TIMEOUT_MS));
    } catch {
      // Written with the next ones; there are never more than there are keys.
      for (const [id, at] of written) if (!uses.has(id)) uses.set(id, at);
    }
  }
}

/** The entries of `known` that a journal does not have. */
function missingFrom(entries: readonly JournalEntry[], known: readonly JournalEntry[]): JournalEntry[] {
  const there = new Set(entries.map(identityOf));
  return known.filter((entry) => !there.has(identityOf(entry)));
}

function identityOf(entry: JournalEntry): string {
  return entry.type === 'created' ? `created ${entry.id} ${entry.sha256}` : `revoked ${entry.id}`;
}
