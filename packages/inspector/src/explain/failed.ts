import type { ClientFailure, Keystroke } from '@ghostline/client';
import {
  type Explanation,
  type Reasons,
  type Words,
  explanationOf,
  sentences,
  wasSent,
  withSetting,
} from './reasons.ts';

export function failed(keystroke: Keystroke, words: Words): Explanation {
  const explanation = failure(keystroke.reason, words);
  if (wasSent(keystroke)) return explanation;
  const waits = words.t('It was not asked again for this keystroke: Ghostline waits a little after a failure.');
  return { ...explanation, sentence: sentences(explanation.sentence, waits) };
}

function failure(reason: string | undefined, words: Words): Explanation {
  const { t, hasSettings } = words;
  const reasons: Reasons<ClientFailure['reason']> = {
    unreachable: () => ({
      title: t('failed: server is away'),
      sentence: t('No suggestion: the server cannot be reached.'),
      ...withSetting(
        words,
        'ghostline.serverUrl',
        t('Is it running? {0} says where it is looked for.', 'ghostline.serverUrl'),
        t('Is it running?'),
      ),
    }),
    unauthenticated: () => ({
      title: t('failed: no access'),
      sentence: t('No suggestion: the server needs an access token, or refused the one it was given.'),
      fix: hasSettings
        ? t('Run the command “Ghostline: Set Access Token…”.')
        : t('Enter an API key that may request completions.'),
    }),
    'rate-limited': () => ({
      title: t('failed: too many requests'),
      sentence: t('No suggestion: the server has had too many of your requests for now.'),
      ...withSetting(
        words,
        'ghostline.pace',
        t('It passes by itself; {0} set to calm asks less often.', 'ghostline.pace'),
        t('It passes by itself.'),
      ),
    }),
    rejected: () => ({
      title: t('failed: request refused'),
      sentence: t('No suggestion: the server refused the request as wrong.'),
      fix: t('Are the editor and the server of the same version?'),
    }),
    server: () => ({
      title: t('failed: server error'),
      sentence: t('No suggestion: the server failed while it was answering.'),
      fix: t('The next keystroke tries again. If this goes on, the log of the server says more.'),
    }),
    protocol: () => ({
      title: t('failed: broken answer'),
      sentence: t('No suggestion: what came back is no answer of Ghostline, or it broke off.'),
      ...withSetting(
        words,
        'ghostline.serverUrl',
        t('Check {0} and any proxy in between.', 'ghostline.serverUrl'),
        t('Check any proxy in between.'),
      ),
    }),
  };
  return explanationOf(reason, reasons, words);
}
