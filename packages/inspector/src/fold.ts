import type { Keystroke } from '@ghostline/client';
import { type KeystrokeKind, kindOf } from './kind.ts';

/** Keystrokes in a row that came to the same: one line of the list. */
export interface Fold {
  readonly kind: KeystrokeKind;
  readonly title: string;
  /** Newest first. */
  readonly keystrokes: readonly [Keystroke, ...Keystroke[]];
}

/** Joins neighbours with equal titles, fates and languages; `keystrokes` and what is returned are newest first. */
export function foldAlike(keystrokes: readonly Keystroke[], titleOf: (keystroke: Keystroke) => string): Fold[] {
  const folds: { kind: KeystrokeKind; title: string; keystrokes: [Keystroke, ...Keystroke[]] }[] = [];
  for (const keystroke of keystrokes) {
    const title = titleOf(keystroke);
    const last = folds.at(-1);
    if (last?.title === title && isAlike(last.keystrokes[0], keystroke)) {
      last.keystrokes.push(keystroke);
    } else {
      folds.push({ kind: kindOf(keystroke), title, keystrokes: [keystroke] });
    }
  }
  return folds;
}

/** Identity of a keystroke: its number starts again with each session. */
export function keyOf({ id, at }: Pick<Keystroke, 'id' | 'at'>): string {
  return `${at}-${id}`;
}

function isAlike(a: Keystroke, b: Keystroke): boolean {
  return a.fate === b.fate && a.language === b.language;
}
