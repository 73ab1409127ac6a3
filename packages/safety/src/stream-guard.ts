import { mayHoldAssignment, openAssignmentAt } from './assignment.ts';
import { openKeyBodyAt, redactPrivateKeys } from './private-keys.ts';
import { findSecrets, namesOrBeginsSecret, tokenBeginsAt, watchForSecrets } from './secret-finder.ts';

/** What a guard says of a stream so far. */
export type GuardVerdict =
  /** May be shown; more may be held back. */
  | { readonly kind: 'clean'; readonly text: string }
  /** The stream ends here: `text` may be shown, what comes after is a secret or begins the line of one. */
  | { readonly kind: 'secret'; readonly text: string; readonly family: string };

export interface StreamGuard {
  feed(chunk: string): GuardVerdict;
  /** What was held back, as no more is coming that would complete it. */
  end(): GuardVerdict;
}

/** No token that a rule knows is longer: what goes on like one for longer is taken for one. */
const MAX_HELD = 2048;
/** Of what was shown already: a name, what may stand between it and its value, and the beginning of their line. */
const MAX_CONTEXT = 256;
/** Cut to that when it is so long: cutting costs more than growing. */
const LONG_CONTEXT = 2048;
/** Longer than every word that is looked for. */
const TAIL = 24;
/** What follows the cursor may close a literal. */
const MAX_AFTER = 64;
/** The login of a URL whose host has not begun, so that it may be one. */
const OPEN_LOGIN = /^:\/\/[^\s:/@"'`<>{}$?#,;()\\]{0,100}(?::[^\s/@"'`<>{}$?#\\]{0,200}@?)?$/;
const MAX_LOGIN = 310;

/**
 * Lets a stream through but for secrets, wherever its chunks divide them. Held back is what may still become one, from where
 * the known beginning of a token is complete or a value begins; what has become one is never shown. Which secrets are found
 * does not depend on the chunks. The stream continues `before` and is followed by `after`.
 */
export function createStreamGuard(before: string, after = ''): StreamGuard {
  const follows = after.slice(0, MAX_AFTER);
  let context = before.slice(-MAX_CONTEXT);
  let held = '';
  /** While a word of a secret stands in the line or the one before it, every chunk is looked at closely. */
  let wary = namesOrBeginsSecret(lastTwoLines(context));
  const watch = watchForSecrets();
  watch(context.slice(-2));
  /** How many characters more may complete a word of which the first three have come. */
  let watched = 0;

  function pass(text: string): GuardVerdict {
    context += text;
    if (context.length > LONG_CONTEXT) context = context.slice(-MAX_CONTEXT);
    return { kind: 'clean', text };
  }

  function look(ended: boolean): GuardVerdict {
    const near = context.slice(-MAX_CONTEXT);
    const window = near + held;
    const shown = near.length;
    const open = ended ? window.length : openFrom(window);
    // All of it is open still.
    if (open <= shown && held.length <= MAX_HELD) return { kind: 'clean', text: '' };
    const judged = ended ? window + follows : window;
    const secret = firstSecret(judged, shown, open);
    if (secret) {
      const whole = judged.lastIndexOf('\n', secret.start - 1) + 1;
      held = '';
      return { kind: 'secret', text: window.slice(shown, Math.max(shown, whole)), family: secret.family };
    }
    const from = Math.max(shown, open);
    held = window.slice(from);
    if (held.length > MAX_HELD) {
      held = '';
      return { kind: 'secret', text: window.slice(shown, from), family: 'endless' };
    }
    const verdict = pass(window.slice(shown, from));
    if (held === '') wary = watched > 0 || namesOrBeginsSecret(lastTwoLines(context.slice(-MAX_CONTEXT)));
    return verdict;
  }

  return {
    feed(chunk) {
      watched = watch(chunk) ? TAIL : watched - chunk.length;
      if (!wary && watched > -chunk.length) wary = namesOrBeginsSecret(context.slice(-TAIL) + chunk);
      if (!wary) return pass(chunk);
      held += chunk;
      return look(false);
    },
    end: () => (held === '' ? { kind: 'clean', text: '' } : look(true)),
  };
}

/** The first secret that begins before `open` and ends after `shown`. */
function firstSecret(text: string, shown: number, open: number): { start: number; family: string } | undefined {
  const key = text.includes('PRIVATE KEY') ? firstChange(text, redactPrivateKeys(text).text, shown) : undefined;
  const token = findSecrets(text).find(({ start, end }) => start < open && end > shown);
  if (key !== undefined && !(token && token.start < key)) return { start: key, family: 'private-key' };
  return token;
}

function firstChange(text: string, changed: string, from: number): number | undefined {
  if (text === changed) return undefined;
  for (let at = from; at < text.length; at++) if (text[at] !== changed[at]) return at;
  return undefined;
}

/** Where begins what may still become a secret; the end of `text` when nothing may. */
function openFrom(text: string): number {
  let from = tokenBeginsAt(text, runStart(text)) ?? text.length;
  const login = text.lastIndexOf('://');
  if (login >= 0 && text.length - login <= MAX_LOGIN && OPEN_LOGIN.test(text.slice(login)))
    from = Math.min(from, login + 3);
  if (mayHoldAssignment(text)) from = Math.min(from, openAssignmentAt(text));
  return Math.min(from, openKeyBodyAt(text));
}

/** Where the last characters begin that a token may be made of: letters, digits and `_.~+/=:-`. */
function runStart(text: string): number {
  let at = text.length;
  while (at > 0 && isTokenCharacter(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function isTokenCharacter(code: number): boolean {
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return code !== 0x5b && code < 0x7f;
  // + - . / digits :
  return (code >= 0x2d && code <= 0x3a) || code === 0x2b || code === 0x3d || code === 0x5f || code === 0x7e;
}

/** An assignment may go over one line break. */
function lastTwoLines(text: string): string {
  const lineBreak = text.lastIndexOf('\n');
  return lineBreak <= 0 ? text : text.slice(text.lastIndexOf('\n', lineBreak - 1) + 1);
}
