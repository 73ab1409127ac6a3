import { wantsBlock } from './cursor/describe.ts';

/**
 * True when a completion at the cursor should have several lines, as far as lines and brackets tell: where a block,
 * list or element is open and empty, and after a comment that describes code to come. Everywhere else one line is what
 * people read and accept. For ends that know no grammar: who asks them and knows one says `always` or `never`.
 * `language` is a VS Code language id.
 */
export function wantsMultiline(prefix: string, suffix: string, language: string): boolean {
  return wantsBlock(prefix, suffix, language);
}
