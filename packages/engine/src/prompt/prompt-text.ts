import { PromptPiece } from '@ghostline/inference';
import type { KnownText } from './known-texts.ts';

/** Text of a prompt, put together from texts that are kept and others. */
export type PromptText = string | PromptPiece | readonly PromptText[];

/** A text that comes again, as the same piece. */
export function pieceOf(known: KnownText): PromptPiece {
  return known.once(known.kept ? toKeptPiece : toPiece);
}

function toKeptPiece(text: string): PromptPiece {
  return new PromptPiece(text, true);
}

function toPiece(text: string): PromptPiece {
  return new PromptPiece(text);
}

/** Tag of a template literal: what stands in it, with its pieces whole. */
export function promptText(words: TemplateStringsArray, ...texts: readonly PromptText[]): PromptText {
  const parts: PromptText[] = [words[0]!];
  for (let index = 0; index < texts.length; index++) parts.push(texts[index]!, words[index + 1]!);
  return parts;
}

/** The pieces in which `text` is sent; what stands between those that are kept becomes one. */
export function piecesOf(text: PromptText): readonly PromptPiece[] {
  const pieces: PromptPiece[] = [];
  let between = '';
  const add = (part: PromptText): void => {
    if (typeof part === 'string') between += part;
    else if (part instanceof PromptPiece) {
      if (between !== '') pieces.push(new PromptPiece(between));
      between = '';
      pieces.push(part);
    } else for (const each of part) add(each);
  };
  add(text);
  if (between !== '') pieces.push(new PromptPiece(between));
  return pieces;
}

/** All of `text` as one string. */
export function plain(text: PromptText): string {
  if (typeof text === 'string') return text;
  return text instanceof PromptPiece ? text.text : text.map(plain).join('');
}

/** `text` with each of its parts as `change` has it. */
export function changed(text: PromptText, change: (text: string) => string): PromptText {
  if (typeof text === 'string') return change(text);
  if (!(text instanceof PromptPiece)) return text.map((part) => changed(part, change));
  const other = change(text.text);
  return other === text.text ? text : other;
}
