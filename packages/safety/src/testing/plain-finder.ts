import { ownRules } from '../own-rules.ts';
import { containsPlaceholder } from '../placeholder.ts';
import { generatedRules } from '../rules.generated.ts';
import type { FoundSecret, SecretRule } from '../secret-rule.ts';

/**
 * What is a secret, said as plainly as it can be and as slowly: every rule at every place, each assignment as one expression,
 * nothing remembered and nothing given up.
 */
export function plainlyFound(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (let at = 0; at < text.length; at++) {
    const secret = byRules(text, at) ?? assignedAt(text, at);
    if (!secret || secret.end <= (found.at(-1)?.end ?? 0)) continue;
    found.push(secret);
    // Nothing within a token is looked at again.
    if (secret.start === at) at = secret.end - 1;
  }
  return found;
}

const rules = [...generatedRules, ...ownRules].map((rule) => ({
  rule,
  pattern: new RegExp(rule.source, `${rule.flags}dy`),
}));

/** The longest that begins at that place. */
function byRules(text: string, at: number): FoundSecret | undefined {
  let longest: FoundSecret | undefined;
  for (const { rule, pattern } of rules) {
    pattern.lastIndex = at;
    const span = pattern.exec(text)?.indices?.[rule.group ?? 0];
    if (!span) continue;
    const [start, end] = span;
    if (end - start < 9 || end <= (longest?.end ?? 0) || !isSecret(rule, text.slice(start, end))) continue;
    longest = { start, end, family: rule.family };
  }
  return longest;
}

function isSecret({ family, length, random }: SecretRule, secret: string): boolean {
  if ((length !== undefined && secret.length !== length) || containsPlaceholder(secret)) return false;
  if (family !== 'url') return !random || isRandom(secret.slice(secret.search(/[-_]/) + 1), 2.8);
  const [user, ...rest] = secret.split(':');
  const password = rest.join(':');
  const example = /^(?:pass(?:word|wd)?|pwd|secret|changeme|example|x{3,}|\*{3,}|\.{3,}|test|root|admin|guest)$/i.test(
    password,
  );
  return user !== password && !example && !/[%$]\w*\(?$|^[A-Z_]+$/.test(password);
}

const NAME =
  '(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|(?<=(?:api|access|private|auth|encryption|signing|master)[_-]?)key)';
const LITERAL = new RegExp(
  `${NAME}[\\w-]{0,40}["'\`]?\\]?[ \\t]{0,8}(?::[ \\t]{0,4}[A-Za-z]{1,20}[ \\t]{0,4})?(?:=>|:=|={1,3}|:)[ \\t]{0,8}(?:\\r?\\n[ \\t]{0,80})?["'\`]([^"'\`\\s]{10,512})(?=["'\`])`,
  'diy',
);
const SETTING = new RegExp(
  `${NAME}[A-Z_]{0,20}[ \\t]{0,4}[=:][ \\t]{0,4}([A-Za-z0-9_.~+/!@#%^&*=-]{12,512})[ \\t]{0,8}$`,
  'dimy',
);
const SETTING_BEGINS = /^[ \t]{0,40}(?:-[ \t]{1,4})?(?:export[ \t]{1,4}|ENV[ \t]{1,4}|set[ \t]{1,4})?[\w.-]{0,60}$/i;
const NAME_OR_VERSION = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|^v?\d+\.\d+/;

function assignedAt(text: string, at: number): FoundSecret | undefined {
  LITERAL.lastIndex = at;
  const literal = LITERAL.exec(text);
  if (literal) return isRandom(literal[1]!, 2.8) ? assigned(literal) : undefined;
  SETTING.lastIndex = at;
  const setting = SETTING.exec(text);
  if (!setting || NAME_OR_VERSION.test(setting[1]!) || !isRandom(setting[1]!, 3.2)) return undefined;
  const beginning = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return beginning.length <= 110 && SETTING_BEGINS.test(beginning) ? assigned(setting) : undefined;
}

function assigned({ indices }: RegExpExecArray): FoundSecret {
  const [start, end] = indices![1]!;
  return { start, end, family: 'assigned' };
}

function isRandom(value: string, minBits: number): boolean {
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value) || containsPlaceholder(value)) return false;
  if (/:\/\/|\$\{|\$\(|\{\{|%[sd(]|#\{|<[A-Za-z]/.test(value)) return false;
  if (/^[_.:/@-]*[A-Za-z]+\d{0,5}(?:[_.:/@-]+(?:[A-Za-z]+\d{0,5}|\d{1,5}))*$/.test(value)) return false;
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits >= minBits;
}
