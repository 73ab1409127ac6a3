import type { Inference, InferenceEvent, InferencePrompt } from '../types.ts';

/** An event to yield, an error to throw there, or a promise to wait for. */
export type InferenceStep = InferenceEvent | Error | Promise<unknown>;

export interface ScriptedInference extends Inference {
  readonly prompts: readonly InferencePrompt[];
  /** Streams that were aborted, or left before their end. */
  readonly aborts: number;
}

/** `Inference` in memory: each call plays the steps that `script` gives for it. */
export function createScriptedInference(
  script: (prompt: InferencePrompt, call: number) => readonly InferenceStep[],
): ScriptedInference {
  const prompts: InferencePrompt[] = [];
  let aborts = 0;
  return {
    prompts,
    get aborts() {
      return aborts;
    },
    async *stream(prompt, _model, signal) {
      prompts.push(prompt);
      let finished = false;
      const aborted = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      aborted.catch(() => {});
      try {
        for (const step of script(prompt, prompts.length)) {
          signal.throwIfAborted();
          if (step instanceof Error) throw step;
          if (step instanceof Promise) await Promise.race([step, aborted]);
          else yield step;
        }
        finished = true;
      } catch (error) {
        finished = !signal.aborted;
        throw error;
      } finally {
        if (!finished) aborts += 1;
      }
    },
  };
}

/** The steps of an answer of these texts by one endpoint. */
export function spoken(...texts: string[]): InferenceEvent[] {
  return [
    { type: 'start', endpoint: 'scripted', region: 'local', queueMs: 0 },
    ...texts.map((text): InferenceEvent => ({ type: 'text', index: 0, text })),
    { type: 'end', index: 0, reason: 'stop' },
  ];
}
