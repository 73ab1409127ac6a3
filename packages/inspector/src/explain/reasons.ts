import type { Keystroke } from '@ghostline/client';
import type { Translate } from '../translate.ts';

/** A keystroke in words, for a row, a menu, a log line. Never holds code. */
export interface Explanation {
  /** A few words; equal for keystrokes that came to the same. */
  readonly title: string;
  /** Why there was this suggestion, or none: a whole sentence. */
  readonly sentence: string;
  /** What changes it, in whole sentences; absent where nothing needs to. */
  readonly fix?: string;
  /** The id of the setting that `fix` names. */
  readonly setting?: string;
}

/** What the explanations are made with. */
export interface Words {
  readonly t: Translate;
  /** What asks by hand. */
  readonly manualKey: string;
  /** Whether Ghostline's settings and commands are there to be named. */
  readonly hasSettings: boolean;
}

/** One explanation for each member of a closed list. */
export type Reasons<Reason extends string> = Readonly<Record<Reason, () => Explanation>>;

/** That of `reason`, or what can be said of a word that only a newer client knows. */
export function explanationOf<Reason extends string>(
  reason: string | undefined,
  reasons: Reasons<Reason>,
  { t }: Words,
): Explanation {
  if (reason !== undefined && Object.hasOwn(reasons, reason)) return reasons[reason as Reason]();
  return {
    title: t('no suggestion: {0}', reason ?? '?'),
    sentence: t('No suggestion, for a reason that has no explanation yet: {0}.', reason ?? '?'),
  };
}

/** The fix that names a setting where there are settings; elsewhere what can be done without. */
export function withSetting(
  { hasSettings }: Words,
  setting: string,
  fix: string,
  otherwise?: string,
): Pick<Explanation, 'fix' | 'setting'> {
  if (hasSettings) return { fix, setting };
  return otherwise === undefined ? {} : { fix: otherwise };
}

export function askByHand({ t, manualKey }: Words): string {
  return t('Ask by hand ({0}) to have one here.', manualKey);
}

export function sentences(...parts: string[]): string {
  return parts.join(' ');
}

/** Whether this keystroke got as far as a request. */
export function wasSent({ stages, decidedBy }: Keystroke): boolean {
  return decidedBy === 'network' || stages.some(({ stage }) => stage === 'network');
}
