/** How long an answer takes, beside one pass of the lexer over the same text: the least that any model of tokens must do. */
import { completeFromContext } from '@ghostline/ngram-model';
import { createVocabulary, lex } from '@ghostline/ngram-model/training';
import { median, percentile } from '../load.ts';
import type { Position } from './positions.ts';

export interface Timing {
  readonly kilobytes: number;
  readonly positions: number;
  /** Milliseconds; medians over the positions. */
  readonly lexing: number;
  readonly answering: number;
  readonly answeringP95: number;
  readonly ratio: number;
}

/** Positions with about that much text around them; those that have less are left out. */
export function timeAt(positions: readonly Position[], kilobytes: number): Timing {
  const size = kilobytes * 1024;
  const sized = positions.flatMap((position) => withSize(position, size)).slice(0, 150);
  const lexing: number[] = [];
  const answering: number[] = [];
  for (const round of [0, 1, 2]) {
    for (const position of sized) {
      const request = { ...position, maxChars: 400, candidates: 1, singleLine: false, deadlineMs: 10_000 };
      const start = performance.now();
      lexAll(position);
      const between = performance.now();
      completeFromContext(request);
      const end = performance.now();
      // The first round warms up.
      if (round === 0) continue;
      lexing.push(between - start);
      answering.push(end - between);
    }
  }
  const answer = median(answering);
  return {
    kilobytes,
    positions: sized.length,
    lexing: median(lexing),
    answering: answer,
    answeringP95: percentile(answering, 0.95),
    ratio: answer / median(lexing),
  };
}

function lexAll({ prefix, suffix, snippets }: Position): void {
  const vocabulary = createVocabulary();
  for (const text of [prefix, suffix, ...snippets])
    lex(text, { vocabulary, unit: 2, commonUnit: 2, isLate: () => false });
}

/** Half before the cursor, a quarter after it, the rest in snippets, as far as there is so much. */
function withSize(position: Position, size: number): readonly Position[] {
  const prefix = position.prefix.slice(-size / 2);
  const suffix = position.suffix.slice(0, size / 4);
  let left = size - prefix.length - suffix.length;
  const snippets: string[] = [];
  for (const snippet of position.snippets) {
    snippets.push(snippet.slice(0, left));
    left -= snippets.at(-1)!.length;
  }
  return left > size / 10 ? [] : [{ ...position, prefix, suffix, snippets }];
}
