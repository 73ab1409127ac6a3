import type { NgramCandidate, NgramRequest } from '@ghostline/ngram-model';
import type { LocalModel } from '../types.ts';

/** One question that arrived, and the hands on its answer. */
export interface ScriptedLocalCall {
  readonly request: NgramRequest;
  /** True once the client has given it up before the answer. */
  readonly aborted: boolean;
  /** Best first. A text alone is what the model is sure of. */
  answer(...candidates: readonly (string | ScriptedCandidate)[]): void;
  /** As when the worker dies. */
  fail(): void;
}

export interface ScriptedCandidate extends Pick<NgramCandidate, 'text'>, Partial<Omit<NgramCandidate, 'text'>> {}

export interface ScriptedLocalModel extends LocalModel {
  /** Every question so far. */
  readonly calls: readonly ScriptedLocalCall[];
  /** Waits for the next question that was not yet waited for. */
  nextCall(): Promise<ScriptedLocalCall>;
}

export interface ScriptedLocalModelOptions {
  /** Answers at once; without it every question waits for its script. */
  readonly answer?: (request: NgramRequest) => readonly (string | ScriptedCandidate)[];
}

/** A local model without a model: answers are gated by the test, aborts reject with the signal's reason. */
export function createScriptedLocalModel({ answer }: ScriptedLocalModelOptions = {}): ScriptedLocalModel {
  const calls: ScriptedLocalCall[] = [];
  const waiting: ((call: ScriptedLocalCall) => void)[] = [];
  let taken = 0;

  return {
    calls,
    nextCall() {
      const call = calls[taken++];
      if (call) return Promise.resolve(call);
      return new Promise((resolve) => waiting.push(resolve));
    },
    complete(request, signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      const { promise, resolve, reject } = Promise.withResolvers<readonly NgramCandidate[]>();
      let settled = false;
      let aborted = false;
      signal.addEventListener('abort', () => {
        aborted = !settled;
        reject(signal.reason as Error);
      });
      const call: ScriptedLocalCall = {
        request,
        get aborted() {
          return aborted;
        },
        answer(...candidates) {
          settled = true;
          resolve(candidates.map(toCandidate));
        },
        fail() {
          settled = true;
          reject(new Error('the worker is gone'));
        },
      };
      calls.push(call);
      waiting.shift()?.(call);
      if (answer) call.answer(...answer(request));
      return promise;
    },
  };
}

function toCandidate(candidate: string | ScriptedCandidate): NgramCandidate {
  const { text, confidence = 0.95, cut = false } = typeof candidate === 'string' ? { text: candidate } : candidate;
  return { text, confidence, cut };
}
