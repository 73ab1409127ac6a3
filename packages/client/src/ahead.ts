import type { AcceptanceOdds } from './policy/acceptance-odds.ts';
import { AHEAD_AFTER_MS, isWorthAskingAhead } from './policy/ahead.ts';
import type { Answer } from './policy/answer.ts';
import type { Placement } from './policy/offer.ts';
import type { Question } from './question.ts';
import type { Screen } from './screen.ts';
import type { SetTimer } from './timer.ts';
import type { DocumentSnapshot } from './types.ts';

/** Asks for the suggestion after the one on screen, while that one is being read. */
export interface Ahead {
  /** The answer to `asked` is on screen: asks ahead for what follows it, if it still is when that pays. */
  consider(asked: Question): void;
  /** What was asked ahead is not waited for any longer. */
  stop(): void;
}

export interface AheadOptions {
  readonly screen: Pick<Screen, 'current'>;
  /** Whether the editor shows this view: behind a list of IntelliSense it does not, and nobody can accept it. */
  readonly isVisible: (viewId: string) => boolean;
  /** Whether this question would be answered, be it with nothing, without another request. */
  readonly isAnswered: (asked: Question) => boolean;
  /** Whether the server can be asked now, and about this document. */
  readonly mayAsk: (asked: Question) => boolean;
  readonly ask: (asked: Question) => Answer;
  readonly odds: Pick<AcceptanceOdds, 'of'>;
  readonly setTimer: SetTimer;
}

export function createAhead(options: AheadOptions): Ahead {
  const { screen, isVisible, isAnswered, mayAsk, ask, odds, setTimer } = options;
  let stop: (() => void) | undefined;

  function look(asked: Question): void {
    const on = screen.current();
    // Of what the local model says nobody knows how the server will go on.
    if (!on || on.offer.answer.origin === 'local') return;
    // What still grows goes on by itself.
    if (!on.offer.hasEnded(on.first.index)) {
      stop = on.offer.answer.watch(() => {
        if (on.offer.hasEnded(on.first.index)) lookAfterReading(asked);
      });
      return;
    }
    if (!on.viewIds.some(isVisible)) return;
    const { text } = on.first;
    const prospect = { language: on.document.language, chars: text.length, lines: text.split('\n').length };
    if (!isWorthAskingAhead(asked.settings, prospect, odds)) return;
    const next = asked.onceAccepted(afterAcceptance(on.document, on.first));
    if (mayAsk(next) && !isAnswered(next)) stop = ask(next).retain();
  }

  function lookAfterReading(asked: Question): void {
    stop?.();
    stop = setTimer(() => look(asked), AHEAD_AFTER_MS);
  }

  return {
    consider: lookAfterReading,
    stop() {
      stop?.();
      stop = undefined;
    },
  };
}

function afterAcceptance(document: DocumentSnapshot, { text, typedLength, end }: Placement): DocumentSnapshot {
  const rest = text.slice(typedLength);
  const { cursor } = document;
  return {
    ...document,
    text: document.text.slice(0, cursor) + rest + document.text.slice(end),
    cursor: cursor + rest.length,
  };
}
