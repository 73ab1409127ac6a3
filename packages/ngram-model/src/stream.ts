import { isOperatorUnit } from './characters.ts';
import { type LexOptions, columnsOf, indentEnd, lex, unitOf } from './lexer.ts';
import { BOUNDARY, Kind, type Vocabulary, createVocabulary } from './vocabulary.ts';

/** Where a token stands, nearest scope first: what it says counts by this, and by how far it is from the cursor. */
export const Scope = { before: 0, after: 1, firstSnippet: 2, otherSnippet: 3 } as const;
export type Scope = (typeof Scope)[keyof typeof Scope];

/**
 * All texts of a request as one sequence of tokens: the snippets, what follows the cursor, and last what stands before it, so
 * that the context of the cursor is the end of the sequence. Texts are parted by boundaries.
 */
export interface Stream {
  readonly vocabulary: Vocabulary;
  readonly ids: Int32Array;
  readonly spaces: readonly string[];
  /** For each token the first one of its line. */
  readonly lineHeads: Int32Array;
  /** For each token the columns that its line is indented, from that of its text's first line. */
  readonly columns: Int16Array;
  /** For each token the line break that ends its line, or the end of its text. */
  readonly lineEnds: Int32Array;
  /** For each token the nearest earlier one that is the same; -1 without. */
  readonly earlier: Int32Array;
  /** For each id the last token that has it; -1 without. */
  readonly last: Int32Array;
  /** For each id how often it stands in all texts. */
  readonly counts: Int32Array;
  /** How many tokens there are: the cursor's place. */
  readonly length: number;
  readonly cursor: Cursor;
  /** Ids of the tokens after the cursor. */
  readonly following: readonly number[];
  /** Brackets that are open before the cursor, less those closed after it: none when nothing is missing between. */
  readonly open: number;
  scopeOf(place: number): Scope;
  /** In tokens of the same text, from the cursor; for snippets from their start. */
  distanceOf(place: number): number;
}

/** What stands directly before the cursor. */
export interface Cursor {
  /** A word or operator that touches the cursor and may go on; not part of the stream. */
  readonly partial: string;
  /** Blanks before the cursor on a line that is not blank. */
  readonly space: string;
  /** White space at the start of the line. */
  readonly indent: string;
  readonly atLineStart: boolean;
  /** Columns of a level of indentation. */
  readonly unit: number;
  readonly usesTabs: boolean;
  readonly lineBreak: '\n' | '\r\n';
}

export interface Texts {
  readonly prefix: string;
  readonly suffix: string;
  readonly snippets: readonly string[];
}

export function readTexts({ prefix, suffix, snippets }: Texts, isLate: () => boolean): Stream {
  const vocabulary = createVocabulary();
  const unit = unitOf(prefix.length > 500 ? prefix : prefix + suffix);
  const common: Omit<LexOptions, 'unit'> = { vocabulary, commonUnit: unit, isLate };
  const lineStart = prefix.lastIndexOf('\n') + 1;
  const indentLength = Math.min(indentEnd(prefix, lineStart), prefix.length) - lineStart;
  const indent = prefix.slice(lineStart, lineStart + indentLength);
  const columns = columnsOf(prefix, lineStart, lineStart + indentLength, unit);

  // Always in full, as without its end there is no context: whoever calls bounds it. The rest is read nearest first.
  const before = lex(prefix, { ...common, unit, isLate: () => false });
  const trailing = prefix.length - before.end;
  const lastId = before.ids.at(-1);
  const touches = trailing === 0 && lastId !== undefined && mayGoOn(vocabulary, lastId);
  const partial = touches ? vocabulary.text(lastId) : '';
  if (touches) {
    before.ids.pop();
    before.spaces.pop();
  }
  const after = lex(suffix, { ...common, unit, columns });
  const others = snippets.flatMap((snippet) => (isLate() ? [] : lex(snippet, { ...common, unit: unitOf(snippet) })));

  const parts = [...others.toReversed(), after, before];
  const length = parts.reduce((sum, { ids }) => sum + ids.length + 1, 0);
  const ids = new Int32Array(length);
  const spaces: string[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const part of parts) {
    ids[at] = BOUNDARY;
    spaces.push('');
    at += 1;
    starts.push(at);
    ids.set(part.ids, at);
    for (const space of part.spaces) spaces.push(space);
    at += part.ids.length;
  }
  const beforeStart = starts.at(-1)!;
  const afterStart = starts.at(-2)!;
  const firstSnippetStart = starts.at(-3) ?? 0;

  return {
    vocabulary,
    ids,
    spaces,
    length,
    ...links(ids, vocabulary),
    following: after.ids,
    open: openBrackets(before.ids, vocabulary) - openBrackets(after.ids.toReversed(), vocabulary, true),
    cursor: {
      partial,
      space: lineStart + indentLength === prefix.length ? '' : prefix.slice(prefix.length - trailing),
      indent,
      atLineStart: lineStart + indentLength === prefix.length,
      unit,
      usesTabs: indent === '' ? usesTabs([prefix, suffix, ...snippets]) : indent.startsWith('\t'),
      lineBreak: lineBreakAround(prefix, suffix),
    },
    scopeOf(place) {
      if (place >= beforeStart) return Scope.before;
      if (place >= afterStart) return Scope.after;
      return place >= firstSnippetStart ? Scope.firstSnippet : Scope.otherSnippet;
    },
    distanceOf(place) {
      if (place >= beforeStart) return length - place;
      if (place >= afterStart) return place - afterStart;
      return place >= firstSnippetStart ? place - firstSnippetStart : place;
    },
  };
}

/** As the first text does that has an indented line. */
function usesTabs(texts: readonly string[]): boolean {
  for (const text of texts) {
    const indented = /^[ \t]/m.exec(text);
    if (indented) return indented[0] === '\t';
  }
  return false;
}

/** The one nearest to the cursor: some files have both. */
function lineBreakAround(prefix: string, suffix: string): '\n' | '\r\n' {
  const before = prefix.lastIndexOf('\n');
  if (before >= 0) return prefix[before - 1] === '\r' ? '\r\n' : '\n';
  return suffix[suffix.indexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
}

/** A bracket or a quote is whole; a word or an operator may be the beginning of a longer one. */
function mayGoOn(vocabulary: Vocabulary, id: number): boolean {
  const kind = vocabulary.kind(id);
  return (
    kind === Kind.word ||
    kind === Kind.keyword ||
    kind === Kind.number ||
    isOperatorUnit(vocabulary.text(id).charCodeAt(0))
  );
}

function links(
  ids: Int32Array,
  vocabulary: Vocabulary,
): Pick<Stream, 'lineHeads' | 'lineEnds' | 'columns' | 'earlier' | 'last' | 'counts'> {
  const lineHeads = new Int32Array(ids.length);
  const lineEnds = new Int32Array(ids.length);
  const earlier = new Int32Array(ids.length);
  const columns = new Int16Array(ids.length);
  const last = new Int32Array(vocabulary.size).fill(-1);
  const counts = new Int32Array(vocabulary.size);
  let head = 0;
  let indent = 0;
  for (let at = 0; at < ids.length; at += 1) {
    const id = ids[at]!;
    lineHeads[at] = head;
    earlier[at] = last[id]!;
    last[id] = at;
    counts[id]! += 1;
    columns[at] = indent;
    if (id === BOUNDARY) indent = 0;
    else if (vocabulary.kind(id) === Kind.lineBreak) indent += vocabulary.lineBreak(id).columns;
    else continue;
    head = at + 1;
  }
  let end = ids.length;
  for (let at = ids.length - 1; at >= 0; at -= 1) {
    if (ids[at] === BOUNDARY || vocabulary.kind(ids[at]!) === Kind.lineBreak) end = at;
    lineEnds[at] = end;
  }
  return { lineHeads, lineEnds, columns, earlier, last, counts };
}

/** Brackets that are opened and not closed; those of a text read backwards are closed and not opened. */
function openBrackets(ids: readonly number[], vocabulary: Vocabulary, isBackwards = false): number {
  const [openers, closers] = isBackwards ? [')]}', '([{'] : ['([{', ')]}'];
  let depth = 0;
  for (const id of ids) {
    if (vocabulary.kind(id) !== Kind.punctuation) continue;
    const text = vocabulary.text(id);
    if (openers.includes(text)) depth += 1;
    // What closes nothing was opened before the text begins.
    else if (closers.includes(text) && depth > 0) depth -= 1;
  }
  return depth;
}
