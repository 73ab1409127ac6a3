import type { Lifetime } from './lifetime/lifetime.ts';
import type { Answer } from './policy/answer.ts';
import type { Offer, Placement, Placements } from './policy/offer.ts';
import type { Question } from './question.ts';
import { lastLine } from './text/lines.ts';
import type { SetTimer } from './timer.ts';
import type { DocumentSnapshot, Outcome, Suggestion } from './types.ts';

type Source = Suggestion['source'];

/** An answer placed where it was asked for. */
export interface Placed {
  readonly offer: Offer;
  /** Where it comes from, when it is shown for the first time. */
  readonly source: Source;
}

/** What was last handed to the editor. */
export interface OnScreen {
  readonly offer: Offer;
  /** As it was shown last. */
  readonly document: DocumentSnapshot;
  readonly first: Placement;
  /** Of its alternatives, the first one's first. */
  readonly viewIds: readonly string[];
}

/** What was last handed to the editor: one answer, as it fits the document, for as long as the user goes along with it. */
export interface Screen {
  current(): OnScreen | undefined;
  /** Puts it in place of what was there. With a `follower`, that is what it may grow into. */
  show(placed: Placed, placements: Placements, asked: Question, follower?: Answer): Outcome;
  /** What is there, or the rest of it when the user typed along; undefined when it does not fit any more. */
  again(asked: Question): Outcome | undefined;
  /** What is there may grow into `follower` from now on. */
  follow(follower: Answer, document: DocumentSnapshot): void;
  /** True when the text there is, or may become, that of `answer`. */
  isOf(answer: Answer): boolean;
  /** Something else is asked for than what is there. */
  leave(): void;
  /** The user has decided about this view: what it came from is no longer kept ready. */
  left(viewId: string): void;
}

export interface ScreenOptions {
  readonly lifetime: Pick<Lifetime, 'place' | 'viewOf' | 'isVisible' | 'superseded'>;
  readonly onExtended: (viewId: string) => void;
  /** What is there is there no longer. */
  readonly onLeft: () => void;
  readonly now: () => number;
  readonly setTimer: SetTimer;
}

/** Text that grows line by line is redrawn so often: more would make it hard to read, less would hold back what is there. */
const GROW_EVERY_MS = 150;

interface Shown {
  readonly offer: Offer;
  /** Lets go of what may still grow. */
  release: () => void;
  document: DocumentSnapshot;
  first: Placement;
  texts: ReadonlyMap<number, string>;
  viewIds: readonly string[];
}

export function createScreen({ lifetime, onExtended, onLeft, now, setTimer }: ScreenOptions): Screen {
  let shown: Shown | undefined;

  function suggest(on: Shown, placements: Placements, source: Source, asked: Question): Outcome {
    const { document } = asked;
    const [first, ...others] = placements;
    const suggestions: [Suggestion, ...Suggestion[]] = [
      handOver(on.offer, first, source, asked),
      ...others.map((placement) => handOver(on.offer, placement, source, asked)),
    ];
    // The alternative that is being looked at stays first while the user types along.
    suggestions.sort((a, b) => Number(lifetime.isVisible(b.viewId)) - Number(lifetime.isVisible(a.viewId)));
    on.document = document;
    on.first = placements.find(({ index }) => index === suggestions[0].choice) ?? first;
    on.texts = new Map(placements.map(({ index, text }) => [index, text]));
    on.viewIds = suggestions.map((suggestion) => suggestion.viewId);
    return { kind: 'suggested', suggestions };
  }

  function handOver(offer: Offer, placement: Placement, source: Source, asked: Question): Suggestion {
    const { document, trigger } = asked;
    const { index, text, typedLength, end } = placement;
    const { completion_id, model, region } = offer.answer.start!;
    const suggestion: Suggestion = {
      viewId: lifetime.viewOf(completion_id, index),
      completionId: completion_id,
      choice: index,
      text: text.slice(typedLength),
      range: { start: document.cursor, end },
      source,
      model,
      region,
      latencyMs: Math.max(0, now() - asked.at),
      complete: offer.hasEnded(index),
    };
    lifetime.place({
      suggestion,
      uri: document.uri,
      language: document.language,
      trigger,
      extendedBy: offer.extendedBy,
      region: {
        start: document.cursor - typedLength,
        before: lastLine(offer.anchor.prefix),
        text,
        typed: typedLength,
        tail: document.text.slice(document.cursor, end),
      },
    });
    return suggestion;
  }

  function announceGrowth({ offer, document, texts, viewIds }: Shown): void {
    const fit = offer.fit(document);
    if (fit.kind !== 'shows' || fit.placements.every(({ index, text }) => texts.get(index) === text)) return;
    onExtended(viewIds[0]!);
  }

  /** Keeps what may still grow alive, and tells when it has; until the returned function is called. */
  function tend(on: Shown, growing: readonly Answer[]): () => void {
    let cancelTimer: (() => void) | undefined;
    const look = (answer: Answer) => {
      if (answer.end) cancelTimer?.();
      else if (cancelTimer) return;
      // The caller may not have its suggestion in hand yet: a timer comes after every promise.
      cancelTimer = setTimer(
        () => {
          cancelTimer = undefined;
          announceGrowth(on);
        },
        answer.end ? 0 : GROW_EVERY_MS,
      );
    };
    const stops = growing.flatMap((answer) => [answer.watch(() => look(answer)), answer.retain()]);
    return () => {
      cancelTimer?.();
      for (const stop of stops) stop();
    };
  }

  function release(): void {
    shown?.release();
    shown = undefined;
    onLeft();
  }

  const screen: Screen = {
    current: () => shown,
    show({ offer, source }, placements, asked, follower) {
      const { document } = asked;
      if (follower) offer.follow(follower, document);
      shown = { offer, release: () => undefined, document, first: placements[0], texts: new Map(), viewIds: [] };
      shown.release = tend(shown, follower ? [follower] : [offer.answer]);
      return suggest(shown, placements, source, asked);
    },
    again(asked) {
      if (!shown || shown.offer.answer.candidates < asked.candidates) return undefined;
      const fit = shown.offer.fit(asked.document);
      if (fit.kind === 'no-fit') return undefined;
      if (fit.kind === 'nothing-left') return { kind: 'empty', reason: 'trimmed' };
      return suggest(shown, fit.placements, 'typed', asked);
    },
    follow(follower, document) {
      if (!shown) return;
      shown.offer.follow(follower, document);
      shown.release();
      shown.release = tend(shown, [follower]);
    },
    isOf: (answer) => shown?.offer.answer === answer || shown?.offer.follower === answer,
    leave() {
      release();
      lifetime.superseded();
    },
    left(viewId) {
      if (shown?.viewIds.includes(viewId)) release();
    },
  };
  return screen;
}
