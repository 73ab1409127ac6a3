import type { Fate, Keystroke } from '@ghostline/client';
import { type Translate, inEnglish } from '../translate.ts';
import { cancelled } from './cancelled.ts';
import { failed } from './failed.ts';
import { notAsked } from './not-asked.ts';
import { nothing } from './nothing.ts';
import type { Explanation } from './reasons.ts';
import { suggested } from './suggested.ts';

export interface ExplainOptions {
  /** `vscode.l10n.t`, or the messages as they are. */
  readonly t?: Translate;
  /** What asks by hand; `Alt+\` unless said. */
  readonly manualKey?: string;
  /** Whether Ghostline's settings and commands are there to be named; true unless said. */
  readonly hasSettings?: boolean;
}

/** Answers "why this suggestion, or why none?" from the trace of one keystroke. */
export function explain(keystroke: Keystroke, options: ExplainOptions = {}): Explanation {
  const { t = inEnglish, manualKey = 'Alt+\\', hasSettings = true } = options;
  const words = { t, manualKey, hasSettings };
  switch (keystroke.outcome) {
    case 'suggested':
      return suggested(keystroke, words);
    case 'empty':
      return keystroke.decidedBy === 'gate' ? notAsked(keystroke, words) : nothing(keystroke, words);
    case 'cancelled':
      return cancelled(keystroke, words);
    case 'failed':
      return failed(keystroke, words);
  }
}

/** What became of a suggestion, as a sentence; `undefined` is that nothing is known of it. */
export function fateSentence(fate: Fate | undefined, t: Translate = inEnglish): string {
  switch (fate) {
    case 'shown':
      return t('It was on screen; nothing has been decided about it yet.');
    case 'accepted in part':
      return t('You accepted part of it.');
    case 'accepted':
      return t('You accepted it.');
    case 'typed':
      return t('You typed it yourself, to its end.');
    case 'rejected':
      return t('You dismissed it.');
    case 'ignored':
      return t('You went on without it.');
    case undefined:
      return t('It has not been on screen long enough to count.');
  }
}
