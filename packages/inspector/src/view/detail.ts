import type { Keystroke } from '@ghostline/client';
import { keyOf } from '../fold.ts';
import { kindOf } from '../kind.ts';
import type { Frame, Selected } from '../reading.ts';
import { arrange, element, setAttributes } from './element.ts';
import { kindIcon } from './icons.ts';
import type { Language } from './language.ts';
import { SECTIONS } from './sections.ts';

export interface DetailOptions {
  readonly onSelect: (key: string) => void;
  /** The reader is at it: what is there is to stay. */
  readonly onAttended: () => void;
  readonly onLeave: () => void;
  readonly openSetting: ((setting: string) => void) | undefined;
}

/** One keystroke: first the answer to the question, then what it is made of. */
export function createDetail(language: Language, options: DetailOptions) {
  const { t } = language;
  let selected: Selected | undefined;
  /** What is drawn, part by part: one that has not changed is left alone, with its focus and selected text. */
  let parts: readonly Part[] = [];

  const position = element('span', { class: 'gl-position' });
  const newer = element('button', { type: 'button', class: 'gl-step', 'aria-label': t('Newer of these') }, '↑');
  const older = element('button', { type: 'button', class: 'gl-step', 'aria-label': t('Older of these') }, '↓');
  const pager = element('div', { class: 'gl-pager', role: 'group', 'aria-label': t('Alike') }, position, newer, older);
  const body = element('div', { class: 'gl-parts' });
  const node = element(
    'div',
    { class: 'gl-detail', role: 'region', 'aria-label': t('Why'), tabindex: -1 },
    pager,
    body,
  );

  newer.addEventListener('click', () => step(-1));
  older.addEventListener('click', () => step(1));
  for (const type of ['pointerdown', 'wheel', 'touchmove', 'focusin'] as const) {
    node.addEventListener(type, options.onAttended, { passive: true });
  }
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') options.onLeave();
  });

  function step(by: number): void {
    if (!selected) return;
    const { keystrokes } = selected.fold;
    const next = keystrokes[keystrokes.indexOf(selected.keystroke) + by];
    if (next) options.onSelect(keyOf(next));
  }

  return {
    node,
    show(frame: Frame): void {
      const before = selected && keyOf(selected.keystroke);
      selected = frame.selected;
      node.hidden = selected === undefined;
      if (!selected) return;
      const { keystroke, fold } = selected;
      const at = fold.keystrokes.indexOf(keystroke);
      pager.hidden = fold.keystrokes.length === 1;
      position.textContent = t('{0} of {1} alike', language.count(at + 1), language.count(fold.keystrokes.length));
      setAttributes(newer, { 'aria-disabled': String(at === 0) });
      setAttributes(older, { 'aria-disabled': String(at === fold.keystrokes.length - 1) });

      parts = drawn(keystroke, parts);
      arrange(
        body,
        parts.flatMap(({ part }) => part ?? []),
      );
      if (before !== keyOf(keystroke)) node.scrollTop = 0;
    },
    focus(): void {
      node.focus();
    },
  };

  function drawn(keystroke: Keystroke, before: readonly Part[]): Part[] {
    return [headline, ...SECTIONS].map((build, index) => {
      const part = build(keystroke, language);
      const known = before[index];
      return known?.part && part && known.part.isEqualNode(part) ? known : { part };
    });
  }

  function headline(keystroke: Keystroke): HTMLElement {
    const { sentence, fix, setting } = language.explain(keystroke);
    const { openSetting } = options;
    const open =
      setting !== undefined && openSetting !== undefined
        ? element('button', { type: 'button', class: 'gl-button', 'data-setting': setting }, t('Open the setting'))
        : undefined;
    open?.addEventListener('click', () => openSetting?.(setting!));
    const how = keystroke.trigger === 'manual' ? t('asked by hand') : t('as you typed');
    return element(
      'div',
      { class: 'gl-headline', 'data-kind': kindOf(keystroke) },
      kindIcon(kindOf(keystroke)),
      element(
        'div',
        {},
        element('p', { class: 'gl-sentence' }, sentence),
        fix !== undefined && element('p', { class: 'gl-fix' }, fix),
        open,
        element(
          'p',
          { class: 'gl-meta' },
          element('span', {}, language.time(keystroke.at)),
          element('span', {}, keystroke.language),
          element('span', {}, how),
        ),
      ),
    );
  }
}

interface Part {
  readonly part: HTMLElement | undefined;
}
