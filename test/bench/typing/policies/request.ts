import {
  type CompletionQuery,
  type DocumentChange,
  type DocumentSnapshot,
  createCompletionClient,
} from '@ghostline/client';
import type { ClientSeams } from '@ghostline/client/replay';
import type { CompletionRequest, Trigger } from '@ghostline/protocol';

/** The text around the cursor, whole. */
export interface Place {
  readonly prefix: string;
  readonly suffix: string;
}

export function placeOf({ text, cursor }: Pick<DocumentSnapshot, 'text' | 'cursor'>): Place {
  return { prefix: text.slice(0, cursor), suffix: text.slice(cursor) };
}

export function restOfLine(suffix: string): string {
  return /^[^\r\n]*/.exec(suffix)![0];
}

/** What each policy sends is what this project's client would send at that place: the policies differ in when they ask. */
export interface Requests {
  /** The request for `place` in the document of `query`. */
  build(query: CompletionQuery, place: Place, trigger: Trigger): Promise<CompletionRequest>;
  changed(change: DocumentChange): void;
  dispose(): void;
}

export function createRequests({ transport, now, setTimer, newId }: ClientSeams): Requests {
  // Asked only for what it would send.
  const client = createCompletionClient({
    transport,
    now,
    setTimer,
    newId,
    record: () => undefined,
    clientInfo: { name: 'replay' },
  });
  const never = new AbortController().signal;
  return {
    async build(query, { prefix, suffix }, trigger) {
      const { document } = query;
      const there = { ...query, document: { ...document, text: prefix + suffix, cursor: prefix.length } };
      const { request } = await client.preview(there, never);
      if (!request) throw new Error(`${document.path} is not completed at all: a recording needs a file that is`);
      // How much to ask for is left to the server, as these clients do.
      const { multiline: _multiline, max_tokens: _maxTokens, ...same } = request;
      return { ...same, trigger };
    },
    changed: client.changed,
    dispose: client.dispose,
  };
}
