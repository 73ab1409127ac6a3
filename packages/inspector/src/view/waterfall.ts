import type { Keystroke } from '@ghostline/client';
import { formatMs } from '../format.ts';
import { paceWords, stageWord } from '../words.ts';
import { element } from './element.ts';
import type { Language } from './language.ts';

/**
 * The steps one below the other, each where it lay in time; the one that decided is marked. A step that was returned to is one
 * line with several bars, where it was left last.
 */
export function waterfall({ stages, decidedBy, totalMs }: Keystroke, { t }: Language): HTMLElement {
  // Clocks are read more than once: the sum may be a little more than the whole.
  const whole = Math.max(
    totalMs,
    stages.reduce((sum, { ms }) => sum + ms, 0),
    Number.MIN_VALUE,
  );
  let start = 0;
  const spans = stages.map(({ stage, ms }) => {
    const from = start;
    start += ms;
    return { stage, from, ms };
  });
  const order = new Set(spans.map(({ stage }) => stage).toReversed());
  const lines = [...order].toReversed().map((stage) => {
    const own = spans.filter((span) => span.stage === stage);
    const isDecision = stage === decidedBy;
    return element(
      'li',
      { class: 'gl-stage', 'data-stage': stage, 'data-decided': isDecision },
      element('span', { class: 'gl-stage-name' }, stageWord(stage, t)),
      element(
        'span',
        { class: 'gl-track', 'aria-hidden': 'true' },
        ...own.map(({ from, ms }) => bar(from / whole, ms / whole)),
      ),
      element('span', { class: 'gl-ms' }, formatMs(own.reduce((sum, { ms }) => sum + ms, 0))),
      isDecision && element('span', { class: 'gl-decided' }, t('decided')),
    );
  });
  return element('ol', { class: 'gl-stages' }, ...lines);
}

/** From where to where, as shares of the whole. */
function bar(from: number, long: number): HTMLElement {
  const made = element('span', { class: 'gl-bar' });
  // Through the object model: a strict content policy forbids the attribute.
  made.style.setProperty('--from', `${100 * from}%`);
  made.style.setProperty('--long', `${100 * long}%`);
  return made;
}

/** How long was waited for another key before asking, and what that was made of. */
export function paceSentence({ pace }: Keystroke, { t }: Language): string | undefined {
  if (!pace) return undefined;
  const words = paceWords(t);
  const because = pace.because.map((word) => (Object.hasOwn(words, word) ? words[word]! : word)).join(', ');
  if (pace.delayMs === 0) return because === '' ? t('Asked at once.') : t('Asked at once: {0}.', because);
  return because === ''
    ? t('Waited {0} for another key.', formatMs(pace.delayMs))
    : t('Waited {0} for another key: {1}.', formatMs(pace.delayMs), because);
}
