import { placeholderFor } from './placeholder.ts';
import { redactPrivateKeys } from './private-keys.ts';
import { findSecrets } from './secret-finder.ts';
import type { FoundSecret } from './secret-rule.ts';

export interface Redaction {
  /** As long as the original, line breaks included. The original itself when nothing was found. */
  readonly text: string;
  readonly count: number;
  /** Of each secret found, the family of the rule that found it. */
  readonly families: readonly string[];
}

const NO_FAMILIES: readonly string[] = [];

/** Overwrites what looks like a secret with placeholders of the same length. Linear in the length of `text`. */
export function redactSecrets(text: string): Redaction {
  const keys = redactPrivateKeys(text);
  const found = findSecrets(keys.text);
  return redactionOf(overwrite(keys.text, found, 0), keys.count, found);
}

export function redactionOf(text: string, keys: number, found: readonly FoundSecret[]): Redaction {
  const count = keys + found.length;
  if (count === 0) return { text, count, families: NO_FAMILIES };
  return { text, count, families: [...Array<string>(keys).fill('private-key'), ...found.map(({ family }) => family)] };
}

/** `text` from `from` on with what was found in it overwritten. */
export function overwrite(text: string, found: readonly FoundSecret[], from: number): string {
  if (found.length === 0) return from === 0 ? text : text.slice(from);
  let redacted = '';
  let at = from;
  for (const { start, end } of found) {
    redacted += text.slice(at, start) + placeholderFor(text.slice(start, end));
    at = end;
  }
  return redacted + text.slice(at);
}
