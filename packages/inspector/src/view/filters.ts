import { KINDS } from '../kind.ts';
import type { Filter, Frame } from '../reading.ts';
import { kindWord } from '../words.ts';
import { element, setAttributes } from './element.ts';
import type { Language } from './language.ts';

const FILTERS: readonly Filter[] = ['all', ...KINDS];

/** The row of buttons above the list: one is pressed. */
export function createFilters({ t, count }: Language, onChoose: (filter: Filter) => void) {
  const buttons = new Map(
    FILTERS.map((filter) => {
      const counter = element('span', { class: 'gl-count' });
      const word = filter === 'all' ? t('All') : kindWord(filter, t);
      const button = element(
        'button',
        { type: 'button', class: 'gl-filter', 'data-filter': filter },
        `${word} `,
        counter,
      );
      button.addEventListener('click', () => onChoose(filter));
      return [filter, { button, counter }];
    }),
  );
  const node = element(
    'div',
    { class: 'gl-filters', role: 'group', 'aria-label': t('Show keystrokes of one kind') },
    ...[...buttons.values()].map(({ button }) => button),
  );
  return {
    node,
    show({ counts }: Frame, chosen: Filter): void {
      for (const [filter, { button, counter }] of buttons) {
        setAttributes(button, { 'aria-pressed': String(filter === chosen), 'data-empty': counts[filter] === 0 });
        counter.textContent = count(counts[filter]);
      }
    },
  };
}
