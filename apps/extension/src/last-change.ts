/** What the last change of each document was, where it was another than typing. */
export interface LastChanges<Document extends object> {
  changed(document: Document, how: 'undo' | 'redo' | undefined): void;
  of(document: Document): 'undo' | 'redo' | undefined;
}

export function createLastChanges<Document extends object>(): LastChanges<Document> {
  const undone = new WeakMap<Document, 'undo' | 'redo'>();
  return {
    changed(document, how) {
      if (how) undone.set(document, how);
      else undone.delete(document);
    },
    of: (document) => undone.get(document),
  };
}
