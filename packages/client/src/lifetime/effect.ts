import { autoClosed } from '@ghostline/syntax';
import type { DocumentChange } from '../types.ts';

/** A suggestion in its document, as far as it is known without the document's text. */
export interface Region {
  /** Where `text` begins. */
  readonly start: number;
  /** The cursor's line up to `start`: completion lists replace the whole word. */
  readonly before: string;
  readonly text: string;
  /** How many characters of `text` are in the document. */
  readonly typed: number;
  /** What stands after them and is replaced with the rest of `text`. */
  readonly tail: string;
}

/** What a change of the document means for a suggestion on screen. */
export type Effect =
  /** Nothing, but that the suggestion may stand elsewhere now. */
  | { readonly kind: 'none'; readonly region: Region }
  /** More or less of it is in the document; `accepted` of its characters came at once, not by typing. */
  | { readonly kind: 'along'; readonly region: Region; readonly accepted: number }
  /** All of it is. */
  | { readonly kind: 'entered'; readonly byTyping: boolean }
  /** Something else was typed in its place. */
  | { readonly kind: 'disagrees' }
  /** The text before it was deleted, or edited together with lines above. */
  | { readonly kind: 'erased' };

export function effectOf(change: DocumentChange, region: Region): Effect {
  const { start, text, typed, tail } = region;
  const { inserted } = change;
  const content = text.slice(0, typed) + tail;
  let from = change.offset - start;
  const to = from + change.deleted;
  if (from > content.length) return { kind: 'none', region };
  if (to < 0) return { kind: 'none', region: { ...region, start: start + inserted.length - change.deleted } };
  let entered = inserted;
  if (from < 0) {
    // `con` replaced by `console`: agrees as far as it repeats what stood before the suggestion.
    const repeated = region.before.slice(from);
    const alsoAbove = repeated.length < -from;
    if (alsoAbove || !inserted.startsWith(repeated)) {
      return { kind: alsoAbove || inserted === '' ? 'erased' : 'disagrees' };
    }
    entered = inserted.slice(repeated.length);
    from = 0;
  }

  const rest = content.slice(to);
  const head = content.slice(0, from) + entered;
  if (!tail.endsWith(rest)) return { kind: entered === '' ? 'erased' : 'disagrees' };
  if (entered === '') return { kind: 'along', region: { ...region, typed: head.length, tail: rest }, accepted: 0 };

  const agreed = agreement(head, text);
  if (agreed <= typed || !isAddedByEditor(head.slice(agreed))) return { kind: 'disagrees' };
  const fresh = text.slice(typed, agreed);
  const byTyping = fresh.trim().length <= 1 || isPair(entered);
  if (agreed === text.length || head + rest === text) return { kind: 'entered', byTyping };
  const typedNow = isPair(entered) ? typed + 1 : agreed;
  return {
    kind: 'along',
    region: { ...region, typed: typedNow, tail: head.slice(typedNow) + rest },
    accepted: byTyping ? 0 : fresh.length,
  };
}

function agreement(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** Closed brackets, and the indentation of the line after the cursor. */
function isAddedByEditor(text: string): boolean {
  return /^[\s)\]}"'`]*$/.test(text);
}

/** One opening key, and its other half by the editor. */
function isPair(inserted: string): boolean {
  return inserted.length === 2 && autoClosed(inserted[0]!) === inserted[1];
}
