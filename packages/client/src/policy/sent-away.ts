import type { DocumentSnapshot } from '../types.ts';
import { type Anchor, progressSince } from './anchor.ts';

/** What the user has dismissed by hand. */
export interface SentAway {
  remember(anchor: Anchor, text: string): void;
  /** The user types what that text says: it would come back at every key, from memory or from the same model. */
  isTypedAlong(document: DocumentSnapshot): boolean;
  forget(): void;
}

/** One at a time: the last one, until something else is typed. */
export function createSentAway(): SentAway {
  let last: { readonly anchor: Anchor; readonly text: string } | undefined;
  return {
    remember(anchor, text) {
      last = { anchor, text };
    },
    isTypedAlong(document) {
      if (!last) return false;
      const progress = progressSince(last.anchor, document);
      const isAlong =
        progress !== undefined && progress.typed.length < last.text.length && last.text.startsWith(progress.typed);
      if (!isAlong) last = undefined;
      return isAlong;
    },
    forget() {
      last = undefined;
    },
  };
}
