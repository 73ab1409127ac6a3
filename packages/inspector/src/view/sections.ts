import type { AnswerTrace, ContextTrace, Keystroke } from '@ghostline/client';
import { fateSentence } from '../explain/explain.ts';
import { formatMs } from '../format.ts';
import { cacheWord, filterWords, snippetSourceWord, sourceWord } from '../words.ts';
import { element } from './element.ts';
import type { Language } from './language.ts';
import { paceSentence, waterfall } from './waterfall.ts';

/** What the detail shows below the answer, in order; each is undefined where there is nothing of the kind. */
export const SECTIONS: readonly ((keystroke: Keystroke, language: Language) => HTMLElement | undefined)[] = [
  times,
  fate,
  answer,
  context,
  filters,
  code,
];

function times(keystroke: Keystroke, language: Language): HTMLElement {
  const pace = paceSentence(keystroke, language);
  return section(
    'times',
    language.t('Time'),
    formatMs(keystroke.totalMs),
    waterfall(keystroke, language),
    pace !== undefined && element('p', { class: 'gl-note' }, pace),
  );
}

function fate({ outcome, fate }: Keystroke, { t }: Language): HTMLElement | undefined {
  if (outcome !== 'suggested') return undefined;
  return section('fate', t('What became of it'), undefined, element('p', { 'data-fate': fate }, fateSentence(fate, t)));
}

function answer({ answer }: Keystroke, language: Language): HTMLElement | undefined {
  if (!answer) return undefined;
  const { t, count } = language;
  const isLocal = answer.source === 'local';
  return section(
    'answer',
    t('Answer'),
    undefined,
    facts([
      [t('From'), sourceWord(answer.source, t)],
      [t('Model'), answer.model],
      [t('Region'), isLocal ? undefined : answer.region],
      [t('Endpoint'), isLocal ? undefined : answer.endpoint],
      [t('Cache of the server'), isLocal ? undefined : cacheWord(answer.cache, t)],
      [t('Candidates'), count(answer.candidates)],
      [t('Completion'), element('code', {}, answer.completionId)],
    ]),
    serverTimes(answer, language),
  );
}

function serverTimes({ timings, source }: AnswerTrace, { t }: Language): HTMLElement | undefined {
  if (!timings) return undefined;
  const isEarlier = source === 'typed' || source === 'cache' || source === 'inflight';
  return element(
    'div',
    { class: 'gl-server' },
    element('h4', {}, isEarlier ? t('On the server, when it was asked') : t('On the server')),
    facts([
      [t('Checking who asks'), formatMs(timings.auth_ms)],
      [t('Building the prompt'), formatMs(timings.prompt_ms)],
      [t('Looking into the cache'), formatMs(timings.cache_ms)],
      [t('Waiting in line'), formatMs(timings.queue_ms)],
      [t('Until the first token'), formatMs(timings.first_token_ms)],
      [t('In all'), formatMs(timings.total_ms)],
    ]),
  );
}

function context({ context }: Keystroke, language: Language): HTMLElement | undefined {
  if (!context) return undefined;
  const { t, count, chars } = language;
  const { snippets, late, redactions, excluded } = context;
  return section(
    'context',
    t('Context'),
    undefined,
    facts([
      [t('Before the cursor'), chars(context.prefixChars)],
      [t('After the cursor'), chars(context.suffixChars)],
      [t('From elsewhere'), snippets.length === 0 ? t('nothing') : undefined],
      [t('Came too late'), late.length > 0 ? late.map((source) => snippetSourceWord(source, t)).join(', ') : undefined],
      [t('Secrets overwritten'), redactions > 0 ? count(redactions) : undefined],
      [t('Excluded'), excluded > 0 ? t('{0} files or parts', count(excluded)) : undefined],
    ]),
    snippets.length > 0 && snippetList(snippets, language),
  );
}

function snippetList(snippets: ContextTrace['snippets'], { t, chars }: Language): HTMLElement {
  return element(
    'ul',
    { class: 'gl-snippets', 'aria-label': t('From elsewhere') },
    ...snippets.map(({ source, path, chars: length, score }) =>
      element(
        'li',
        {},
        pathElement(path),
        element(
          'span',
          { class: 'gl-meta' },
          element('span', {}, snippetSourceWord(source, t)),
          element('span', {}, chars(length)),
          score !== undefined && element('span', {}, t('score {0}', score.toPrecision(2))),
        ),
      ),
    ),
  );
}

/** The name is what one looks for: where there is too little room, the folders give way. */
function pathElement(path: string): HTMLElement {
  const at = path.lastIndexOf('/') + 1;
  return element(
    'span',
    { class: 'gl-path', title: path },
    element('span', { class: 'gl-folders' }, path.slice(0, at)),
    element('span', {}, path.slice(at)),
  );
}

function filters({ filters, answer }: Keystroke, { t, chars }: Language): HTMLElement | undefined {
  if (!answer && filters.length === 0) return undefined;
  const words = filterWords(t);
  return section(
    'filters',
    t('Filters'),
    undefined,
    filters.length === 0
      ? element('p', { class: 'gl-note' }, t('None changed the answer.'))
      : facts(
          filters.map(({ name, removedChars }) => [
            Object.hasOwn(words, name) ? words[name]! : name,
            removedChars > 0 ? t('{0} less', chars(removedChars)) : t('changed'),
          ]),
        ),
  );
}

function code({ code }: Keystroke, { t }: Language): HTMLElement {
  const { path, line, before, text } = code;
  return section(
    'code',
    t('Code'),
    t('stays in this editor'),
    element('p', { class: 'gl-note' }, t('Only you see this. It is left out of reports.')),
    element('p', { class: 'gl-place' }, pathElement(path), element('span', {}, t('line {0}', line))),
    element(
      'pre',
      { tabindex: 0, 'aria-label': t('Code') },
      before.trimStart(),
      text !== '' && element('span', { class: 'gl-ghost' }, text),
    ),
  );
}

function section(
  name: string,
  title: string,
  aside: string | undefined,
  ...children: readonly (Node | string | false | undefined)[]
): HTMLElement {
  return element(
    'section',
    { class: 'gl-section', 'data-section': name, 'aria-label': title },
    element('h3', {}, title, aside !== undefined && element('span', { class: 'gl-aside' }, aside)),
    ...children,
  );
}

/** Names and values; those without a value are left out. */
function facts(entries: readonly (readonly [string, string | Node | undefined])[]): HTMLElement {
  return element(
    'dl',
    { class: 'gl-facts' },
    ...entries.flatMap(([name, value]) =>
      value === undefined ? [] : [element('div', {}, element('dt', {}, name), element('dd', {}, value))],
    ),
  );
}
