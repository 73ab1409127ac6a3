import { createAssignments, secretNames } from './assignment.ts';
import { type Effort, createEffort, reachOf } from './effort.ts';
import { ownRules } from './own-rules.ts';
import { containsPlaceholder } from './placeholder.ts';
import { looksRandom } from './randomness.ts';
import { generatedRules } from './rules.generated.ts';
import type { FoundSecret, SecretRule } from './secret-rule.ts';
import { type WordScanner, createWordScanner } from './word-scanner.ts';

/** No placeholder is shorter, so nothing shorter is overwritten. */
const MIN_SECRET = 9;

/** The family of what was read too often to be judged. */
const UNDECIDED = 'undecided';

/** Passwords of examples, which protect nothing. */
const EXAMPLE_PASSWORD =
  /^(?:pass(?:word|wd)?|pwd|secret|changeme|example|x{3,}|\*{3,}|\.{3,}|test|root|admin|guest)$/i;

/** What is looked for has so many characters at least. */
const MIN_BEGINNING = 3;
const LOGIN = '://';

const names = new Set(secretNames);
const NONE: readonly FoundSecret[] = [];

/**
 * Every secret in `text` from `from` on, but private keys, in order and apart. One pass looks for the beginnings of all
 * rules and for names of secrets at once; only where one stands are its rules tried. A line that is made to have them tried
 * for ever is taken for a secret from its first beginning of one on (`undecided`).
 */
export function findSecrets(text: string, from = 0): readonly FoundSecret[] {
  const { scanner, rulesAt } = (lookup ??= createLookup());
  let found: FoundSecret[] | undefined;
  let assignedAt: ((at: number) => FoundSecret | undefined) | undefined;
  let effort: Effort | undefined;
  scanner.scan(text, from, (at, words) => {
    let furthest = at + 1;
    for (const word of words) {
      const rules = rulesAt.get(word);
      const secret =
        (rules && tryRules(text, at, rules, (effort ??= createEffort(text)))) ??
        (names.has(word) ? (assignedAt ??= createAssignments(text))(at) : undefined);
      if (!secret || (found && found.length > 0 && secret.end <= found.at(-1)!.end)) continue;
      (found ??= []).push(secret);
      // What is assigned may begin with a token of its own, which says more of it.
      if (secret.start === at) furthest = Math.max(furthest, secret.end);
    }
    return furthest;
  });
  return found ? apart(found) : NONE;
}

/** True when a known beginning of a secret, or a name of one, stands in `text`. */
export function namesOrBeginsSecret(text: string): boolean {
  const { scanner } = (lookup ??= createLookup());
  let occurs = false;
  scanner.scan(text, 0, () => {
    occurs = true;
    return text.length;
  });
  return occurs;
}

/** Says of each next chunk of a stream whether a name or a beginning of a secret may begin in it; quicker than looking. */
export function watchForSecrets(): (chunk: string) => boolean {
  return (lookup ??= createLookup()).scanner.watch();
}

/** Where the first known beginning of a token stands in `text` from `from` on. */
export function tokenBeginsAt(text: string, from: number): number | undefined {
  if (text.length - from < MIN_BEGINNING) return undefined;
  const { scanner } = (lookup ??= createLookup());
  let first: number | undefined;
  scanner.scan(text, from, (at, words) => {
    // Names only say what follows, and logins have characters of their own.
    if (!words.some((word) => !names.has(word) && word !== LOGIN)) return at + 1;
    first = at;
    return text.length;
  });
  return first;
}

interface CompiledRule extends SecretRule {
  readonly reach: number;
  pattern(): RegExp;
}

let lookup: ReturnType<typeof createLookup> | undefined;

/** Made when the first text is looked at: a client that never sends one does not pay for it. */
function createLookup() {
  const rules = [...generatedRules, ...ownRules].map(compiledWhenNeeded);
  const anchors = [...new Set(rules.flatMap((rule) => rule.anchors))];
  const rulesAt = new Map<string, CompiledRule[]>();
  for (const anchor of anchors)
    rulesAt.set(
      anchor,
      rules.filter((rule) => rule.anchors.includes(anchor)),
    );
  const scanner: WordScanner<string> = createWordScanner(
    anchors.filter((anchor) => !names.has(anchor)),
    secretNames,
  );
  return { scanner, anchors, rulesAt };
}

function compiledWhenNeeded(rule: SecretRule): CompiledRule {
  let compiled: RegExp | undefined;
  // With indices only where a part of the match is wanted: they cost as much as the match.
  const flags = `${rule.flags}y${rule.group === undefined ? '' : 'd'}`;
  return { ...rule, reach: reachOf(rule), pattern: () => (compiled ??= new RegExp(rule.source, flags)) };
}

/** The longest secret that begins where an anchor was found. */
function tryRules(text: string, at: number, rules: readonly CompiledRule[], effort: Effort): FoundSecret | undefined {
  let longest: FoundSecret | undefined;
  for (const rule of rules) {
    if (!effort.spend(at, rule.reach)) return undecided(effort);
    const pattern = rule.pattern();
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) continue;
    const [start, end] =
      rule.group === undefined ? [match.index, pattern.lastIndex] : (match.indices?.[rule.group] ?? [0, 0]);
    if (end - start < MIN_SECRET || (longest && longest.end >= end)) continue;
    if (isSecret(rule, text.slice(start, end))) longest = { start, end, family: rule.family };
  }
  return longest;
}

function undecided(effort: Effort): FoundSecret | undefined {
  const rest = effort.undecided();
  return rest && rest.end - rest.start >= MIN_SECRET ? { ...rest, family: UNDECIDED } : undefined;
}

function isSecret({ family, length, random }: SecretRule, secret: string): boolean {
  if (length !== undefined && secret.length !== length) return false;
  if (containsPlaceholder(secret)) return false;
  if (family === 'url') return isRealLogin(secret);
  return !random || looksRandom(secret.slice(secret.search(/[-_]/) + 1));
}

function isRealLogin(login: string): boolean {
  const colon = login.indexOf(':');
  const [user, password] = [login.slice(0, colon), login.slice(colon + 1)];
  return user !== password && !EXAMPLE_PASSWORD.test(password) && !/[%$]\w*\(?$|^[A-Z_]+$/.test(password);
}

/** In order of their beginning, those that overlap joined into one. */
function apart(found: readonly FoundSecret[]): readonly FoundSecret[] {
  const joined: FoundSecret[] = [];
  for (const next of found.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && next.start < last.end) {
      const { family } = next.family === UNDECIDED ? next : last;
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, next.end), family };
    } else joined.push(next);
  }
  return joined;
}
