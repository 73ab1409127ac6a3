import type { DocumentSnapshot, Suggestion } from '../types.ts';

/** A document as an editor shows it: `█` is the cursor. */
export function draw(drawing: string, { uri = 'file:///a.ts', path = 'a.ts', language = 'typescript' } = {}) {
  const cursor = drawing.indexOf('█');
  if (cursor < 0 || drawing.includes('█', cursor + 1)) throw new TypeError('a drawing needs one █ for the cursor');
  const text = drawing.slice(0, cursor) + drawing.slice(cursor + 1);
  return { uri, path, language, text, cursor } satisfies DocumentSnapshot;
}

/** The document after the suggestion was accepted, with the cursor drawn where editors put it. */
export function drawAccepted(document: DocumentSnapshot, { range, text }: Pick<Suggestion, 'range' | 'text'>): string {
  return `${document.text.slice(0, range.start)}${text}█${document.text.slice(range.end)}`;
}
