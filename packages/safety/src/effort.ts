import type { SecretRule } from './secret-rule.ts';

/**
 * Characters that rules may read of a line for each one it has: a text with a beginning of a token at every fourth has each
 * of them read hundreds of times. Code stays below 1, and a list of tokens is at 2.
 */
const PER_CHARACTER = 8;
/** A shorter line may have as much read as one of this length: a few tokens that are none fit. */
const SHORT_LINE = 128;
/** What a part of a rule without an end counts as; the longest that others have, as a rule. */
const ENDLESS = 512;

/** How much of each line rules have read. Places come in order. */
export interface Effort {
  /** Says that a rule reads on from `at`. False: enough was read of this line already. */
  spend(at: number, reach: number): boolean;
  /** What of the line that was read too often may hold a token, once; undefined when that was said before. */
  undecided(): { readonly start: number; readonly end: number } | undefined;
}

export function createEffort(text: string): Effort {
  let first = 0;
  let lineEnd = -1;
  let left = 0;
  let runEnd = 0;
  let said = false;
  return {
    spend(at, reach) {
      if (at > lineEnd) {
        const lineStart = text.lastIndexOf('\n', at - 1) + 1;
        lineEnd = text.indexOf('\n', at);
        if (lineEnd < 0) lineEnd = text.length;
        left = PER_CHARACTER * Math.max(SHORT_LINE, lineEnd - lineStart);
        first = at;
        said = false;
      }
      if (at >= runEnd) for (runEnd = at; isTokenCharacter(text.charCodeAt(runEnd)); runEnd++);
      left -= Math.min(reach, runEnd - at);
      return left >= 0;
    },
    undecided() {
      if (said) return undefined;
      said = true;
      return { start: first, end: text[lineEnd - 1] === '\r' ? lineEnd - 1 : lineEnd };
    },
  };
}

/** How many characters a rule may read, about: the most of each of its parts. */
export function reachOf({ source }: Pick<SecretRule, 'source'>): number {
  let reach = 0;
  for (const [, least, comma, most] of source.matchAll(/\{(\d+)(,?)(\d*)\}/g)) {
    reach += comma === '' ? Number(least) : most === '' ? ENDLESS : Number(most);
  }
  return reach;
}

/** Letters, digits and `_-./+=`: a rule that reads anything else stops at a character that tokens have once. */
function isTokenCharacter(code: number): boolean {
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return true;
  return (code >= 0x2d && code <= 0x39) || code === 0x2b || code === 0x3d || code === 0x5f;
}
