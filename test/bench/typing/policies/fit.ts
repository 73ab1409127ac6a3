import type { DocumentSnapshot, Outcome, Suggestion } from '@ghostline/client';
import { type Place, placeOf, restOfLine } from './request.ts';

/** Text that a policy has for a place. */
export interface Known extends Place {
  readonly id: string;
  readonly text: string;
}

/** Nothing but what closes may follow the cursor on its line: Copilot's rule, which Tabby's and others' come close to. */
const ONLY_CLOSES = /^\s*[)>}\]"'`]*\s*[:{;,]?\s*$/;

export function isAskedHere({ suffix }: Place): boolean {
  return ONLY_CLOSES.test(restOfLine(suffix));
}

/** What is left of `known` when the user has typed along since; undefined when anything else was typed, or all of it. */
export function leftOf({ prefix, suffix, text }: Known, now: Place): string | undefined {
  if (now.suffix !== suffix || !now.prefix.startsWith(prefix)) return undefined;
  const typed = now.prefix.slice(prefix.length);
  return typed.length < text.length && text.startsWith(typed) ? text.slice(typed.length) : undefined;
}

/** The answer without blank lines at its end; nothing when it only repeats the next line, as every client drops it. */
export function cleaned(text: string, { suffix }: Place): string {
  const trimmed = text.replace(/\s+$/, '');
  const following = suffix
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '');
  return trimmed.trim() === '' || trimmed.trim() === following?.trim() ? '' : trimmed;
}

export function toSuggestion(
  document: DocumentSnapshot,
  text: string,
  id: string,
  source: Suggestion['source'],
): Suggestion {
  const { cursor } = document;
  return {
    viewId: id,
    completionId: id,
    choice: 0,
    text,
    range: { start: cursor, end: cursor + covered(text, restOfLine(placeOf(document).suffix)) },
    source,
    model: 'oracle',
    region: 'replay',
    latencyMs: 0,
    complete: true,
  };
}

/** How many characters after the cursor the text writes again, as Copilot's `checkSuffix` counts them. */
function covered(text: string, rest: string): number {
  if (rest.trim() === '') return 0;
  if (text.includes(rest)) return rest.length;
  let at = -1;
  for (const char of rest) {
    const next = text.indexOf(char, at + 1);
    if (next < 0) return 0;
    at = next;
  }
  return rest.length;
}

/** The outcome of showing all of `known`, which was asked for this very place. */
export function suggested(
  document: DocumentSnapshot,
  { id, text }: Pick<Known, 'id' | 'text'>,
  source: Suggestion['source'],
): Outcome {
  if (text === '') return { kind: 'empty', reason: 'silent' };
  return { kind: 'suggested', suggestions: [toSuggestion(document, text, id, source)] };
}
