import type { Keystroke } from '@ghostline/client';
import { type ExplainOptions, explain } from '../explain/explain.ts';
import type { Explanation } from '../explain/reasons.ts';
import { type Translate, inEnglish } from '../translate.ts';

/** How the parts of the inspector speak. */
export interface Language {
  readonly t: Translate;
  readonly explain: (keystroke: Keystroke) => Explanation;
  /** Hours, minutes and seconds in the reader's time zone. */
  readonly time: (ms: number) => string;
  readonly count: (value: number) => string;
  /** Of a length in characters. */
  readonly chars: (value: number) => string;
}

export function createLanguage(options: ExplainOptions & { readonly locale?: string }): Language {
  const { t = inEnglish, locale } = options;
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const number = new Intl.NumberFormat(locale);
  return {
    t,
    explain: (keystroke) => explain(keystroke, options),
    time: (ms) => clock.format(ms),
    count: (value) => number.format(value),
    chars: (value) => t('{0} characters', number.format(value)),
  };
}
