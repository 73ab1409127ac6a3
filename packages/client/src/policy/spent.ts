import type { DocumentSnapshot } from '../types.ts';
import { progressSince } from './anchor.ts';
import type { Answer } from './answer.ts';
import { placeAnswer } from './offer.ts';

/**
 * True when `answer`, asked for behind a suggestion on screen, has nothing to offer for `document` any more: the server
 * would be asked again if that answer were on screen itself. Where another model would stand in, as after a failure, that
 * one is on screen already.
 */
export function isSpent(answer: Answer, document: DocumentSnapshot): boolean {
  const progress = progressSince(answer.anchor, document);
  if (!progress) return true;
  if (!answer.isAsked) return progress.typed !== '';
  const verdict = placeAnswer(answer, progress.typed, document).verdict(document);
  if (verdict?.kind === 'empty') return verdict.reason !== 'trimmed' && verdict.reason !== 'use_local';
  return verdict?.kind === 'disagrees' || verdict?.kind === 'aborted';
}
