import { LIMITS, type Trigger } from '@ghostline/protocol';
import { type CursorSyntax, type Syntax, type SyntaxChange, describeCursor } from '@ghostline/syntax';
import type { Gathering, RequestWish, createRequestBuilder } from './context/request.ts';
import type { TextRules } from './context/text-rules.ts';
import { once, onceFor } from './once.ts';
import { type Anchor, anchorAt } from './policy/anchor.ts';
import { type Extent, extentAt, lengthOf } from './policy/extent.ts';
import type { KeystrokeTrace } from './trace/keystroke-log.ts';
import type { ClientSettings, CompletionQuery, DocumentSnapshot } from './types.ts';

/** One call of `complete`, as its steps see it. */
export interface Question extends RequestWish {
  readonly settings: ClientSettings;
  readonly rules: TextRules;
  readonly anchor: () => Anchor;
  /** What stands at the cursor, by its syntax. */
  readonly syntax: () => CursorSyntax;
  readonly errorsAdded: (change: SyntaxChange) => number | undefined;
  /** How much is to be shown. */
  readonly extent: Extent;
  /** What to show a model; gathered when the first of them is asked. */
  readonly context: () => Gathering;
  /** When it was asked, in ms. */
  readonly at: number;
  /** Aborted when the call is over. */
  readonly signal: AbortSignal;
  readonly trace: KeystrokeTrace;
  /** What will be asked, when a suggestion is accepted and makes the document this one. */
  onceAccepted(document: DocumentSnapshot): Question;
}

export interface QuestionOptions extends Pick<Question, 'settings' | 'at' | 'signal' | 'trace'> {
  readonly rules: () => TextRules;
  readonly query: CompletionQuery;
  readonly gather: ReturnType<typeof createRequestBuilder>['gather'];
  readonly grammars: Pick<Syntax, 'at' | 'errorsAdded'> | undefined;
}

export function toQuestion(options: QuestionOptions): Question {
  const { document, trigger } = options.query;
  return questionAt(document, trigger, options);
}

function questionAt(document: DocumentSnapshot, trigger: Trigger, options: QuestionOptions): Question {
  const { query, gather, grammars, rules, ...rest } = options;
  const { settings } = options;
  const anchor = once(() => anchorAt(document));
  const syntax = once(
    () => grammars?.at(document) ?? describeCursor(anchor().prefix, anchor().suffix, document.language),
  );
  return {
    ...rest,
    get rules() {
      return rules();
    },
    document,
    trigger,
    // Alternatives cost as much as the first; nobody looks through them while typing.
    candidates: trigger === 'manual' ? Math.min(settings.maxCandidates ?? 1, LIMITS.candidates) : 1,
    anchor,
    syntax,
    errorsAdded: (change) => grammars?.errorsAdded(document, change),
    get extent() {
      return extentAt(settings, syntax);
    },
    get length() {
      return lengthOf(settings, this.extent, trigger);
    },
    // The organisation's rules may come after the local model was asked: what that was shown must not leave then.
    context: onceFor(rules, (current) => gather({ ...query, document }, anchor(), current)),
    onceAccepted: (accepted) => questionAt(accepted, 'speculative', options),
  };
}
