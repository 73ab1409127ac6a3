import type { SetTimer } from '@ghostline/client';
import { type NgramAnswer, answerTask } from '@ghostline/ngram-model';
import { realTimer } from '../timer.ts';
import type { StartWorker } from './worker-port.ts';

/** No worker at all: the model computes here, between two events. Its own deadline keeps that short. */
export function inPlaceStarter(setTimer: SetTimer = realTimer): StartWorker {
  return async ({ onMessage, onError }) => {
    let cancel: (() => void) | undefined;
    return {
      postMessage(task) {
        cancel = setTimer(() => {
          let answer: NgramAnswer;
          try {
            answer = answerTask(task);
          } catch (error) {
            return onError(error instanceof Error ? error : new Error(String(error)));
          }
          onMessage(answer);
        }, 0);
      },
      terminate: () => cancel?.(),
    };
  };
}

/** `first`, and where that cannot be started `second`; of the first failure `onFallback` is told. */
export function firstOf(first: StartWorker, second: StartWorker, onFallback: (reason: unknown) => void): StartWorker {
  return async (events, signal) => {
    try {
      return await first(events, signal);
    } catch (error) {
      signal.throwIfAborted();
      onFallback(error);
      return second(events, signal);
    }
  };
}
