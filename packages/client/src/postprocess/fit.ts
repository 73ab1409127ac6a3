import { type Draft, type Filter, firstLines, isEmpty } from './draft.ts';
import { blankLines } from './filters/blank-lines.ts';
import { blockEnd } from './filters/block-end.ts';
import { brackets } from './filters/brackets.ts';
import { enclosingText } from './filters/enclosing-text.ts';
import { extent } from './filters/extent.ts';
import { fences } from './filters/fences.ts';
import { followingLines } from './filters/following-lines.ts';
import { indentation } from './filters/indentation.ts';
import { modelTokens } from './filters/model-tokens.ts';
import { redactions } from './filters/redactions.ts';
import { repetition } from './filters/repetition.ts';
import { restOfLine } from './filters/rest-of-line.ts';
import { whiteSpace } from './filters/white-space.ts';
import { placeOf } from './place.ts';
import type { Surroundings } from './surroundings.ts';

/** What a filter took away, in characters. */
export interface Filtered {
  readonly name: string;
  readonly removedChars: number;
}

export type Fitted =
  | {
      readonly kind: 'fits';
      readonly text: string;
      /** How many characters after the cursor, all on its line, the text types again and so replaces. */
      readonly covers: number;
      readonly filters: readonly Filtered[];
    }
  | {
      readonly kind: 'nothing';
      /** The filter that left nothing; `empty` when there was nothing. */
      readonly by: string;
      readonly filters: readonly Filtered[];
    };

/** In this order: what is wrong with the text as such, then what is wrong with it in this document. */
export const FILTERS: readonly Filter[] = [
  modelTokens,
  fences,
  redactions,
  blankLines,
  indentation,
  repetition,
  extent,
  enclosingText,
  whiteSpace,
  blockEnd,
  followingLines,
  brackets,
  restOfLine,
];

/** What one filter cuts may be what another would have looked at: after three rounds nothing changes any more. */
const ROUNDS = 3;

/**
 * A raw completion made to fit the document as it is. `goesOn`: more lines than `raw` are known to follow; then the result
 * is the beginning of what all of it will come to, so that text on screen only ever grows. `around` may be kept and given
 * again: what is found out about the place is remembered with it.
 */
export function fitCompletion(raw: string, around: Surroundings, { goesOn }: { readonly goesOn: boolean }): Fitted {
  let results = remembered.get(around);
  if (!results) remembered.set(around, (results = new Map()));
  const key = `${goesOn ? '…' : '.'}${raw}`;
  let fitted = results.get(key);
  if (!fitted) {
    results.set(key, (fitted = fit(raw, around, goesOn)));
    if (results.size > REMEMBERED) results.delete(results.keys().next().value!);
  }
  return fitted;
}

/** The same texts are fitted again at every keystroke along with them: as many as there are candidates. */
const REMEMBERED = 5;
const remembered = new WeakMap<Surroundings, Map<string, Fitted>>();

function fit(raw: string, around: Surroundings, goesOn: boolean): Fitted {
  const place = placeOf(around);
  const removed = new Map<string, number>();
  const report = () => [...removed].map(([name, removedChars]) => ({ name, removedChars }));
  let draft = draftOf(raw, goesOn);
  if (isEmpty(draft)) return { kind: 'nothing', by: 'empty', filters: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const before = draft;
    for (const filter of FILTERS) {
      const next = filter.apply(draft, place);
      if (next.lines !== draft.lines) {
        const chars = charsOf(draft.lines) - charsOf(next.lines);
        if (!isEqual(draft.lines, next.lines)) {
          removed.set(filter.name, (removed.get(filter.name) ?? 0) + Math.max(0, chars));
        }
      }
      if (isEmpty(next)) return { kind: 'nothing', by: filter.name, filters: report() };
      draft = next;
    }
    if (isEqual(before.lines, draft.lines) && before.goesOn === draft.goesOn) break;
  }
  return { kind: 'fits', text: draft.lines.join(around.eol), covers: draft.covers, filters: report() };
}

/** Without the blank lines at its end: whether they part something is known when something follows. */
export function draftOf(raw: string, goesOn: boolean): Draft {
  const lines = raw.split(/\r\n?|\n/);
  return { lines: firstLines(lines, lines.length), goesOn, spans: false, covers: 0 };
}

/** Line breaks count as one. */
function charsOf(lines: readonly string[]): number {
  return lines.reduce((total, line) => total + line.length + 1, -1);
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((line, i) => line === b[i]));
}
