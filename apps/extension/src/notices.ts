import type { Status } from './status.ts';

/** What only the user can mend, or should know once. */
export type Notice =
  | { readonly kind: 'token-needed' | 'inline-suggest-off' | 'workspace-not-trusted' }
  /** Other extensions that complete code are active, by name. */
  | { readonly kind: 'rivals'; readonly names: readonly string[] }
  | { readonly kind: 'server-found'; readonly url: string };

export interface Circumstances {
  readonly status: Status;
  /** Whether the editor asks anybody for suggestions. */
  readonly inlineSuggest: boolean;
  /** The workspace names a server, which does not count as long as nobody trusts the workspace. */
  readonly serverIsRestricted: boolean;
  /** Names of other extensions that complete code and are active. */
  readonly rivals: () => readonly string[];
}

export interface Notices {
  /** Looks whether there is something to tell that has not been told; tells one thing at a time. */
  consider(circumstances: Circumstances): void;
  /** Told once for good. */
  found(url: string): void;
  /** The token changed: a refusal is news again. */
  tokenChanged(): void;
}

type Kind = Notice['kind'];

/**
 * Each is told once: a refused token once per session and token, an untrusted workspace once per session, the others once
 * for good, as somebody may want it that way. Nothing is told while suggestions are off, nor about what passes by itself.
 */
export function createNotices(
  show: (notice: Notice) => void,
  memory: { get(key: string): unknown; update(key: string, value: boolean): Thenable<void> },
): Notices {
  const toldNow = new Set<Kind>();
  const isTold = (kind: Kind) => toldNow.has(kind) || memory.get(`told-${kind}`) === true;
  const tell = (notice: Notice, once: 'a session' | 'for good') => {
    if (isTold(notice.kind)) return false;
    toldNow.add(notice.kind);
    if (once === 'for good') void memory.update(`told-${notice.kind}`, true);
    show(notice);
    return true;
  };
  return {
    consider({ status, inlineSuggest, serverIsRestricted, rivals }) {
      if (status.kind === 'off') return;
      if (!inlineSuggest && tell({ kind: 'inline-suggest-off' }, 'for good')) return;
      const tokenNeeded = status.kind === 'offline' && status.failure.reason === 'unauthenticated';
      if (tokenNeeded && tell({ kind: 'token-needed' }, 'a session')) return;
      if (serverIsRestricted && tell({ kind: 'workspace-not-trusted' }, 'a session')) return;
      if (isTold('rivals')) return;
      const names = rivals();
      if (names.length > 0) tell({ kind: 'rivals', names }, 'for good');
    },
    found: (url) => void tell({ kind: 'server-found', url }, 'for good'),
    tokenChanged: () => void toldNow.delete('token-needed'),
  };
}
