import { isDigitUnit } from './characters.ts';
import type { Match } from './match.ts';
import { Kind, type Vocabulary } from './vocabulary.ts';

/** How the token that stands at a place becomes the one for the cursor. */
export const Translation = {
  /** The place agrees without any renaming. */
  none: 0,
  /** Nothing that could be renamed. */
  fixed: 1,
  /** Stands unchanged in what agrees. */
  same: 2,
  renamed: 3,
  /** Renamed in a part, as `setWidth` when `width` became `height`; or counted on. */
  derived: 4,
  /** A name that what agrees says nothing about. */
  unknown: 5,
} as const;
export type Translation = (typeof Translation)[keyof typeof Translation];

export interface Translated {
  readonly id: number;
  readonly how: Translation;
}

/** The token at `place` under the renaming of `match`, which was made for that place. */
export function translate(match: Match, ids: Int32Array, place: number, vocabulary: Vocabulary): Translated {
  const id = ids[place]!;
  if (match.renames === 0) return { id, how: Translation.none };
  const kind = vocabulary.kind(id);
  if (kind !== Kind.word && kind !== Kind.number) return { id, how: Translation.fixed };
  for (let at = 0; at < match.pairs; at += 1)
    if (match.from[at] === id) return { id: match.to[at]!, how: Translation.renamed };
  for (let back = 1; back <= match.exact + match.extra; back += 1)
    if (ids[place - back] === id) return { id, how: Translation.same };
  const text = vocabulary.text(id);
  for (let at = 0; at < match.pairs; at += 1) {
    const derived = derive(text, vocabulary.text(match.from[at]!), vocabulary.text(match.to[at]!));
    if (derived !== undefined) return { id: vocabulary.idOf(derived), how: Translation.derived };
  }
  return { id, how: Translation.unknown };
}

/** `text` with what distinguishes `from` replaced by what distinguishes `to`, in its own case; undefined without it. */
export function derive(text: string, from: string, to: string): string | undefined {
  if (isInteger(from) && isInteger(to)) {
    if (!isInteger(text)) return undefined;
    const next = Number(text) + Number(to) - Number(from);
    // `03` after `01` and `02` is followed by `04`.
    return next < 0 ? undefined : String(next).padStart(text.startsWith('0') ? text.length : 0, '0');
  }
  const parts = from.match(PARTS);
  const others = to.match(PARTS);
  if (!parts || !others) return undefined;
  let start = 0;
  while (start < parts.length - 1 && start < others.length - 1 && parts[start] === others[start]) start += 1;
  let end = 0;
  while (
    end < parts.length - start - 1 &&
    end < others.length - start - 1 &&
    parts.at(-1 - end) === others.at(-1 - end)
  )
    end += 1;
  const old = parts.slice(start, parts.length - end);
  const fresh = others.slice(start, others.length - end);
  // What keeps the old and adds to it would be added again at the next place, and so on.
  return contains(fresh, old) ? undefined : replaceParts(text, old, fresh);
}

function contains(parts: readonly string[], others: readonly string[]): boolean {
  return `_${parts.join('_')}_`.toLowerCase().includes(`_${others.join('_')}_`.toLowerCase());
}

/** The parts of a name, as `parse`, `HTTP`, `Server`, `2` of `parseHTTPServer2`; separators stand alone. */
const PARTS = /[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|[_$]+/gu;

function replaceParts(text: string, old: readonly string[], fresh: readonly string[]): string | undefined {
  const parts = text.match(PARTS);
  if (!parts || parts.join('') !== text) return undefined;
  const lowerOld = old.map((part) => part.toLowerCase());
  for (let at = 0; at + old.length <= parts.length; at += 1) {
    if (!lowerOld.every((part, index) => parts[at + index]!.toLowerCase() === part)) continue;
    const model = parts[at]!;
    const inCase = fresh.map((part, index) => (index > 0 && !isUpper(model) ? part : likeCase(part, model)));
    return [...parts.slice(0, at), ...inCase, ...parts.slice(at + old.length)].join('');
  }
  return undefined;
}

/** `part` in the case of `model`: `WIDTH`, `Width` or `width`. */
function likeCase(part: string, model: string): string {
  if (isUpper(model)) return part.toUpperCase();
  const rest = isUpper(part) ? part.slice(1).toLowerCase() : part.slice(1);
  return (model[0] === model[0]!.toLowerCase() ? part[0]!.toLowerCase() : part[0]!.toUpperCase()) + rest;
}

function isUpper(part: string): boolean {
  return part.length > 1 && part === part.toUpperCase() && part !== part.toLowerCase();
}

function isInteger(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (!isDigitUnit(text.charCodeAt(at))) return false;
  return text.length > 0 && text.length < 10;
}
