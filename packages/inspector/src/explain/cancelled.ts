import type { Keystroke, Outcome } from '@ghostline/client';
import { type Explanation, type Reasons, type Words, explanationOf, wasSent } from './reasons.ts';

export function cancelled(keystroke: Keystroke, words: Words): Explanation {
  const { t } = words;
  const isSent = wasSent(keystroke);
  const reasons: Reasons<Extract<Outcome, { kind: 'cancelled' }>['reason']> = {
    superseded: () => ({
      title: t('cancelled: typed on'),
      sentence: isSent
        ? t('No suggestion: you typed on before the answer came.')
        : t('No suggestion: you typed on before anybody was asked, so this one cost nothing.'),
    }),
    editor: () => ({
      title: t('cancelled by the editor'),
      sentence: isSent
        ? t('No suggestion: the editor stopped waiting for the answer. The next keystroke may still use it.')
        : t('No suggestion: the editor stopped waiting before anybody was asked.'),
    }),
    disposed: () => ({
      title: t('cancelled: Ghostline ended'),
      sentence: t('No suggestion: Ghostline was ended or started anew meanwhile.'),
    }),
  };
  return explanationOf(keystroke.reason, reasons, words);
}
