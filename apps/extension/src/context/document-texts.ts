import type { OpenDocument } from '@ghostline/client';

/** What a text document says of itself, as far as its text is concerned. */
export interface VersionedDocument {
  readonly version: number;
  readonly languageId: string;
  readonly eol: number;
}

/**
 * Copies of documents as plain data, made once for each version: joining the lines of twenty files at every keystroke
 * would take longer than comparing them, and the client knows a text by being the same object.
 */
export function createDocumentTexts<Document extends VersionedDocument>(
  copy: (document: Document) => OpenDocument,
  pathOf: (document: Document) => string,
): (document: Document) => OpenDocument {
  const copies = new WeakMap<Document, { readonly of: VersionedDocument; readonly open: OpenDocument }>();
  return (document) => {
    const { version, languageId, eol } = document;
    const known = copies.get(document);
    const isSame = known?.of.version === version && known.of.languageId === languageId && known.of.eol === eol;
    // A folder that is added to the workspace changes the paths of all.
    if (isSame && known.open.path === pathOf(document)) return known.open;
    const open = copy(document);
    copies.set(document, { of: { version, languageId, eol }, open });
    return open;
  };
}
