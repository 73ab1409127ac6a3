/** A cell, as far as its neighbours are concerned. */
export interface Cell<Document> {
  readonly document: Document;
  readonly language: string;
}

/**
 * The cells that say most about this one, most telling first: those before it have run as a rule, nearest first; then
 * those after it. Only in its language; `limit` at most.
 */
export function neighboursOf<Document>(
  cells: readonly Cell<Document>[],
  document: Document,
  limit: number,
): Document[] {
  const at = cells.findIndex((cell) => cell.document === document);
  if (at < 0) return [];
  const inLanguage = ({ language }: Cell<Document>) => language === cells[at]!.language;
  return [...cells.slice(0, at).toReversed(), ...cells.slice(at + 1)]
    .filter(inLanguage)
    .slice(0, limit)
    .map((cell) => cell.document);
}
