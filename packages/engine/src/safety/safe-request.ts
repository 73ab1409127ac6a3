import type { CompletionRequest, Snippet } from '@ghostline/protocol';
import { createRedactor, invisibleAsSpaces, redactSecrets, withoutInstructions } from '@ghostline/safety';
import { type KnownTexts, createKnownTexts } from '../prompt/known-texts.ts';

/** The texts of a request that may leave this process. */
export interface SafeRequest extends Pick<CompletionRequest, 'prefix' | 'suffix' | 'language' | 'path'> {
  readonly snippets: readonly Snippet[];
  readonly continuation: string;
}

/** What was done for safety, and why; both are closed sets, as they become labels. */
export type SafetyDecision =
  /** `reason`: the family of the rule. */
  | { readonly action: 'redacted'; readonly reason: string }
  | { readonly action: 'excluded'; readonly reason: 'path' | 'language' | 'snippet' }
  | { readonly action: 'neutralised'; readonly reason: 'instructions' | 'invisible' }
  /** `reason`: the family of a secret's rule, or `pattern:` and the name of a blocked one. */
  | { readonly action: 'filtered' | 'cleaned'; readonly reason: string };

export type OnDecision = (decision: SafetyDecision) => void;

interface SafeText {
  readonly text: string;
  readonly decisions: readonly SafetyDecision[];
}

const NOTHING_DONE: readonly SafetyDecision[] = [];

/**
 * Gives the texts of a request without files that must stay where they are, without secrets, and without what is planted.
 * `series` names the requests of which one begins as the last one did: those of one session of one user.
 */
export type MakeSafe = (
  request: CompletionRequest,
  isExcluded: (path: string) => boolean,
  series?: string,
) => SafeRequest;

/** Remembers how far the prefix has been looked at; what became of other texts is known with them. */
export function createMakeSafe(
  onDecision: OnDecision = () => {},
  texts: Pick<KnownTexts, 'of'> = createKnownTexts(),
): MakeSafe {
  const redactor = createRedactor();

  function told({ text, decisions }: SafeText): string {
    for (const decision of decisions) onDecision(decision);
    return text;
  }

  return (request, isExcluded, series) => {
    const { language, path, prefix, suffix, resume } = request;
    const snippets: Snippet[] = [];
    for (const snippet of request.snippets ?? []) {
      if (isExcluded(snippet.path)) onDecision({ action: 'excluded', reason: 'snippet' });
      else snippets.push({ ...snippet, text: told(texts.of(snippet.text).once(safeSnippet)) });
    }
    return {
      prefix: told(series === undefined ? safeFileText(prefix) : safeText(redactor.redact(prefix, series))),
      suffix: told(texts.of(suffix).once(safeFileText)),
      language,
      ...(path !== undefined && { path }),
      snippets,
      continuation: resume ? told(safeFileText(resume.text)) : '',
    };
  };
}

/** The text of the file itself. */
function safeFileText(text: string): SafeText {
  return safeText(redactSecrets(text));
}

function safeText({ text, families }: ReturnType<typeof redactSecrets>): SafeText {
  if (families.length === 0) return { text, decisions: NOTHING_DONE };
  return { text, decisions: families.map((reason) => ({ action: 'redacted', reason })) };
}

/** The text of others, which nobody may have read. */
function safeSnippet(original: string): SafeText {
  const { text, decisions } = safeFileText(original);
  const seen = invisibleAsSpaces(text);
  const unplanted = withoutInstructions(seen);
  if (unplanted === text) return { text, decisions };
  return {
    text: unplanted,
    decisions: [
      ...decisions,
      ...(seen === text ? [] : [{ action: 'neutralised', reason: 'invisible' } as const]),
      ...(unplanted === seen ? [] : [{ action: 'neutralised', reason: 'instructions' } as const]),
    ],
  };
}
