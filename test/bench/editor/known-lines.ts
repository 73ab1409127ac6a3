/** The text that both the scripted model and the floor extension know: a line for each number, told by the line before it. */
import type { CompletionRequest } from '@ghostline/protocol';
import type { Answer } from '../../harness/scripted-server.ts';

export const lineOf = (number: number): string => `rows.push(makeRow(table, ${number}));`;

/** As many lines as a client that asks for 64 tokens gets. */
const LINES_AT_ONCE = 4;

/** The next known line after this one; undefined when it is none. */
function after(line: string, ahead = 1): string | undefined {
  const number = /(\d+)\)\);$/.exec(line)?.[1];
  return number && lineOf(Number(number) + ahead);
}

/** A model that takes `modelMs` before its first word, and goes on beyond the line only at the end of a document. */
export function knowsLines(modelMs: number): (request: CompletionRequest) => Answer {
  return ({ prefix, suffix = '' }) => {
    const text = textAfter(prefix.split('\n'), suffix.trim() === '');
    return text === undefined
      ? { kind: 'empty', reason: 'silent', afterMs: modelMs }
      : { kind: 'text', chunks: [text], afterMs: modelMs };
  };
}

function textAfter(lines: readonly string[], isLast: boolean): string | undefined {
  const typed = lines.at(-1) ?? '';
  const before = after(typed) ? typed : (lines.at(-2) ?? '');
  const line = after(before);
  if (line === undefined) return undefined;
  const beyond = Array.from({ length: LINES_AT_ONCE - 1 }, (_, index) => `\n${after(before, index + 2)}`).join('');
  if (before === typed) return isLast ? `\n${line}${beyond}` : undefined;
  if (typed === '' || !line.startsWith(typed)) return undefined;
  return line.slice(typed.length) + (isLast ? beyond : '');
}
