import type { Language } from '../languages.ts';
import { type Lexed, indentAt } from './lex.ts';
import { lineStartAt } from './text.ts';
import type { Opened } from './types.ts';

/** Longer statements are data: nothing is concluded from them, which also bounds the patterns run on one. */
const MAX_STATEMENT = 1000;

/** What stands before a brace that holds statements or declarations, after the statement's own words are looked at. */
const BODY_FOLLOWS =
  /(?:\)|=>|->|\belse|\btry|\bfinally|\bdo|\bunsafe|\basync|\bmove|\bloop|\bget|\bset|\binit|\bdefer|\bgo|\bstatic|\bbegin|\bprocess|\bend|[|])$|\)\s*(?:(?:const|override|noexcept|final|mutable)\s*)+$|\)\s*(?::|->|throws\b|where\b)[^={}]*$/;

/** A statement whose brace is its body, whatever stands in between. */
const BODY_WORD =
  /^(?:(?:export|default|declare|abstract|public|private|protected|internal|static|final|sealed|partial|async|unsafe|extern|pub(?:\([^)]*\))?|inline|virtual|override|open|data|readonly|const)\s+)*(?:class|interface|enum|struct|union|trait|impl|namespace|module|mod|fn|func|fun|function|type\s+\w+\s+(?:struct|interface)|object|record|extension|protocol|package|@\w+)\b(?![^{]*(?<![=!<>])=(?![=>])[^{]*$)/;

/** A condition may hold an assignment. */
const CONTROL_WORD =
  /^(?:\}\s*)?(?:else\s+)?(?:switch|select|match|while|for|foreach|if|elseif|elsif|catch|synchronized|using|lock|filter|until|unless|guard|when|trap)\b/;

/** Languages in which a call may end in a block. */
const TRAILING_BLOCKS = new Set(['kotlin', 'swift', 'groovy', 'ruby', 'perl', 'powershell', 'terraform', 'scala']);

const VOID_ELEMENT = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;
const OPENING_TAG = /(?:^|[^\w$)\]])<([A-Za-z][\w.:-]*)(?:\s(?:[^<>]|=>)*)?>$/;
const END_OF_OPENING_TAG = /^\s*>$/;

/** What the code of `lexed`, right before the cursor but for blanks and comments, opens and leaves open. */
export function openedBefore(text: string, lexed: Lexed, language: Language): Opened | undefined {
  const { codeEnd, open, anchor } = lexed;
  if (codeEnd === 0 || codeEnd - anchor > MAX_STATEMENT) return undefined;
  const statement = text.slice(anchor, codeEnd);
  const indent = indentAt(text, anchor);

  const bracket = open.at(-1);
  if (bracket?.offset === codeEnd - 1 - parametersAtEnd(statement, language)) {
    const kind = bracket.char === '{' ? kindOfBrace(text.slice(anchor, bracket.offset), language) : 'list';
    return { kind, indent, closers: [closerOf(bracket.char, language)], empty: undefined };
  }
  if (language.elements !== undefined) {
    const line = text.slice(lineStartAt(text, codeEnd), codeEnd);
    const tag = OPENING_TAG.exec(line)?.[1];
    if ((tag !== undefined && !VOID_ELEMENT.test(tag)) || END_OF_OPENING_TAG.test(line))
      return { kind: 'element', indent: indentAt(text, lineStartAt(text, codeEnd)), closers: ['</'], empty: undefined };
  }
  const listed = bracket !== undefined && bracket.offset >= anchor && bracket.char !== '{';
  if (!listed && language.blockOpener?.test(statement))
    return { kind: 'body', indent, closers: language.blockClosers, empty: undefined };
  return undefined;
}

/** The length of a block's parameters, between bars, which belong to what opens it. */
function parametersAtEnd(statement: string, { id }: Language): number {
  return id === 'ruby' ? (/\{(\s*\|[^|]*\|)$/.exec(statement)?.[1]?.length ?? 0) : 0;
}

/** Whether a brace holds statements or declarations, by the `statement` before it. */
function kindOfBrace(statement: string, language: Language): 'body' | 'list' {
  const before = statement.trim();
  if (before === '' || language.bracesAreBodies || bodyFollows(before)) return 'body';
  return TRAILING_BLOCKS.has(language.id) && /[\w)"]$/.test(before) ? 'body' : 'list';
}

function bodyFollows(before: string): boolean {
  return BODY_FOLLOWS.test(before) || BODY_WORD.test(before) || CONTROL_WORD.test(before);
}

/** Whether what stands within `bracket` are items rather than statements or declarations. */
export function holdsItems(text: string, bracket: Lexed['open'][number] | undefined, language: Language): boolean {
  if (bracket === undefined) return false;
  if (bracket.char !== '{') return true;
  if (bracket.offset - bracket.anchor > MAX_STATEMENT) return false;
  return kindOfBrace(text.slice(bracket.anchor, bracket.offset), language) === 'list';
}

export function closerOf(opener: string, language: Language): string {
  return language.brackets.find((pair) => pair[0] === opener)?.[1] ?? '';
}
