import type { DocumentChange } from '../types.ts';

/** Part of a document: `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a text that went into a document may stand by now, as far as the changes since tell. */
export interface Place {
  readonly range: Span;
  /** False when the range is an estimate: it was replaced together with what was around it. */
  readonly certain: boolean;
  /**
   * What came into the document since, in order and apart: a text that has moved stands in there, and one that stood in the
   * document before is another. `unknown` when changes were missed.
   */
  readonly fresh: readonly Span[] | 'unknown';
}

/** Enough for minutes of editing all over a file; beyond, what is between two close ones counts as fresh, too. */
const MAX_FRESH = 64;

/** The place after a change of its document. */
export function afterChange({ range, certain, fresh }: Place, change: DocumentChange): Place {
  const moved = move(range, change);
  return {
    range: moved.range,
    certain: certain && moved.certain,
    fresh: fresh === 'unknown' ? fresh : freshAfter(fresh, change),
  };
}

/** The place, knowing that what came in there is no text that has moved: it was accepted by itself. */
export function without(place: Place, { start, end }: Span): Place {
  if (place.fresh === 'unknown') return place;
  const fresh = place.fresh.flatMap((span) => [
    ...spanOf(span.start, Math.min(span.end, start)),
    ...spanOf(Math.max(span.start, end), span.end),
  ]);
  return { ...place, fresh };
}

function move({ start, end }: Span, { offset, deleted, inserted }: DocumentChange): { range: Span; certain: boolean } {
  const stop = offset + deleted;
  const shift = inserted.length - deleted;
  if (stop <= start) return at(start + shift, end + shift);
  if (offset >= end) return at(start, end);
  if (offset >= start && stop <= end) return at(start, end + shift);
  if (offset <= start && stop >= end) {
    if (inserted === '') return at(offset, offset);
    const scale = inserted.length / deleted;
    const estimate = (place: number) => offset + Math.round((place - offset) * scale);
    return { range: { start: estimate(start), end: estimate(end) }, certain: false };
  }
  return offset < start ? at(offset + inserted.length, end + shift) : at(start, offset);
}

function at(start: number, end: number): { range: Span; certain: true } {
  return { range: { start, end }, certain: true };
}

function freshAfter(fresh: readonly Span[], { offset, deleted, inserted }: DocumentChange): readonly Span[] {
  const stop = offset + deleted;
  const shift = inserted.length - deleted;
  const before = fresh.flatMap(({ start, end }) => spanOf(start, Math.min(end, offset)));
  const after = fresh.flatMap(({ start, end }) => spanOf(Math.max(start, stop) + shift, end + shift));
  return bounded(joined([...before, ...spanOf(offset, offset + inserted.length), ...after]));
}

/** Spans in order that touch or overlap, as one. */
export function joined(spans: readonly Span[]): Span[] {
  const apart: Span[] = [];
  for (const span of spans) {
    const last = apart.at(-1);
    if (last && span.start <= last.end) apart.splice(-1, 1, { start: last.start, end: Math.max(last.end, span.end) });
    else apart.push(span);
  }
  return apart;
}

function bounded(spans: Span[]): Span[] {
  while (spans.length > MAX_FRESH) {
    let closest = 1;
    const gap = (index: number) => spans[index]!.start - spans[index - 1]!.end;
    for (let index = 2; index < spans.length; index++) if (gap(index) < gap(closest)) closest = index;
    spans.splice(closest - 1, 2, { start: spans[closest - 1]!.start, end: spans[closest]!.end });
  }
  return spans;
}

/** One span, or none when it is empty. */
export function spanOf(start: number, end: number): Span[] {
  return start < end ? [{ start, end }] : [];
}
