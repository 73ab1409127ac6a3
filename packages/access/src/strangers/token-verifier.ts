import type { Issuer, TokenOutcome } from '../oidc/issuer.ts';
import type { Refusal } from '../refusal.ts';
import type { Stranger } from './stranger.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** A token as it describes itself: nothing of that is believed yet. */
export interface ClaimedToken {
  readonly issuer: Issuer;
  readonly algorithm: string;
}

export interface Verification {
  readonly outcome: TokenOutcome;
  /** False for all but one of those that sent the same token meanwhile. */
  readonly first: boolean;
}

export interface TokenVerifier {
  /** By the keys that are known, else by those that the issuer has now. Never rejects. */
  verify(token: ClaimedToken, stranger: Stranger): Promise<Verification>;
}

/** Verifications at a time; more come from an attack. */
const MAX_PENDING = 1000;
/** Of these, who waits for an issuer at a time: the others are tokens of people whose keys are known, and go on beside them. */
const MAX_WAITING = 200;

const TOO_MANY: Refusal = {
  reason: 'slowed',
  detail: 'Too many tokens are being verified at this moment. Try again in a second.',
  retryAfterMs: 1000,
};

/** `perAddress`: how many of one address may wait for an issuer at a time. */
export function createTokenVerifier({ perAddress }: { readonly perAddress: () => number }): TokenVerifier {
  const pending = new Map<string, Promise<TokenOutcome>>();
  const waiting = createWaitingRoom({ total: MAX_WAITING, perAddress });

  async function judge({ issuer, algorithm }: ClaimedToken, { credential, address }: Stranger): Promise<TokenOutcome> {
    const outcome = await issuer.look(credential, algorithm);
    if (outcome.kind !== 'unknown-key') return outcome;
    const leave = waiting.enter(address);
    if (!leave) return { kind: 'refused', refusal: TOO_MANY };
    return issuer.lookAnew(credential, algorithm).finally(leave);
  }

  return {
    async verify(token, stranger) {
      const { digest } = stranger;
      const underWay = pending.get(digest);
      if (underWay) return { outcome: await underWay, first: false };
      if (pending.size >= MAX_PENDING) return { outcome: { kind: 'refused', refusal: TOO_MANY }, first: true };
      const verification = judge(token, stranger).finally(() => pending.delete(digest));
      pending.set(digest, verification);
      return { outcome: await verification, first: true };
    },
  };
}
