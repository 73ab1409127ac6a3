import type { Position } from './positions.ts';

/** What a completer proposes at a position; undefined when it is silent. */
export interface Proposal {
  readonly text: string;
  readonly confidence?: number;
}

export interface Score {
  positions: number;
  /** How often it speaks. */
  spoke: number;
  /** Of those: the first token is what stands there; the first line is all that stands there; all that it says stands there. */
  firstToken: number;
  wholeLine: number;
  right: number;
  /** Characters of texts that are right, and of those that are not. */
  saved: number;
  wrong: number;
  /** Characters up to the first token that is not right: what who accepts word by word saves. */
  savedByWord: number;
  /** Characters taken out at all positions. */
  chars: number;
}

export function emptyScore(): Score {
  return {
    positions: 0,
    spoke: 0,
    firstToken: 0,
    wholeLine: 0,
    right: 0,
    saved: 0,
    wrong: 0,
    savedByWord: 0,
    chars: 0,
  };
}

export function addTo(score: Score, { truth }: Pick<Position, 'truth'>, proposal: Proposal | undefined): void {
  score.positions += 1;
  score.chars += truth.length;
  if (!proposal || proposal.text === '') return;
  const right = isRight(proposal.text, truth);
  score.spoke += 1;
  if (firstToken(proposal.text) === firstToken(truth)) score.firstToken += 1;
  if (firstLine(proposal.text) === firstLine(truth)) score.wholeLine += 1;
  if (right) {
    score.right += 1;
    score.saved += proposal.text.length;
  } else score.wrong += proposal.text.length;
  score.savedByWord += rightBeginning(proposal.text, truth);
}

/** All of it stands there, and it ends where a token ends: accepted as it is, nothing has to be taken back. */
export function isRight(text: string, truth: string): boolean {
  if (!truth.startsWith(text)) return false;
  return !(/\w$/.test(text) && /^\w/.test(truth.slice(text.length)));
}

/** Length of the longest beginning in whole tokens that is right. */
function rightBeginning(text: string, truth: string): number {
  let right = 0;
  for (const { index, 0: token } of text.matchAll(/\s*(?:\w+|[^\w\s]|$)/g)) {
    if (!isRight(text.slice(0, index + token.length), truth)) break;
    right = index + token.length;
  }
  return right;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0]!.trimEnd();
}

function firstToken(text: string): string {
  return /^\s*(?:[\w$]+|[^\w$\s])?/.exec(text)![0];
}
