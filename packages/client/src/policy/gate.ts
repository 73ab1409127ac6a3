import { type CursorSyntax, languageOf } from '@ghostline/syntax';
import { firstLine, lastLine } from '../text/lines.ts';
import type { ClientSettings, CompletionQuery, DocumentSnapshot, Gate } from '../types.ts';

export interface GateInput extends Pick<CompletionQuery, 'document' | 'situation' | 'trigger'> {
  readonly settings: Pick<ClientSettings, 'afterDeletion' | 'prose'>;
  readonly syntax: () => Pick<CursorSyntax, 'scope' | 'afterComment'>;
}

/** Why nobody could be shown anything here, whoever asks. */
export function closedTo(
  { document, situation }: Pick<CompletionQuery, 'document' | 'situation'>,
  isExcluded: (path: string, uri: string, extract: 'text', language: string) => boolean,
): Gate | undefined {
  if (situation?.off) return situation.off;
  if (isExcluded(document.path, document.uri, 'text', document.language)) return 'excluded';
  return (situation?.cursors ?? 1) > 1 ? 'several-cursors' : undefined;
}

/** Why it does not pay to ask a model here without being told to. What is known already is shown all the same. */
export function gateAt({ document, situation, trigger, settings, syntax }: GateInput): Gate | undefined {
  if (trigger === 'manual') return undefined;
  if (situation?.onDemand) return 'on-demand';
  const { text, cursor } = document;
  const before = lastLine(text.slice(Math.max(0, cursor - LINE_LOOKED_AT), cursor));
  const after = firstLine(text.slice(cursor, cursor + LINE_LOOKED_AT));

  if (WORD_AT_START.test(after) && WORD_AT_END.test(before)) return 'mid-word';
  if (!leavesRoom(after, document)) return 'mid-line';
  if (!settings.afterDeletion && situation?.lastChange) return 'after-undo';
  if (situation?.selectedEntry && isMember(situation.selectedEntry, document)) return 'exact-entry';
  if (!settings.prose && isProse(before, syntax)) return 'prose';
  return undefined;
}

/** No line that is read by people is longer. */
const LINE_LOOKED_AT = 2000;

const WORD_AT_START = /^[\p{L}\p{N}_]/u;
const WORD_AT_END = /[\p{L}\p{N}_]$/u;

/**
 * What closes and ends, in any order, and perhaps opens a body: `);`, `}),`, `) => {`, `/>`, `</b>`. Copilot lets one sign
 * follow the closing brackets; where more of them follow, and in markup, there is as much to say.
 */
const ONLY_CLOSES = /^[\s)\]}>"'`;,:]*(?:(?:=>\s*)?\{\s*|(?:\/>|<\/[\w.:-]*>)[\s)\]}>"'`;,:]*)?$/;

/** Nothing stands after the cursor on its line but what closes, and perhaps a comment. */
function leavesRoom(after: string, { language }: DocumentSnapshot): boolean {
  if (ONLY_CLOSES.test(after)) return true;
  const { lineComment } = languageOf(language);
  const comment = lineComment === undefined ? -1 : after.indexOf(lineComment);
  return comment >= 0 && ONLY_CLOSES.test(after.slice(0, comment));
}

/**
 * The list of completions offers the rest of a member's name: the language server knows which there are, and ghost text
 * that does not go on from its entry would not be shown.
 */
function isMember({ text, start }: { text: string; start: number }, { text: code, cursor }: DocumentSnapshot): boolean {
  const typed = code.slice(start, cursor);
  return typed !== '' && text.startsWith(typed) && /(?:\.|->|::)\s*$/.test(code.slice(Math.max(0, start - 4), start));
}

/** Three words with spaces behind them, and perhaps a fourth begun: a sentence, where a model would invent. */
const SENTENCE = /\p{L}{2,}[ \t]+\p{L}+[ \t]+\p{L}+[ \t]+\p{L}*$/u;

function isProse(before: string, syntax: GateInput['syntax']): boolean {
  // Most lines are dismissed here, without parsing anything.
  if (!SENTENCE.test(before.replace(/[.,:;!?]$/, ' '))) return false;
  const { scope, afterComment } = syntax();
  return scope !== 'code' && !afterComment;
}
