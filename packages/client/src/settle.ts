import type { LocalTier } from './local/local-tier.ts';
import type { Answer } from './policy/answer.ts';
import type { Offer, Placements, Verdict } from './policy/offer.ts';
import { until } from './policy/until.ts';
import type { Question } from './question.ts';
import type { Placed } from './screen.ts';
import type { createStateTracker } from './state.ts';
import type { TraceDetails } from './trace/keystroke-log.ts';
import type { DocumentSnapshot, Outcome } from './types.ts';

export interface SettleOptions {
  readonly local: Pick<LocalTier, 'sureFit'>;
  readonly state: Pick<ReturnType<typeof createStateTracker>, 'wait'>;
  readonly show: (placed: Placed, placements: Placements, asked: Question, follower?: Answer) => Outcome;
  readonly detailsOf: (offer: Offer) => TraceDetails;
}

/**
 * Waits until `placed` is worth showing or done, or `early` is sure sooner. Undefined when what was typed before it came
 * disagrees.
 */
export type Settle = (placed: Placed, asked: Question, early?: Placed) => Promise<Outcome | undefined>;

/** What ends the wait for an answer. */
type Decision = Verdict | { readonly kind: 'early'; readonly placements: Placements };

export function createSettle({ local, state, show, detailsOf }: SettleOptions): Settle {
  return async (placed, asked, early) => {
    const { document, signal, trace } = asked;
    const { answer } = placed.offer;
    trace.about(() => detailsOf(placed.offer));
    const answers = early ? [answer, early.offer.answer] : [answer];
    const decide = (): Decision | undefined => {
      const verdict = verdictOf(placed.offer, document);
      const sure = verdict || !early ? undefined : local.sureFit(early.offer, document);
      return sure ? { kind: 'early', placements: sure } : verdict;
    };
    const release = answer.retain();
    let stopWaiting: (() => void) | undefined;
    try {
      await until(answers, () => (answer.isAsked ? true : decide()), signal);
      if (answer.origin === 'server' && !answer.end && !decide()) {
        trace.enter('network');
        stopWaiting = state.wait();
      }
      await until(answers, decide, signal);
      // More may have come since the promise was resolved.
      const decision = decide();
      if (decision?.kind === 'early' && early) {
        trace.enter('local');
        trace.about(() => detailsOf(early.offer));
        return show(early, decision.placements, asked, answer);
      }
      if (decision?.kind === 'shows') return show(placed, decision.placements, asked);
      if (decision?.kind === 'aborted') {
        // With the call itself: that has a reason of its own.
        signal.throwIfAborted();
        return { kind: 'cancelled', reason: 'superseded' };
      }
      return decision?.kind === 'empty' || decision?.kind === 'failed' ? decision : undefined;
    } finally {
      release();
      stopWaiting?.();
    }
  };
}

/** The local model says everything at once: alternatives need not be announced one after the other. */
function verdictOf(offer: Offer, document: DocumentSnapshot): Verdict | undefined {
  return offer.answer.origin === 'local' && !offer.answer.end ? undefined : offer.verdict(document);
}
