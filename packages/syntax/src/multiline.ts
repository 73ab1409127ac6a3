import { languageOf } from './languages.ts';
import { indentOf, nextFilledLine, openedBlock } from './layout.ts';

/**
 * True when a completion at the cursor should fill a block: the cursor is at the end of a line that opens one, or on a
 * blank line below it, and the block is still empty. Everywhere else one line is what people read and accept. Looks at
 * lines and brackets only. `language` is a VS Code language id.
 */
export function wantsMultiline(prefix: string, suffix: string, language: string): boolean {
  const lineEnd = suffix.indexOf('\n');
  if ((lineEnd < 0 ? suffix : suffix.slice(0, lineEnd)).trim() !== '') return false;
  const block = openedBlock(prefix, languageOf(language));
  if (!block) return false;
  const below = nextFilledLine(suffix);
  return below === undefined || indentOf(below) <= block.indent;
}
