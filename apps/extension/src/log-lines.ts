import type { ClientState, Outcome } from '@ghostline/client';

/** One line about a keystroke: reasons and numbers, no code. */
export function outcomeLine(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'suggested': {
      const [first] = outcome.suggestions;
      return `suggested ${outcome.suggestions.length} (${first.text.length} chars) from ${first.source}, ${first.model} in ${first.region}, after ${Math.round(first.latencyMs)} ms`;
    }
    case 'empty':
    case 'cancelled':
      return `${outcome.kind}: ${outcome.reason}`;
    case 'failed':
      return `failed: ${outcome.failure.reason}`;
  }
}

/** What to say of a change of state; undefined for the ordinary ones. */
export function stateLine(before: ClientState, after: ClientState): string | undefined {
  if (after.kind === 'offline') return `offline (${after.failure.reason}): ${after.failure.detail}`;
  if (before.kind === 'offline' && after.kind === 'ready') return 'online again';
  return undefined;
}
