import type { ContextOverflow } from '@ghostline/inference';
import { SAVINGS, charsSaved } from '../prompt/context-compression.ts';
import type { Prompt } from '../prompt/prompt.ts';
import type { EngineModel, EngineStats, TokenCountersByModel } from '../types.ts';
import { createContextLimits } from './context-limits.ts';
import { type TokenRatio, createTokenRatios } from './token-ratios.ts';
import { createTokenTeacher } from './token-teacher.ts';

export interface TokenLearning {
  ratioOf(model: string, language: string): TokenRatio;
  /** `model` with the context that its endpoints are known to have. */
  contextOf(model: EngineModel): EngineModel;
  /** Learns from a refusal as too long, and gives what to send instead. */
  shorten(prompt: Prompt, model: EngineModel, overflow: ContextOverflow): Prompt;
  /** An answer is over; `promptTokens` as the endpoint said, or undefined. */
  counted(prompt: Prompt, model: EngineModel, promptTokens: number | undefined): void;
  stats(): Pick<EngineStats, 'tokenCountsLearned' | 'tokenCountsFailed' | 'promptsShortened' | 'promptTokensSaved'>;
}

/** The part that is cut may be denser than the whole that was counted: a second refusal would be the answer. */
const SECOND_TRY = 0.95;

/** All that is learned about tokens while answering: ratios by language, contexts by model. */
export function createTokenLearning(options: {
  readonly counters: TokenCountersByModel;
  readonly now: () => number;
}): TokenLearning {
  const ratios = createTokenRatios();
  const limits = createContextLimits(options.now);
  const teacher = createTokenTeacher({ ...options, ratios });
  let shortened = 0;
  const saved = { duplicates: 0, licences: 0, comments: 0, blanks: 0, blobs: 0 };

  function tally({ savedChars, savedTokens }: Prompt): void {
    if (!savedChars || savedTokens === 0) return;
    const tokensPerChar = savedTokens / charsSaved(savedChars);
    for (const reason of SAVINGS) saved[reason] += savedChars[reason] * tokensPerChar;
  }

  return {
    ratioOf: ratios.of,
    contextOf: limits.of,
    shorten(prompt, model, { promptTokens, contextTokens = model.contextTokens }) {
      shortened += 1;
      limits.learn(model, contextTokens);
      const known = limits.of(model);
      // A server that reads less than it was said to has not refuted the estimate.
      if (promptTokens !== undefined || contextTokens >= model.contextTokens)
        ratios.overflowed(model.name, prompt.language, prompt.baseTokens, promptTokens);
      return prompt.again({ ...known, contextTokens: Math.floor(known.contextTokens * SECOND_TRY) });
    },
    counted(prompt, model, promptTokens) {
      tally(prompt);
      if (promptTokens === undefined) teacher.untold(prompt, model);
      else teacher.told(prompt, model, promptTokens);
    },
    stats: () => ({
      tokenCountsLearned: ratios.learned(),
      tokenCountsFailed: teacher.failed(),
      promptsShortened: shortened,
      promptTokensSaved: { ...saved },
    }),
  };
}
