import type { Scope } from '../code-scanner.ts';

/**
 * What stands at the cursor. The tree of a grammar and the lines alone answer the same questions; both are decided in
 * `decide.ts` from `CursorFacts`, so that they differ only where lines cannot tell.
 */
export interface CursorSyntax {
  /**
   * What a character typed at the cursor would belong to. Between the quotes of a string, in a literal of a regular
   * expression or a here-document: `string`. From a comment's first character of text to its end, the end of the line
   * included; in Python's docstrings, too: `comment`. Interpolated code and the text of elements: `code`.
   */
  readonly scope: Scope;
  /**
   * The cursor follows a comment that says in words what code is to come: at the end of the comment's last line with no
   * code on the line below, or on the blank line right below it. The comment has its lines to itself, is complete, has
   * at least two words, and is no directive, licence, heading or code that was commented out.
   */
  readonly afterComment: boolean;
  /**
   * Several lines are wanted. Either an empty construct is open before the cursor (nothing in it but blank and comment
   * lines): the body of a block, or a list or element that is spread over lines. Or `afterComment`, where statements or
   * members stand.
   */
  readonly wantsBlock: boolean;
  /** The innermost enclosing block, list or element that could be found; absent at the top level. */
  readonly block: EnclosingBlock | undefined;
  /** Who says so. */
  readonly by: 'tree' | 'lines';
}

export interface EnclosingBlock {
  /** Columns of indentation of the line that its construct begins on. */
  readonly indent: number;
  /** Nothing but blanks and comments in it. */
  readonly empty: boolean;
  /** Offset of the bracket, word or dedented line that ends it; absent where it is not closed, or not near. */
  readonly end: number | undefined;
}

/** Offsets count in the text the facts were found in. */
export interface CursorFacts extends FactsToDecide {
  readonly block: EnclosingBlock | undefined;
}

/** What `decide` needs to know. */
export interface FactsToDecide {
  readonly scope: Scope;
  /** Offset after the last character of code or string before the cursor; 0 without one. */
  readonly codeEnd: number;
  /** The comments between there and the cursor, in order; the last one may go on after the cursor. */
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  /** Offset of the first character of code after the cursor, the text's length without one. */
  readonly nextCode: number;
  /** What the code right before the cursor and its comments opens. */
  readonly opened: Opened | undefined;
  /** Whether the cursor stands between the items of a list, an argument of a call for one. */
  readonly inList: boolean;
}

/** Something was opened and holds nothing yet, up to the cursor. */
export interface Opened {
  /** `body`: of statements, declarations or rules. `list`: arguments, items, entries, names. `element`: of markup. */
  readonly kind: 'body' | 'list' | 'element';
  /** Columns of indentation of the line that the construct begins on. */
  readonly indent: number;
  /** What may close it; empty when only dedenting does. */
  readonly closers: readonly string[];
  /** Whether nothing follows in it either, where that is certain; by indentation otherwise. */
  readonly empty: boolean | undefined;
}
