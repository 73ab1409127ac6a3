import { textOfPieces } from '@ghostline/inference';
import type { Prompt } from '../prompt/prompt.ts';
import type { EngineModel, TokenCountersByModel } from '../types.ts';
import type { TokenRatios } from './token-ratios.ts';

export interface TokenTeacher {
  /** An endpoint said how many tokens it read: that costs nothing. */
  told(prompt: Prompt, model: EngineModel, promptTokens: number): void;
  /** An answer ended without that, as most do that are cut at their end: the model's tokeniser is asked now and then. */
  untold(prompt: Prompt, model: EngineModel): void;
  /** Texts that a tokeniser could not count. */
  failed(): number;
}

export interface TeacherOptions {
  readonly ratios: TokenRatios;
  /** By model; a model without one learns from what endpoints say. */
  readonly counters: TokenCountersByModel;
  readonly now: () => number;
}

/** The first lessons come soon, as little is known; then a change of what people write is noticed within minutes. */
const EARLY_LESSONS = 16;
const EARLY_MS = 250;
const LATER_MS = 10_000;
/**
 * Some servers count only what of a prompt they have not read before (Ollama's older runners): less than this share of the
 * estimate is taken for such a count. Code has four fifths and more.
 */
const LEAST_TOLD = 0.6;
/** The template's words around each file that `Prompt.baseTokens` leaves out. */
const TOKENS_PER_SNIPPET = 10;

interface Lessons {
  given: number;
  /** When the next one is due. */
  due: number;
}

/** Teaches `ratios` what tokenisers count, a model and language at a time and never more than one text for each. */
export function createTokenTeacher({ ratios, counters, now }: TeacherOptions): TokenTeacher {
  const lessons = new Map<string, Lessons>();
  // Nobody waits for a lesson, so nobody ends it: its counter has a timeout, and is closed by whoever built it.
  const { signal } = new AbortController();
  let failed = 0;

  function learn(prompt: Prompt, model: EngineModel, tokens: number): void {
    const around = prompt.overheadTokens / 2 + TOKENS_PER_SNIPPET * prompt.snippets.length;
    ratios.learn(model.name, prompt.language, prompt.baseTokens, tokens - around);
  }

  return {
    told(prompt, model, tokens) {
      if (tokens >= LEAST_TOLD * prompt.baseTokens) learn(prompt, model, tokens);
    },
    untold(prompt, model) {
      const counter = counters.get(model.name);
      if (!counter) return;
      const name = `${model.name}\n${prompt.language}`;
      const lesson = lessons.get(name) ?? { given: 0, due: 0 };
      const at = now();
      if (at < lesson.due) return;
      if (lessons.size >= 1_000) lessons.clear();
      lessons.set(name, { given: lesson.given + 1, due: at + (lesson.given < EARLY_LESSONS ? EARLY_MS : LATER_MS) });
      counter.count(textOfPieces(prompt.render(model.template).pieces), signal).then(
        (tokens) => learn(prompt, model, tokens),
        () => {
          failed += 1;
        },
      );
    },
    failed: () => failed,
  };
}
