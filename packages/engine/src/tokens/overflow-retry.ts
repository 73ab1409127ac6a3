import type { ContextOverflow, Inference, InferenceEvent } from '@ghostline/inference';
import type { Prompt } from '../prompt/prompt.ts';

/** Takes what an endpoint said of a prompt that it found too long; gives one that should fit, or undefined. */
export type Shorten = (prompt: Prompt, overflow: ContextOverflow) => Prompt | undefined;

/**
 * `inference` that asks again, once, with a shorter prompt when the first was refused as too long. Looks at the first
 * event only: the others come from the iterator of `inference` as they are.
 */
export function withOverflowRetry(inference: Inference, shorten: Shorten) {
  return {
    stream(prompt: Prompt, model: string, signal: AbortSignal): AsyncIterable<InferenceEvent> {
      return { [Symbol.asyncIterator]: () => iterate(prompt, model, signal) };
    },
  };

  function iterate(prompt: Prompt, model: string, signal: AbortSignal): AsyncIterator<InferenceEvent> {
    const open = (asked: Prompt) => inference.stream(asked, model, signal)[Symbol.asyncIterator]();
    let inner = open(prompt);
    let first = true;
    let left = false;

    function again(error: unknown): Promise<IteratorResult<InferenceEvent>> {
      const overflow = left || signal.aborted ? undefined : overflowOf(error);
      const shorter = overflow && shorten(prompt, overflow);
      if (!shorter) throw error;
      inner = open(shorter);
      return inner.next();
    }

    return {
      next() {
        if (!first) return inner.next();
        first = false;
        return inner.next().catch(again);
      },
      return(value?: unknown) {
        left = true;
        return inner.return?.(value) ?? Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

/** The error knows, whoever's it is. */
function overflowOf(error: unknown): ContextOverflow | undefined {
  return error instanceof Error && 'overflow' in error ? (error.overflow as ContextOverflow | undefined) : undefined;
}
