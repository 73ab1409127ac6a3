import { type CompletionRequest, type Snippet, type Trigger, isLanguageId } from '@ghostline/protocol';
import { type SetTimer, realTimer } from '../timer.ts';
import type { DocumentSnapshot } from '../types.ts';
import { type CompletionContext, createGatherer } from './gather.ts';
import { isSendablePath } from './part.ts';
import type { TextRules } from './text-rules.ts';

export type { CompletionContext, Gathering } from './gather.ts';

export interface RequestIdentity {
  readonly sessionId: string;
  readonly workspaceId: string | undefined;
  readonly client: NonNullable<CompletionRequest['client']>;
}

/** For the time that sources have. */
export interface RequestBuilderOptions extends RequestIdentity {
  readonly now?: () => number;
  readonly setTimer?: SetTimer;
}

export interface RequestWish {
  readonly document: DocumentSnapshot;
  readonly trigger: Trigger;
  readonly candidates: number;
  /** How much of an answer to ask for. */
  readonly length: Pick<CompletionRequest, 'multiline' | 'max_tokens'>;
}

/** Builds the requests of one session: the same text for every model, and what goes over the wire redacted, sequence rising. */
export function createRequestBuilder(options: RequestBuilderOptions) {
  const { sessionId, workspaceId, client, now = Date.now, setTimer = realTimer } = options;
  const gather = createGatherer({ now, setTimer });
  let sequence = 0;

  /** The request, but for its place in the session. */
  function preview({ safe }: CompletionContext, wish: RequestWish, { redact }: TextRules): CompletionRequest {
    const { document, trigger, candidates, length } = wish;
    // Safe already, as parts of whole texts; what only looks like a secret by itself is overwritten here.
    const again = (snippet: Snippet): Snippet => ({ ...snippet, text: redact(snippet.text) });
    return {
      prefix: redact(safe.prefix),
      suffix: redact(safe.suffix),
      // An id that a metric could not carry is no language the server knows.
      language: isLanguageId(document.language) ? document.language : 'plaintext',
      ...(isSendablePath(document.path) ? { path: document.path } : {}),
      ...(workspaceId === undefined ? {} : { workspace: workspaceId }),
      snippets: safe.snippets.map(again),
      trigger,
      ...length,
      ...(candidates > 1 ? { max_candidates: candidates } : {}),
      client,
    };
  }

  function build(context: CompletionContext, wish: RequestWish, rules: TextRules): CompletionRequest {
    sequence += 1;
    return { ...preview(context, wish, rules), session_id: sessionId, sequence };
  }
  return { gather, preview, build };
}
