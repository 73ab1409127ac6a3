import { type Fold, keyOf } from '../fold.ts';
import { formatMs } from '../format.ts';
import type { Frame } from '../reading.ts';
import { fateWord, kindWord } from '../words.ts';
import { arrange, element, setAttributes } from './element.ts';
import { kindIcon } from './icons.ts';
import type { Language } from './language.ts';

export interface ListOptions {
  readonly onSelect: (key: string) => void;
  /** What is on screen is to stay there, or need not any more. */
  readonly onScrolled: (fromTop: boolean) => void;
  readonly onFollow: () => void;
  readonly onEnter: () => void;
}

interface Row {
  readonly node: HTMLElement;
  /** What it was drawn from. */
  drawn: string;
  /** `keyOf` its newest keystroke. */
  key: string;
}

/** How far Page Up and Page Down go. */
const PAGE = 10;

/** The keystrokes, one line for those in a row that came to the same: a listbox with a roving tab stop. */
export function createList(language: Language, options: ListOptions) {
  const { t } = language;
  /** By the key of each keystroke in it, so that a line stays the same one while others are folded into it. */
  let rows = new Map<string, Row>();
  let order: readonly Row[] = [];
  let selectedRow: Row | undefined;

  const list = element('div', { class: 'gl-list', role: 'listbox', 'aria-label': t('Last keystrokes, newest first') });
  const waiting = element('button', { type: 'button', class: 'gl-waiting', hidden: true });
  const empty = element('p', { class: 'gl-empty', hidden: true });
  const node = element('div', { class: 'gl-list-frame' }, list, waiting, empty);

  list.addEventListener('click', ({ target }) => {
    const row = rowAt(target);
    if (row) options.onSelect(row.key);
  });
  list.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = selectedRow ? order.indexOf(selectedRow) : -1;
    const to = destination(event.key, at);
    if (to !== undefined) {
      const row = order[Math.min(Math.max(0, to), order.length - 1)];
      if (row) {
        options.onSelect(row.key);
        row.node.focus({ preventScroll: true });
        row.node.scrollIntoView({ block: 'nearest' });
      }
    } else if (event.key === 'Enter' || event.key === ' ') options.onEnter();
    else if (event.key === 'Escape') toNewest();
    else return;
    event.preventDefault();
  });
  list.addEventListener('scroll', () => options.onScrolled(list.scrollTop > 0));
  waiting.addEventListener('click', () => {
    toNewest();
    selectedRow?.node.focus({ preventScroll: true });
  });

  function toNewest(): void {
    options.onFollow();
    list.scrollTop = 0;
  }

  function destination(key: string, at: number): number | undefined {
    switch (key) {
      case 'ArrowDown':
        return at + 1;
      case 'ArrowUp':
        return at - 1;
      case 'PageDown':
        return at + PAGE;
      case 'PageUp':
        return at - PAGE;
      case 'Home':
        return 0;
      case 'End':
        return order.length - 1;
      default:
        return undefined;
    }
  }

  function rowAt(target: EventTarget | null): Row | undefined {
    const option = target instanceof Element ? target.closest('[role="option"]') : null;
    return order.find((row) => row.node === option);
  }

  function rowFor(fold: Fold, taken: ReadonlySet<Row>): Row {
    // The oldest has been in its line the longest.
    for (const keystroke of fold.keystrokes.toReversed()) {
      const known = rows.get(keyOf(keystroke));
      if (known && !taken.has(known)) return known;
    }
    return { node: element('div', { role: 'option', class: 'gl-row' }), drawn: '', key: '' };
  }

  function draw(row: Row, fold: Fold): void {
    const { kind, title, keystrokes } = fold;
    const [newest] = keystrokes;
    row.key = keyOf(newest);
    const times = keystrokes.length;
    const time = language.time(newest.at);
    const slowest = Math.max(...keystrokes.map(({ totalMs }) => totalMs));
    const took = times > 1 && slowest >= 0.05 ? t('up to {0}', formatMs(slowest)) : formatMs(slowest);
    const fate = newest.fate && fateWord(newest.fate, t);
    const drawn = [kind, title, times, time, took, fate].join('\0');
    if (row.drawn === drawn) return;
    row.drawn = drawn;
    setAttributes(row.node, {
      'data-kind': kind,
      'data-fate': newest.fate,
      'data-reason': newest.reason,
      'data-decided-by': newest.decidedBy,
      'aria-label': [
        `${kindWord(kind, t)}: ${title}`,
        times > 1 && t('{0} times', language.count(times)),
        fate,
        took,
        time,
      ]
        .filter(Boolean)
        .join(', '),
    });
    row.node.replaceChildren(
      kindIcon(kind),
      element('span', { class: 'gl-title' }, title),
      times > 1 ? element('span', { class: 'gl-times' }, `×${language.count(times)}`) : '',
      element(
        'span',
        { class: 'gl-meta' },
        element('span', {}, time),
        element('span', {}, took),
        fate !== undefined && element('span', { class: 'gl-fate' }, fate),
      ),
    );
  }

  return {
    node,
    show({ folds, selected, waiting: newer }: Frame, isEmpty: boolean): void {
      const hadFocus = list.contains(document.activeElement);
      const taken = new Set<Row>();
      for (const fold of folds) {
        const row = rowFor(fold, taken);
        taken.add(row);
        draw(row, fold);
        if (fold === selected?.fold) selectedRow = row;
      }
      order = [...taken];
      if (!selected) selectedRow = undefined;
      rows = new Map(folds.flatMap(({ keystrokes }, index) => keystrokes.map((one) => [keyOf(one), order[index]!])));
      arrange(
        list,
        order.map((row) => row.node),
      );
      for (const row of order) {
        const isSelected = row === selectedRow;
        setAttributes(row.node, { 'aria-selected': String(isSelected), tabindex: isSelected ? 0 : -1 });
      }
      // What is followed takes the focus along; so does a line that goes.
      if (hadFocus && document.activeElement !== selectedRow?.node) selectedRow?.node.focus({ preventScroll: true });

      waiting.hidden = newer === 0;
      waiting.textContent = newer === 1 ? t('1 newer keystroke') : t('{0} newer keystrokes', language.count(newer));
      empty.hidden = folds.length > 0;
      list.hidden = folds.length === 0;
      empty.textContent = isEmpty
        ? t('Nothing typed yet. Each keystroke appears here, with the reason for its suggestion or for its silence.')
        : t('No keystroke of this kind among the last ones.');
    },
    focus(): void {
      selectedRow?.node.focus();
    },
  };
}
