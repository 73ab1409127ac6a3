import { createExclusions, redactSecrets } from '@ghostline/safety';

/** What of the user's text may leave the editor. */
export interface TextRules {
  readonly isExcluded: (path: string) => boolean;
  readonly redact: (text: string) => string;
}

/** Builds the rules for a list of globs, and remembers them until the list changes: the setting is read at each keystroke. */
export function createTextRules() {
  let globs: string | undefined;
  let isExcluded = createExclusions();

  return {
    with(exclude: readonly string[]): TextRules {
      const wanted = exclude.join('\n');
      if (wanted !== globs) {
        globs = wanted;
        isExcluded = createExclusions(exclude);
      }
      return { isExcluded, redact: (text) => redactSecrets(text).text };
    },
  };
}
