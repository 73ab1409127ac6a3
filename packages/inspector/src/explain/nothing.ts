import type { Keystroke } from '@ghostline/client';
import type { EmptyReason } from '@ghostline/protocol';
import {
  type Explanation,
  type Reasons,
  type Words,
  askByHand,
  explanationOf,
  wasSent,
  withSetting,
} from './reasons.ts';

/** Asked, or looked up, and nothing came of it. */
export function nothing(keystroke: Keystroke, words: Words): Explanation {
  const { t } = words;
  const again = t('Type on, and another answer is asked for.');
  const reasons: Reasons<EmptyReason | 'trimmed'> = {
    silent: () => ({
      title: t('nothing to add'),
      sentence: wasSent(keystroke)
        ? t('No suggestion: the model has nothing to add here.')
        : t('No suggestion: the model had nothing to add at this very place, so it was not asked again.'),
      fix: askByHand(words),
    }),
    excluded: () => ({
      title: t('excluded by the server'),
      sentence: t('No suggestion: the exclusions of the server cover this file.'),
      fix: t('Whoever runs the server can change them.'),
    }),
    filtered: () => ({
      title: t('answer was filtered'),
      sentence: t('No suggestion: the server held back what the model said, as its filters tell it to.'),
      fix: again,
    }),
    superseded: () => ({
      title: t('replaced on the server'),
      sentence: t('No suggestion: a newer request of this editor replaced this one on the server.'),
    }),
    shed: () => ({
      title: t('server is busy'),
      sentence: t('No suggestion: the server is busy and left this one out.'),
      ...withSetting(
        words,
        'ghostline.pace',
        t(
          'The next keystroke asks again. If this is frequent, the server needs more capacity, or {0} set to calm.',
          'ghostline.pace',
        ),
        t('The next keystroke asks again. If this is frequent, the server needs more capacity.'),
      ),
    }),
    use_local: () => ({
      title: t('left to the local model'),
      sentence: t('No suggestion: the server leaves this to the model inside the editor, which said nothing.'),
      ...withSetting(words, 'ghostline.local', t('It can answer unless {0} is off.', 'ghostline.local')),
    }),
    deadline: () => ({
      title: t('too late on the server'),
      sentence: t('No suggestion: the server could not answer in the time that this editor waits.'),
      fix: t('If this is frequent, the server needs quicker or more endpoints.'),
    }),
    trimmed: () =>
      keystroke.decidedBy === 'type-through'
        ? {
            title: t('typed to its end'),
            sentence: t('No suggestion: you have typed all of the one that was on screen.'),
            fix: t('The next keystroke asks for more.'),
          }
        : {
            title: t('answer did not fit'),
            sentence: t('No suggestion: nothing of the answer fits between the code before and after the cursor.'),
            fix: again,
          },
  };
  return explanationOf(keystroke.reason, reasons, words);
}
