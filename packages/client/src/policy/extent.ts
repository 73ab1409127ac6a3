import type { CompletionRequest, Trigger } from '@ghostline/protocol';
import type { CursorSyntax } from '@ghostline/syntax';
import type { ClientSettings } from '../types.ts';

/** How much of an answer is shown: the line that is being written, or all of it. */
export type Extent = 'line' | 'block';

/**
 * Tokens to read when one line is shown. What follows the line is the next suggestion once it is accepted, and costs
 * these few tokens instead of a request that reads the text after the cursor again: 1,000 tokens and more. 64 are three
 * lines of code beyond the first.
 */
const LINE_AND_AHEAD_TOKENS = 64;

export function extentAt(
  { multiline = 'auto' }: ClientSettings,
  syntax: () => Pick<CursorSyntax, 'wantsBlock'>,
): Extent {
  if (multiline !== 'auto') return multiline === 'always' ? 'block' : 'line';
  return syntax().wantsBlock ? 'block' : 'line';
}

/** How much to ask a server for, to show as much. */
export function lengthOf(
  { ahead = true }: ClientSettings,
  extent: Extent,
  trigger: Trigger,
): Pick<CompletionRequest, 'multiline' | 'max_tokens'> {
  if (extent === 'block') return { multiline: 'always' };
  if (!ahead || trigger === 'manual') return { multiline: 'never' };
  return { multiline: 'always', max_tokens: LINE_AND_AHEAD_TOKENS };
}
