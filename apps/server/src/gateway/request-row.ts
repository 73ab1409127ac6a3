import type { Principal } from '@ghostline/access';
import type { Bill, CompletionEvent } from '@ghostline/engine';
import type { CompletionRequest } from '@ghostline/protocol';
import type { RequestRecord } from '@ghostline/telemetry';

/** What code has on average; for answers whose endpoint never got to say what they took. */
const CHARS_PER_TOKEN = 4;

const NOTHING = { prompt_tokens: 0, completion_tokens: 0 };

export interface OpenRow {
  /** Takes in what an event of the answer says. */
  note(event: CompletionEvent): void;
  /** What the request answers for, by the engine; without its word the events decide. */
  billed(bill: Bill | undefined): void;
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
 * answer from a cache or that another request answers for, and an estimate for one that was cut off: also before its first
 * text, as a model has read the prompt by then, or else whoever always leaves in time would use it for nothing.
 */
export function openRow(request: CompletionRequest, { org, team, user }: Principal, region: string): OpenRow {
  const began = performance.now();
  const receivedAt = Date.now();
  const speaking = new Set<number>();
  let start: Extract<CompletionEvent, { type: 'start' }> | undefined;
  let firstTokenMs = 0;
  let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  let sentChars = 0;
  let billed: { readonly bill: Bill | undefined } | undefined;
  // Until the events say otherwise: a consumer that leaves early is a client that went away.
  let outcome: RequestRecord['outcome'] = 'cancelled';

  function spent() {
    if (billed ? !billed.bill : start?.cache !== 'miss') return NOTHING;
    if (usage) return usage;
    if (billed?.bill) return { prompt_tokens: billed.bill.promptTokens, completion_tokens: tokens(sentChars) };
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
    billed: (bill) => (billed = { bill }),
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
        model: start?.model ?? billed?.bill?.model ?? 'none',
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
