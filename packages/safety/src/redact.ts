import { containsPlaceholder, placeholderFor } from './placeholder.ts';
import { redactPrivateKeys } from './private-keys.ts';

export interface Redaction {
  /** As long as the original, line breaks included. The original itself when nothing was found. */
  readonly text: string;
  readonly count: number;
}

/**
 * Tokens that tell what they are by their first letters (each provider's documented format). One pattern that begins with
 * `\b` costs a third of the same with a lookbehind; its repetitions are bounded so that bait cannot make it slow.
 */
const TOKEN = new RegExp(
  `\\b(?:${[
    'A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])', // AWS access key id
    'gh[pousr]_[A-Za-z0-9]{36,255}', // GitHub
    'github_pat_[A-Za-z0-9_]{22,255}',
    'gl(?:pat|dt|rt|ptt|cbt|ft|oas|soat|agent|imt|ffct)-[A-Za-z0-9_-]{20,255}', // GitLab
    'xox[abeoprs]-[A-Za-z0-9-]{10,255}', // Slack
    'xapp-[A-Za-z0-9-]{20,255}',
    '[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}', // Stripe
    'whsec_[A-Za-z0-9+/=]{24,255}',
    'npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])',
    'AIza[A-Za-z0-9_-]{35}', // Google
    'hf_[A-Za-z0-9]{30,255}', // Hugging Face
  ].join('|')})`,
  'g',
);

/** Starts only where a run of its characters does, so that each run is read a bounded number of times however long. */
const JSON_WEB_TOKEN = /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g;

/** OpenAI, Anthropic and those who copied their format; `sk-` begins class names, too, so the rest must look random. */
const SK_TOKEN = /(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,255}/g;

/** A literal assigned to, or compared with, what is named like a secret; on the same line or at the start of the next. */
const ASSIGNMENT =
  /(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]{0,40}["'`]?\]?[ \t]{0,8}(?::[ \t]{0,4}[A-Za-z]{1,20}[ \t]{0,4})?(?:=>|:=|={1,3}|:)[ \t]{0,8}(?:\r?\n[ \t]{0,80})?["'`]([^"'`\s]{10,512})(?=["'`])/gi;

/** Names and paths made of words: `refresh_token_v2`, `api/v1/login`. */
const WORDS = /^[_.:/@-]*[A-Za-z]+\d{0,2}(?:[_.:/@-]+[A-Za-z]+\d{0,2})*$/;

/**
 * Overwrites what looks like a secret with placeholders of the same length. Linear in the length of `text`: about 60 µs
 * for 30 KB of code without one, less than hashing its blocks to remember which are clean.
 */
export function redactSecrets(text: string): Redaction {
  const keys = redactPrivateKeys(text);
  let { count } = keys;
  const overwrite = (secret: string) => {
    count += 1;
    return placeholderFor(secret);
  };
  const redacted = keys.text
    .replace(TOKEN, overwrite)
    .replace(JSON_WEB_TOKEN, overwrite)
    .replace(SK_TOKEN, (token) => (looksRandom(token.slice(3)) ? overwrite(token) : token))
    .replace(ASSIGNMENT, (match: string, value: string) =>
      looksRandom(value) ? match.slice(0, -value.length) + overwrite(value) : match,
    );
  return { text: redacted, count };
}

/** Letters with digits among them, no name, path, URL or interpolation, and more than a few different characters. */
function looksRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  if (value.includes('://') || value.includes('${') || value.includes('{{') || containsPlaceholder(value)) return false;
  return !WORDS.test(value) && entropy(value) >= 2.8;
}

/** Shannon entropy in bits a character. Ten different characters have 3.3; `changeme123` has 3.3, `aaaa1111bb` 1.5. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
