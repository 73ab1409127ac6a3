import { once } from '../once.ts';
import { splitLines } from '../text/lines.ts';
import type { OpenDocument } from '../types.ts';
import { declarationsIn } from './declarations.ts';
import type { NumberedLines } from './similar-windows.ts';
import { type Vocabulary, createVocabulary, identifiersOf } from './vocabulary.ts';

/** An open document with what is worth knowing of it as long as its text stands. */
export interface IndexedDocument extends OpenDocument {
  readonly lines: readonly string[];
  /** The same lines without secrets; found in the whole text, so that none hides at the edge of a part. */
  readonly safeLines: readonly string[];
  readonly numbered: NumberedLines;
  /** Whether it is text that a person reads or writes. */
  readonly isText: boolean;
  /** The line on which each name is declared first. */
  readonly declarations: () => ReadonlyMap<string, number>;
}

export interface DocumentIndex {
  readonly vocabulary: Vocabulary;
  /** The same objects as before for documents whose text is the same; those not among `documents` are forgotten. */
  update(documents: readonly OpenDocument[], redact: (text: string) => string): readonly IndexedDocument[];
}

/** A `NUL` is in no text, and early in most other files; git looks at the first 8,000 bytes, too. */
const SNIFFED_UNITS = 8000;

export function createDocumentIndex(): DocumentIndex {
  const vocabulary = createVocabulary();
  let known = new Map<string, IndexedDocument>();
  let edition = vocabulary.edition;

  return {
    vocabulary,
    update(documents, redact) {
      vocabulary.tidy();
      if (edition !== vocabulary.edition) known = new Map();
      edition = vocabulary.edition;
      const seen = new Map<string, IndexedDocument>();
      const indexed = documents.map((document) => {
        const before = known.get(document.uri);
        const same =
          before?.text === document.text && before.path === document.path && before.language === document.language;
        const now = same ? before : indexOf(document, redact, vocabulary);
        seen.set(document.uri, now);
        return now;
      });
      known = seen;
      return indexed;
    },
  };
}

function indexOf(document: OpenDocument, redact: (text: string) => string, vocabulary: Vocabulary): IndexedDocument {
  const { uri, path, language, text } = document;
  const isText = !text.slice(0, SNIFFED_UNITS).includes('\0');
  const lines = isText ? splitLines(text) : [];
  const safe = redact(text);
  return {
    uri,
    path,
    language,
    text,
    lines,
    safeLines: safe === text || !isText ? lines : splitLines(safe),
    numbered: numbered(lines, vocabulary),
    isText,
    declarations: once(() => declarationsIn(lines)),
  };
}

function numbered(lines: readonly string[], vocabulary: Vocabulary): NumberedLines {
  const words: number[] = [];
  const starts = new Int32Array(lines.length + 1);
  for (const [index, line] of lines.entries()) {
    for (const word of identifiersOf(line)) words.push(vocabulary.idOf(word));
    starts[index + 1] = words.length;
  }
  return { words: Int32Array.from(words), starts };
}
