import type { AnswerTrace, Keystroke, Stage } from '@ghostline/client';
import { formatMs } from '../format.ts';
import { type Explanation, type Words, withSetting } from './reasons.ts';

export function suggested({ decidedBy, answer, totalMs }: Keystroke, words: Words): Explanation {
  const { t } = words;
  switch (originOf(decidedBy, answer?.source)) {
    case 'typed':
      return {
        title: t('typed along'),
        sentence: t('The suggestion stayed: you typed what it says, so nobody had to be asked.'),
      };
    case 'cache':
      return {
        title: t('shown from cache'),
        sentence: t('The answer was known in the editor already, so nobody had to be asked.'),
      };
    case 'inflight':
      return {
        title: t('joined a request'),
        sentence: t('The request of an earlier keystroke still fits what you typed, so its answer is shown.'),
      };
    case 'local':
      return {
        title: t('suggested locally'),
        sentence: t('The model inside the editor suggested this from your open files.'),
        ...withSetting(words, 'ghostline.local', t('The setting {0} decides when it does.', 'ghostline.local')),
      };
    case 'network':
      return answer
        ? { title: t('asked {0}', answer.region), sentence: askedSentence(answer, totalMs, words) }
        : {
            title: t('asked the server'),
            sentence: t('The server was asked, and answered after {0}.', formatMs(totalMs)),
          };
  }
}

/** Where a suggestion comes from. A step that only passes an answer on says nothing about it: the answer itself does. */
function originOf(decidedBy: Stage, source: AnswerTrace['source'] | undefined): AnswerTrace['source'] {
  switch (decidedBy) {
    case 'type-through':
      return 'typed';
    case 'cache':
    case 'inflight':
    case 'local':
      return decidedBy;
    case 'gate':
    case 'pace':
    case 'context':
    case 'network':
    case 'fit':
      return source ?? 'network';
  }
}

function askedSentence({ cache, model, region }: AnswerTrace, totalMs: number, { t }: Words): string {
  switch (cache) {
    case 'memory':
    case 'redis':
      return t('The server in {0} had the answer in its cache, so no model had to run.', region);
    case 'continuation':
      return t('The server in {0} had said more than this to an earlier request, and gave the rest of it.', region);
    case 'inflight':
      return t('The server in {0} was computing the same answer already, and shared it.', region);
    case 'miss':
      return t('{0} in {1} was asked, and its answer was there after {2}.', model, region, formatMs(totalMs));
  }
}
