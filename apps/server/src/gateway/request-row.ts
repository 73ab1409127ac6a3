import type { CompletionEvent } from '@ghostline/engine';
import type { CompletionRequest } from '@ghostline/protocol';
import type { RequestRecord } from '@ghostline/telemetry';
import type { Principal } from '../http/principal.ts';

/** What code has on average; for requests whose endpoint never got to say what they took. */
const CHARS_PER_TOKEN = 4;

export interface OpenRow {
  /** Takes in what an event of the answer says. */
  note(event: CompletionEvent): void;
  /** The answer ended in another way than the events say. */
  endedBy(outcome: RequestRecord['outcome']): void;
  readonly started: boolean;
  /** Indexes that have text and no end. */
  openIndexes(): readonly number[];
  /** The row as it stands now; `newCompletionId` names a request that ended before it had a name. */
  close(newCompletionId: () => string): RequestRecord;
}

/**
 * The row about one request, filled in while it is answered. Tokens are those spent upstream for this request: none for an
 * answer from a cache or from another request's stream, and an estimate for one that was cut off.
 */
export function openRow(request: CompletionRequest, { org, team, user }: Principal, region: string): OpenRow {
  const began = performance.now();
  const receivedAt = Date.now();
  const speaking = new Set<number>();
  let start: Extract<CompletionEvent, { type: 'start' }> | undefined;
  let firstTokenMs = 0;
  let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  let sentChars = 0;
  // Until the events say otherwise: a consumer that leaves early is a client that went away.
  let outcome: RequestRecord['outcome'] = 'cancelled';

  function spent() {
    if (!start || start.cache !== 'miss') return { prompt_tokens: 0, completion_tokens: 0 };
    if (usage) return usage;
    const { prefix, suffix, snippets = [] } = request;
    const read = prefix.length + suffix.length + snippets.reduce((sum, { text }) => sum + text.length, 0);
    return { prompt_tokens: tokens(read), completion_tokens: tokens(sentChars) };
  }

  return {
    get started() {
      return start !== undefined;
    },
    openIndexes: () => [...speaking],
    endedBy: (how) => (outcome = how),
    note(event) {
      switch (event.type) {
        case 'start':
          start = event;
          firstTokenMs = performance.now() - began;
          return;
        case 'delta':
          speaking.add(event.index);
          sentChars += event.text.length;
          return;
        case 'finish':
          speaking.delete(event.index);
          if (event.index === 0) outcome = event.reason;
          return;
        case 'done':
          usage = event.usage;
          if (event.reason) outcome = event.reason;
      }
    },
    close(newCompletionId) {
      const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = spent();
      return {
        kind: 'request',
        receivedAt,
        org,
        team,
        user,
        completionId: start?.completionId ?? newCompletionId(),
        language: request.language,
        trigger: request.trigger,
        model: start?.model ?? 'none',
        region: start?.region ?? region,
        endpoint: start?.endpoint ?? 'none',
        cache: start?.cache ?? 'miss',
        outcome,
        promptTokens,
        completionTokens,
        firstTokenMs,
        totalMs: performance.now() - began,
      };
    },
  };
}

function tokens(chars: number): number {
  return Math.ceil(chars / CHARS_PER_TOKEN);
}
