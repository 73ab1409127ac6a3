import { createStreamGuard, hasInvisible, withoutInvisible } from '@ghostline/safety';
import type { PatternMatcher } from '@ghostline/safety/patterns';
import type { OnDecision } from './safe-request.ts';

/** What of an answer may be shown. */
export type FilterVerdict =
  | { readonly kind: 'clean'; readonly text: string }
  /** `text` is the last that may be shown; the answer ends before what is not wanted. */
  | { readonly kind: 'cut'; readonly text: string };

export interface AnswerFilter {
  feed(text: string): FilterVerdict;
  /** What was held back: no more is coming. */
  end(): FilterVerdict;
}

export interface AnswerFilterOptions {
  /** The text that the answer stands between. */
  readonly prefix: string;
  readonly suffix: string;
  readonly blocked: PatternMatcher | undefined;
  readonly onDecision: OnDecision;
}

/**
 * Model text → without what is not seen → up to a secret → up to a blocked pattern. Holds back only what may still become one
 * of them, and shows nothing of what has.
 */
export function createAnswerFilter({ prefix, suffix, blocked, onDecision }: AnswerFilterOptions): AnswerFilter {
  const guard = createStreamGuard(prefix, suffix);
  const patterns = blocked?.stream(prefix);
  let half = '';
  let cleaned = false;
  let latest = prefix.slice(-1);
  /** What the patterns have taken but not let go. */
  let held = '';

  function visible(text: string): string {
    let complete = half === '' ? text : half + text;
    half = '';
    if (endsWithHalf(complete)) {
      half = complete.slice(-1);
      complete = complete.slice(0, -1);
    }
    const before = latest;
    if (complete !== '') latest = complete.slice(-1);
    if (!hasInvisible(complete)) return complete;
    // Whether a joiner belongs there depends on what it stands behind, which may have come with another packet.
    const seen = withoutInvisible(before + complete).slice(withoutInvisible(before).length);
    // Once an answer.
    if (seen !== complete && !cleaned) onDecision({ action: 'cleaned', reason: 'invisible' });
    cleaned ||= seen !== complete;
    return seen;
  }

  function allowed(text: string, ended: boolean): FilterVerdict {
    if (!patterns) return { kind: 'clean', text };
    held += text;
    let verdict = text === '' ? undefined : patterns.feed(text);
    if (ended && verdict?.kind !== 'match') verdict = patterns.end();
    if (!verdict) return { kind: 'clean', text: '' };
    if (verdict.kind === 'match') {
      onDecision({ action: 'filtered', reason: `pattern:${verdict.name}` });
      return { kind: 'cut', text: wholeLines(held.slice(0, Math.max(0, held.length - verdict.ago))) };
    }
    const open = Math.min(verdict.open, held.length);
    const shown = held.slice(0, held.length - open);
    held = held.slice(held.length - open);
    return { kind: 'clean', text: shown };
  }

  function through(text: string, ended: boolean): FilterVerdict {
    const verdict = guard.feed(text);
    if (verdict.kind === 'clean' && !ended) return allowed(verdict.text, false);
    const last = verdict.kind === 'clean' ? guard.end() : verdict;
    const before = verdict.kind === 'clean' ? verdict.text + last.text : last.text;
    const rest = allowed(before, true);
    if (rest.kind === 'cut' || last.kind === 'clean') return rest;
    onDecision({ action: 'filtered', reason: last.family });
    return { kind: 'cut', text: rest.text };
  }

  return {
    feed: (text) => through(visible(text), false),
    end() {
      const last = half;
      half = '';
      return through(last, true);
    },
  };
}

/** A tag or a selector is a pair of units; the first half waits for the second. */
function endsWithHalf(text: string): boolean {
  return (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800;
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
