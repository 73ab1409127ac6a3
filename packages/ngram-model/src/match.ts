import { BOUNDARY, Kind, type Vocabulary } from './vocabulary.ts';

/** Beyond some three lines of agreement more of it changes nothing. */
export const LONGEST_MATCH = 48;
/** A block with more names exchanged than this is another block. */
const MOST_RENAMES = 4;

/**
 * How the tokens before a place agree with those before the cursor: first token by token, then, further back, up to names
 * and numbers that are exchanged consistently (a parameterized match: B. S. Baker, A Theory of Parameterized Pattern
 * Matching, 1993). One object is used for one walk after the other.
 */
export interface Match {
  /** Tokens that agree as they are, counted back from the place. */
  exact: number;
  /** Tokens further back that agree up to renaming. */
  extra: number;
  /** Names exchanged, and line breaks that differ in their indentation. */
  renames: number;
  /** The pairs: `from[i]` at the place is `to[i]` at the cursor; as many as `pairs`. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  pairs: number;
}

export function createMatch(): Match {
  return {
    exact: 0,
    extra: 0,
    renames: 0,
    from: new Int32Array(MOST_RENAMES),
    to: new Int32Array(MOST_RENAMES),
    pairs: 0,
  };
}

/** Fills `match` for the tokens of `ids` before `place` and the last `size` tokens of `context`. */
export function matchAt(
  match: Match,
  ids: Int32Array,
  place: number,
  context: Int32Array,
  size: number,
  vocabulary: Vocabulary,
): void {
  const most = Math.min(LONGEST_MATCH, size, place);
  let back = 1;
  while (back <= most && ids[place - back] === context[size - back] && ids[place - back] !== BOUNDARY) back += 1;
  match.exact = back - 1;
  match.pairs = 0;
  let shifted = 0;
  for (; back <= most; back += 1) {
    const here = ids[place - back]!;
    const there = context[size - back]!;
    const kind = vocabulary.kind(here);
    if (kind === Kind.boundary) break;
    if (kind === Kind.word || kind === Kind.number) {
      const agreed = agreedPair(match, here, there);
      if (agreed === false) break;
      if (agreed === true) continue;
      if (vocabulary.kind(there) !== kind || match.pairs === MOST_RENAMES) break;
      if (stands(here, ids, place, back) || stands(there, context, size, back)) break;
      match.from[match.pairs] = here;
      match.to[match.pairs] = there;
      match.pairs += 1;
    } else if (here !== there) {
      if (kind !== Kind.lineBreak || vocabulary.kind(there) !== Kind.lineBreak) break;
      shifted += 1;
    }
  }
  match.extra = back - 1 - match.exact;
  match.renames = match.pairs + shifted;
}

/** Whether the pair fits those seen; undefined when neither of the two was renamed and they differ. */
function agreedPair({ from, to, pairs }: Match, here: number, there: number): boolean | undefined {
  for (let at = 0; at < pairs; at += 1)
    if (from[at] === here || to[at] === there) return from[at] === here && to[at] === there;
  return here === there ? true : undefined;
}

/** Whether it was seen already in the last `back - 1` tokens, and so agreed with itself. */
function stands(id: number, tokens: Int32Array, end: number, back: number): boolean {
  for (let at = end - back + 1; at < end; at += 1) if (tokens[at] === id) return true;
  return false;
}
