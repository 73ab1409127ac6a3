import type { AnswerCleaner, ChatPrompt, EndpointEvent } from '../types.ts';

export interface ChatAnswer {
  /** Takes what the model says and emits what of it was asked for. */
  take(event: EndpointEvent): void;
  /** Every candidate that was asked for has said all that is wanted: the rest only costs. */
  readonly complete: boolean;
}

/** One cleaner for each candidate, between the reader and whoever waits. */
export function createChatAnswer(
  { createCleaner }: ChatPrompt,
  wanted: number,
  emit: (event: EndpointEvent) => void,
): ChatAnswer {
  const cleaners = new Map<number, AnswerCleaner | 'ended'>();
  let ended = 0;

  function end(index: number, reason: 'stop' | 'length') {
    cleaners.set(index, 'ended');
    ended += 1;
    emit({ type: 'end', index, reason });
  }

  return {
    take(event) {
      if (event.type === 'usage') return emit(event);
      const { index } = event;
      const cleaner = cleaners.get(index) ?? createCleaner();
      if (cleaner === 'ended') return;
      cleaners.set(index, cleaner);
      const { text, ended: cut } =
        event.type === 'text' ? cleaner.feed(event.text) : { text: cleaner.end(), ended: false };
      if (text !== '') emit({ type: 'text', index, text });
      if (cut) end(index, 'stop');
      else if (event.type === 'end') end(index, event.reason);
    },
    get complete() {
      return ended === wanted;
    },
  };
}
