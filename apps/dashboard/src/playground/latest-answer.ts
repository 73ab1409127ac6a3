import type { AnswerTrace, Keystroke } from '@ghostline/client';

export interface LatestAnswer {
  readonly answer: AnswerTrace;
  /** How long it was waited for, in ms. */
  readonly totalMs: number;
}

/**
 * Where the suggestion that was shown last comes from; `keystrokes` are newest first. The keystroke that waited for it tells,
 * not those typed along with it: they are answered at once.
 */
export function latestAnswer(keystrokes: readonly Keystroke[]): LatestAnswer | undefined {
  const shown = keystrokes.flatMap(({ answer, totalMs, outcome, decidedBy }) =>
    outcome === 'suggested' && answer ? [{ answer, totalMs, decidedBy }] : [],
  );
  return shown.find(({ decidedBy }) => decidedBy !== 'type-through') ?? shown[0];
}
