import { isDigitUnit, isWordUnit } from './characters.ts';

/** What a token is to the model. */
export const Kind = {
  /** Between two texts: equal to nothing. */
  boundary: 0,
  /** A name somebody chose: may be renamed. */
  word: 1,
  /** A word that some language gives its meaning. */
  keyword: 2,
  number: 3,
  punctuation: 4,
  /** A line break with what is blank after it, by how many columns the next line stands deeper or less deep. */
  lineBreak: 5,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Of the languages that are written most; a name in one may be a keyword in another, and is just not renamed then. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'abstract and as assert async await bool boolean break byte case catch char class const constexpr continue debugger ' +
    'def default del delete do double elif else end enum except export extends extern false final finally float fn for ' +
    'foreach from func function global goto if impl implements import in include inline instanceof int interface internal ' +
    'is lambda let long loop match mod module mut namespace new nil none None nonlocal not null number object of operator ' +
    'or override package pass private protected pub public raise readonly require return self short signed sizeof static ' +
    'string struct super switch template then this throw throws trait true True False try type typedef typeof undefined ' +
    'union unless unsigned until use using var virtual void volatile when where while with yield'
  ).split(' '),
);

/** Token texts as small numbers, given in the order of their first appearance. */
export interface Vocabulary {
  readonly size: number;
  idOf(text: string): number;
  /** A line break with so many blank lines (at most 2) and columns of indentation more than the line before. */
  lineBreakId(blankLines: number, columns: number): number;
  text(id: number): string;
  kind(id: number): Kind;
  /** Of line breaks only. */
  lineBreak(id: number): LineBreak;
}

export interface LineBreak {
  readonly blankLines: number;
  readonly columns: number;
}

export const BOUNDARY = 0;

export function createVocabulary(): Vocabulary {
  const ids = new Map<string, number>();
  const texts = [''];
  const kinds: Kind[] = [Kind.boundary];
  const lineBreaks = new Map<number, LineBreak>();

  function add(key: string, text: string, kind: Kind): number {
    const id = texts.length;
    ids.set(key, id);
    texts.push(text);
    kinds.push(kind);
    return id;
  }

  return {
    get size() {
      return texts.length;
    },
    idOf: (text) => ids.get(text) ?? add(text, text, kindOf(text)),
    lineBreakId(blankLines, columns) {
      // No token of text holds a line feed: the keys never meet.
      const key = `\n${blankLines} ${columns}`;
      let id = ids.get(key);
      if (id === undefined) {
        id = add(key, '\n', Kind.lineBreak);
        lineBreaks.set(id, { blankLines, columns });
      }
      return id;
    },
    text: (id) => texts[id]!,
    kind: (id) => kinds[id]!,
    lineBreak: (id) => lineBreaks.get(id)!,
  };
}

function kindOf(text: string): Kind {
  const first = text.charCodeAt(0);
  if (isDigitUnit(first)) return Kind.number;
  if (!isWordUnit(first)) return Kind.punctuation;
  return KEYWORDS.has(text) ? Kind.keyword : Kind.word;
}
