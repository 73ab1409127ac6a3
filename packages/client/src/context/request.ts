import { type CompletionRequest, LIMITS, LanguageId } from '@ghostline/protocol';
import type { Anchor } from '../policy/anchor.ts';
import type { ClientSettings, CompletionQuery } from '../types.ts';
import { createSnippetFinder, isSendablePath } from './snippets.ts';
import type { TextRules } from './text-rules.ts';

export interface RequestIdentity {
  readonly sessionId: string;
  readonly workspaceId: string | undefined;
  readonly client: NonNullable<CompletionRequest['client']>;
}

/** Builds the wire requests of one session: windows and snippets redacted, sequence rising. */
export function createRequestBuilder({ sessionId, workspaceId, client }: RequestIdentity) {
  const snippets = createSnippetFinder();
  let sequence = 0;

  function build(
    { document, trigger, openDocuments }: CompletionQuery,
    anchor: Anchor,
    settings: ClientSettings,
    rules: TextRules,
  ): CompletionRequest {
    sequence += 1;
    const candidates = Math.min(settings.maxCandidates ?? 1, LIMITS.candidates);
    return {
      prefix: rules.redact(anchor.prefix),
      suffix: rules.redact(anchor.suffix),
      // An id that a metric could not carry is no language the server knows.
      language: LanguageId.safeParse(document.language).success ? document.language : 'plaintext',
      ...(isSendablePath(document.path) ? { path: document.path } : {}),
      ...(workspaceId === undefined ? {} : { workspace: workspaceId }),
      snippets: snippets.find(document, anchor, openDocuments(), rules),
      trigger,
      ...(settings.multiline ? { multiline: settings.multiline } : {}),
      // Alternatives cost as much as the first; nobody looks through them while typing.
      ...(trigger === 'manual' && candidates > 1 ? { max_candidates: candidates } : {}),
      session_id: sessionId,
      sequence,
      client,
    };
  }
  return { build };
}
