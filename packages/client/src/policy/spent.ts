import { progressSince } from './anchor.ts';
import type { Answer } from './answer.ts';
import { type Place, placeAnswer } from './offer.ts';

/**
 * True when `answer`, asked for behind a suggestion on screen, has nothing to offer at `place` any more: the server
 * would be asked again if that answer were on screen itself. Where another model would stand in, as after a failure, that
 * one is on screen already.
 */
export function isSpent(answer: Answer, place: Place): boolean {
  const { document } = place;
  const progress = progressSince(answer.anchor, document);
  if (!progress) return true;
  if (!answer.isAsked) return progress.typed !== '';
  const verdict = placeAnswer(answer, progress.typed, place).verdict(document);
  if (verdict?.kind === 'empty') return verdict.reason !== 'trimmed' && verdict.reason !== 'use_local';
  return verdict?.kind === 'disagrees' || verdict?.kind === 'aborted';
}
