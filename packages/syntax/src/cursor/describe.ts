import { languageOf } from '../languages.ts';
import { decide } from './decide.ts';
import { factsToDecide, lineFacts } from './line-facts.ts';
import { type TextAround, joined } from './text.ts';
import type { CursorSyntax } from './types.ts';

/**
 * What stands at the cursor, as lines, brackets and quotes tell: for languages without a grammar, while it is loading,
 * and where only part of a document is known, as on the server. Offsets count in `prefix + suffix`. `language` is a
 * VS Code language id.
 */
export function describeCursor(prefix: string, suffix: string, language: string): CursorSyntax {
  return describe({ text: joined(prefix, suffix), before: prefix, after: suffix }, language);
}

/** Of that only whether several lines are wanted: without looking for the end of what encloses the cursor. */
export function wantsBlock(prefix: string, suffix: string, id: string): boolean {
  const language = languageOf(id);
  const around = { text: joined(prefix, suffix), before: prefix, after: suffix };
  const facts = factsToDecide(around, language);
  return decide(around.text, prefix.length, facts, language).wantsBlock;
}

/** The same for a document. */
export function describeLines(text: string, cursor: number, language: string): CursorSyntax {
  return describe({ text, before: text.slice(0, cursor), after: text.slice(cursor) }, language);
}

function describe(around: TextAround, id: string): CursorSyntax {
  const language = languageOf(id);
  const facts = lineFacts(around, language);
  return { ...decide(around.text, around.before.length, facts, language), block: facts.block, by: 'lines' };
}
