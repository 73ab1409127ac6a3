import type { Language } from '../languages.ts';
import { type Lexed, indentAt, lex } from './lex.ts';
import { startOfLexing } from './line-facts.ts';
import { openedBefore } from './openings.ts';
import { lineStartAt } from './text.ts';

/** What is open where a text goes on. */
export interface OpenAtEnd {
  /** The block whose opening the end follows, with nothing but blanks and comments between. */
  readonly block: OpenedBlock | undefined;
  /** Brackets the last line leaves open, outermost first. */
  readonly brackets: string;
}

export interface OpenedBlock {
  /** Columns of indentation of the line that its statement begins on. */
  readonly indent: number;
  /** Brackets its statement leaves open, outermost first; empty when a word or colon opened it. */
  readonly brackets: string;
}

export function openAtEnd(prefix: string, language: Language): OpenAtEnd {
  const lexed = lex(prefix, startOfLexing(prefix, prefix.length), prefix.length, language);
  const opened = openedBefore(prefix, lexed, language);
  const brackets = openSince(lexed, lineStartAt(prefix, prefix.length));
  if (!opened || opened.kind === 'element') return { block: undefined, brackets };
  return { block: { indent: indentAt(prefix, lexed.anchor), brackets: openSince(lexed, lexed.anchor) }, brackets };
}

function openSince({ open }: Lexed, start: number): string {
  return open
    .filter(({ offset }) => offset >= start)
    .map(({ char }) => char)
    .join('');
}
