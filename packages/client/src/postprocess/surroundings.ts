import type { Eol } from '../text/lines.ts';

/** The document around the cursor that a completion is made to fit. One object for each place: what is found out of it is kept with it. */
export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
  readonly eol: Eol;
  /** VS Code language id. */
  readonly language: string;
  /** How much is to be shown: one line, or a whole block. */
  readonly extent: 'line' | 'block';
  /** What a syntax tree says the cursor is in; without it the text tells. */
  readonly scope?: 'code' | 'comment' | 'string';
}
