import type { NgramRequest } from '@ghostline/ngram-model';
import type { Question } from '../question.ts';

/**
 * The server's limits of 64 tokens for a line and 256 for a block, at the four characters that code has per token: where
 * the local model stands in, its answers are as long as those that come while typing.
 */
const MAX_CHARS = { line: 256, block: 1024 } as const;

/**
 * What is worth waiting for, in ms. Beside the server 30 make the answer feel immediate together with VS Code's 50 ms of
 * debounce (Nielsen's limit is 100); instead of the server nothing else will come, and 60 let a slow machine look at twice
 * as much.
 */
const DEADLINE_MS = { instant: 30, fallback: 60 } as const;

export function ngramRequest(
  { context, extent, candidates }: Pick<Question, 'context' | 'extent' | 'candidates'>,
  instant: boolean,
): NgramRequest {
  const { prefix, suffix, snippets } = context().immediate;
  const block = extent === 'block';
  return {
    prefix,
    suffix,
    snippets: snippets.map(({ text }) => text),
    maxChars: block ? MAX_CHARS.block : MAX_CHARS.line,
    candidates,
    singleLine: !block,
    deadlineMs: instant ? DEADLINE_MS.instant : DEADLINE_MS.fallback,
  };
}
