import { LIMITS } from '@ghostline/protocol';
import type { CompletionContext, createRequestBuilder } from './context/request.ts';
import type { TextRules } from './context/text-rules.ts';
import { once } from './once.ts';
import { type Anchor, anchorAt } from './policy/anchor.ts';
import type { ClientSettings, CompletionQuery } from './types.ts';

/** One call of `complete`, as its steps see it. */
export interface Question extends Pick<CompletionQuery, 'document' | 'trigger'> {
  readonly settings: ClientSettings;
  readonly rules: TextRules;
  /** How many alternatives are wanted. */
  readonly candidates: number;
  readonly anchor: () => Anchor;
  /** What to show a model; gathered when the first of them is asked. */
  readonly context: () => CompletionContext;
  /** When it was asked, in ms. */
  readonly at: number;
  /** Aborted when the call is over. */
  readonly signal: AbortSignal;
}

export interface QuestionOptions extends Pick<Question, 'settings' | 'rules' | 'at' | 'signal'> {
  readonly gather: ReturnType<typeof createRequestBuilder>['gather'];
}

export function toQuestion(query: CompletionQuery, { gather, ...options }: QuestionOptions): Question {
  const { document, trigger } = query;
  const { settings, rules } = options;
  const anchor = once(() => anchorAt(document));
  return {
    ...options,
    document,
    trigger,
    // Alternatives cost as much as the first; nobody looks through them while typing.
    candidates: trigger === 'manual' ? Math.min(settings.maxCandidates ?? 1, LIMITS.candidates) : 1,
    anchor,
    context: once(() => gather(query, anchor(), rules)),
  };
}
