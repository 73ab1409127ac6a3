import { PromptPiece } from '../prompt-piece.ts';
import type { InferencePrompt } from '../types.ts';

/** `let x = █`, rendered so that a test can read it. */
export function samplePrompt(fields: Partial<InferencePrompt> = {}): InferencePrompt {
  return {
    prefix: 'let x = ',
    suffix: '',
    snippets: [],
    continuation: '',
    sampling: { maxTokens: 32, candidates: 1, temperature: 0, singleLine: true },
    affinity: 'session',
    tenant: 'tenant',
    render: (template) => ({
      pieces: [new PromptPiece(`<${template}>let x = <suffix>`)],
      stop: ['<a>', '<b>', '<c>', '<d>'],
    }),
    ...fields,
  };
}
