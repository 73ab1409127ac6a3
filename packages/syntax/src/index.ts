export type { Scope } from './code-scanner.ts';
export { describeCursor } from './cursor/describe.ts';
export type { GrammarSource } from './cursor/grammars.ts';
export {
  type Syntax,
  type SyntaxChange,
  type SyntaxDocument,
  type SyntaxOptions,
  createSyntax,
} from './cursor/syntax.ts';
export type { CursorSyntax, EnclosingBlock } from './cursor/types.ts';
export { type Language, grammarNames, languageOf, languageOfPath } from './languages.ts';
export { wantsMultiline } from './multiline.ts';
export { type StopRule, type StopRuleInput, type StopVerdict, createStopRule } from './stop-rule.ts';
export {
  type BracketScan,
  type BracketScanner,
  autoClosed,
  createBracketScanner,
  isSubsequence,
  leadingClosers,
  scanBrackets,
} from './brackets.ts';
