import { type CompletionRequest, LanguageId, type Snippet } from '@ghostline/protocol';
import type { Anchor } from '../policy/anchor.ts';
import type { ClientSettings, CompletionQuery } from '../types.ts';
import { createSnippetFinder, isSendablePath } from './snippets.ts';
import type { TextRules } from './text-rules.ts';

export interface RequestIdentity {
  readonly sessionId: string;
  readonly workspaceId: string | undefined;
  readonly client: NonNullable<CompletionRequest['client']>;
}

/** What a model is shown, as it stands in the editor: without excluded files, but with the secrets of the others. */
export interface CompletionContext {
  readonly prefix: string;
  readonly suffix: string;
  readonly snippets: readonly Snippet[];
}

export interface RequestWish extends Pick<CompletionQuery, 'document' | 'trigger'> {
  readonly candidates: number;
  readonly settings: ClientSettings;
}

/** Builds the requests of one session: the same text for every model, and what goes over the wire redacted, sequence rising. */
export function createRequestBuilder({ sessionId, workspaceId, client }: RequestIdentity) {
  const snippets = createSnippetFinder();
  let sequence = 0;

  function gather({ document, openDocuments }: CompletionQuery, anchor: Anchor, rules: TextRules): CompletionContext {
    const { prefix, suffix } = anchor;
    return { prefix, suffix, snippets: snippets.find(document, anchor, openDocuments(), rules) };
  }

  function build(context: CompletionContext, wish: RequestWish, { redact }: TextRules): CompletionRequest {
    const { document, trigger, candidates, settings } = wish;
    sequence += 1;
    return {
      prefix: redact(context.prefix),
      suffix: redact(context.suffix),
      // An id that a metric could not carry is no language the server knows.
      language: LanguageId.safeParse(document.language).success ? document.language : 'plaintext',
      ...(isSendablePath(document.path) ? { path: document.path } : {}),
      ...(workspaceId === undefined ? {} : { workspace: workspaceId }),
      snippets: context.snippets.map((snippet) => ({ ...snippet, text: redact(snippet.text) })),
      trigger,
      ...(settings.multiline ? { multiline: settings.multiline } : {}),
      ...(candidates > 1 ? { max_candidates: candidates } : {}),
      session_id: sessionId,
      sequence,
      client,
    };
  }
  return { gather, build };
}
