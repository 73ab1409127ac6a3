import { hash } from 'node:crypto';
import { createMac } from '../mac.ts';
import { settledEnd } from '../prompt/known-texts.ts';
import type { Prompt } from '../prompt/prompt.ts';

/** Raised when the same prompt would be answered or stored differently than before. */
const VERSION = 3;

export interface CacheScope {
  readonly org: string;
  /** Digest of everything but the prompt that decides an answer: see `policyEpoch`. */
  readonly epoch: string;
}

/** The names of one prompt. */
export interface PromptKey {
  readonly org: string;
  /** Of exactly this prompt: equal for everybody in the organisation who sees the same. */
  readonly exact: string;
  /** The same under the secrets before this one, as other gateways may still store it. Computed when called. */
  readonly previous: () => readonly string[];
  /** Of all but the text around the cursor and how much may be said: for reuse within one user's workspace only. */
  readonly context: string;
  /** Digest of the prefix; see `digestOfPrefix`. Computed when called. */
  readonly prefix: () => string;
}

/** Equal for equal texts. Not keyed: whoever can guess a text can check it, so this never leaves the process. */
export function digestOf(text: string): string {
  return hash('sha256', bytesOf(text), 'base64url');
}

/** The same, of a text that grows: its beginning need not be read again while that stays. */
export function digestOfPrefix(prefix: string): string {
  const end = settledEnd(prefix);
  return digestOf(prefix.slice(0, end)) + digestOf(prefix.slice(end));
}

/** Holds most texts; used within one turn only. */
const scratch = Buffer.allocUnsafeSlow(128 * 1024);

/**
 * The text as V8 holds it, which is copied as it is where UTF-8 is computed; the first byte tells which of the two forms. That
 * it is ASCII is counted in a fifth of the time of a regular expression: 2.4 µs for a prefix of 14 KB, not 13.
 */
function bytesOf(text: string): Buffer {
  const ascii = Buffer.byteLength(text) === text.length;
  const length = 1 + (ascii ? text.length : 2 * text.length);
  const bytes = length > scratch.length ? Buffer.allocUnsafe(length) : scratch.subarray(0, length);
  bytes[0] = ascii ? 1 : 2;
  bytes.write(text, 1, ascii ? 'latin1' : 'utf16le');
  return bytes;
}

/**
 * Names for prompts: a keyed hash over all that decides the answer, so that whoever sees keys learns nothing about code.
 * Two organisations never share a name. Texts go in as digests: those that stay while somebody types are known, so that a
 * keystroke costs the hash of the last lines.
 */
export function createCacheKeys(
  secret: Uint8Array,
  previousSecrets: readonly Uint8Array[] = [],
): (prompt: Prompt, scope: CacheScope) => PromptKey {
  const mac = createMac(secret);
  const previousMacs = previousSecrets.map(createMac);
  return (prompt, { org, epoch }) => {
    const { prefix, snippets, known, sampling } = prompt;
    // JSON has no line break: what is put together with one has one reading.
    const context = JSON.stringify([
      VERSION,
      org,
      epoch,
      sampling.candidates,
      sampling.temperature,
      prompt.language,
      prompt.path,
      snippets.map(({ name }, index) => [name, known.snippets[index]!.once(digestOf)]),
    ]);
    const head = known.head.once(digestOf);
    const tail = prefix.slice(known.head.text.length);
    // The tail comes last, as it may have line breaks. Halves of characters would all become the same in UTF-8.
    const rest = tail.isWellFormed() ? `\n${tail}` : JSON.stringify(tail);
    const exact = `${context}\n${sampling.maxTokens}\n${prompt.multiline}\n${known.suffix.once(digestOf)}\n${head}${rest}`;
    return {
      org,
      exact: mac.text(exact),
      previous: () => previousMacs.map((each) => each.text(exact)),
      context,
      prefix: () => head + digestOf(tail),
    };
  };
}
