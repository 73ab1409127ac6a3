import type { Status } from './status.ts';

/** What only the user can mend. */
export type Notice = 'token-needed' | 'inline-suggest-off';

export interface Notices {
  /** Looks whether there is something to tell that has not been told. */
  consider(status: Status, inlineSuggest: boolean): void;
  /** The token changed: a refusal is news again. */
  tokenChanged(): void;
}

/**
 * Each is told once: a refused token once per session and token, the editor's own switch once for good, as somebody may
 * have turned it off on purpose. Nothing is told while suggestions are off.
 */
export function createNotices(
  show: (notice: Notice) => void,
  memory: { get(key: string): unknown; update(key: string, value: boolean): Thenable<void> },
): Notices {
  const REMEMBERED = 'told-inline-suggest-off';
  let toldToken = false;
  return {
    consider(status, inlineSuggest) {
      if (status.kind === 'off') return;
      if (!inlineSuggest && memory.get(REMEMBERED) !== true) {
        void memory.update(REMEMBERED, true);
        show('inline-suggest-off');
      }
      if (status.kind === 'offline' && status.failure.reason === 'unauthenticated' && !toldToken) {
        toldToken = true;
        show('token-needed');
      }
    },
    tokenChanged() {
      toldToken = false;
    },
  };
}
