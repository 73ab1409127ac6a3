import type { Keystroke } from '@ghostline/client';

/** What a keystroke came to, as coarsely as one looks for it. */
export type KeystrokeKind = 'shown' | 'not-asked' | 'nothing' | 'cancelled' | 'failed';

/** In the order in which they are offered. */
export const KINDS: readonly KeystrokeKind[] = ['shown', 'not-asked', 'nothing', 'cancelled', 'failed'];

export function kindOf({ outcome, decidedBy }: Pick<Keystroke, 'outcome' | 'decidedBy'>): KeystrokeKind {
  switch (outcome) {
    case 'suggested':
      return 'shown';
    case 'empty':
      return decidedBy === 'gate' ? 'not-asked' : 'nothing';
    case 'cancelled':
    case 'failed':
      return outcome;
  }
}
