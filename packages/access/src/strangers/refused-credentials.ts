import type { Refusal, RefusalReason } from '../refusal.ts';
import { createRemembered } from '../remembered.ts';
import { createFailureTable } from './failures.ts';
import type { Stranger } from './stranger.ts';

/** What was refused lately, and what that says of the addresses it came from. */
export interface RefusedCredentials {
  /** What was said of that credential. */
  known(digest: string, at: number): Refusal | undefined;
  /** Milliseconds for which nothing unknown from that address is looked at. */
  waitMs(address: string): number;
  /** Has the same credential answered the same for a while, and counts what may be a guess against its address. */
  note(refusal: Refusal, stranger: Stranger): void;
  /** What was refused may be right by now; what has counted has counted. */
  reconsider(): void;
}

/** A client that goes on sending the same wrong credential tries nothing, and need not be counted again. */
const COUNTED_MS = 60_000;
const KEPT_MS = 60_000;
/** Shorter for tokens: the issuer's keys and the clock may change the answer. */
const TOKEN_KEPT_MS = 10_000;
const KEPT = 10_000;

/**
 * Refusals of what anybody could have made up. A token that its issuer did sign, and that is too old or for somebody else, is a
 * client that was forgotten, of which an office may have many.
 */
const GUESSES: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'damaged-key',
  'unknown-key',
  'token-malformed',
  'token-algorithm',
  'token-issuer',
  'token-signature',
]);

export function createRefusedCredentials({
  perMinute,
  now,
  onSlowed = () => {},
}: {
  /** Guesses of an address in a minute that do not slow it. */
  readonly perMinute: () => number;
  readonly now: () => number;
  readonly onSlowed?: ((address: string, waitMs: number) => void) | undefined;
}): RefusedCredentials {
  const refusals = createRemembered<Refusal>(KEPT);
  const counted = createRemembered<true>(KEPT);
  const failures = createFailureTable({ perMinute, now });
  return {
    known: refusals.get,
    waitMs: failures.waitMs,
    note(refusal, { digest, address }) {
      const { reason } = refusal;
      // That says nothing about the credential.
      if (reason === 'unavailable' || reason === 'slowed') return;
      const at = now();
      refusals.put(digest, refusal, at + (reason.startsWith('token-') ? TOKEN_KEPT_MS : KEPT_MS));
      if (!GUESSES.has(reason) || counted.get(digest, at)) return;
      counted.put(digest, true, at + COUNTED_MS);
      const waitMs = failures.failed(address);
      if (waitMs > 0) onSlowed(address, waitMs);
    },
    reconsider: refusals.clear,
  };
}
