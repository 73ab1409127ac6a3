import type { ClientState, Outcome } from '@ghostline/client';

/** One line about a keystroke: reasons and numbers, no code. */
export function outcomeLine(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'suggested': {
      const [first] = outcome.suggestions;
      const source =
        first.source === 'local' ? 'the local model' : `${first.source}, ${first.model} in ${first.region}`;
      return `suggested ${outcome.suggestions.length} (${first.text.length} chars) from ${source}, after ${Math.round(first.latencyMs)} ms`;
    }
    case 'empty':
    case 'cancelled':
      return `${outcome.kind}: ${outcome.reason}`;
    case 'failed':
      return `failed: ${outcome.failure.reason}`;
  }
}

export interface StateLog {
  /** The line about this state; undefined where it is the ordinary one, or the one of the line before. */
  next(state: ClientState): string | undefined;
}

/** Waiting for an answer is no news, and says nothing about how things stand. */
export function createStateLog(): StateLog {
  let last: string | undefined;
  return {
    next(state) {
      if (state.kind === 'thinking') return undefined;
      const before = last;
      last = troubleLine(state);
      if (last === before) return undefined;
      return last ?? 'suggestions come from the server again';
    },
  };
}

function troubleLine(state: Exclude<ClientState, { kind: 'thinking' }>): string | undefined {
  switch (state.kind) {
    case 'ready':
      return undefined;
    case 'offline':
      return `offline (${state.failure.reason}): ${state.failure.detail}`;
    case 'local':
      return state.failure
        ? `local suggestions (${state.failure.reason}): ${state.failure.detail}`
        : 'local suggestions: the server asks for them';
  }
}
