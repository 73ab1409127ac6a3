import type { Eol } from '../text/lines.ts';

/** The document around the cursor that a completion is made to fit. One object for each place: what is found out of it is kept with it. */
export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
  /** False where the document begins before the prefix, and where it goes on after the suffix. */
  readonly startsDocument?: boolean;
  readonly endsDocument?: boolean;
  readonly eol: Eol;
  /** VS Code language id. */
  readonly language: string;
  /** How much is to be shown: one line, or a whole block. */
  readonly extent: 'line' | 'block';
  /** What a syntax tree says the cursor is in; without it the text tells. */
  readonly scope?: 'code' | 'comment' | 'string';
}
